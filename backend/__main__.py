"""`python -m backend`: serves until SIGTERM or SIGINT."""

import logging
import os
import signal
import socket
import sys

import uvicorn
from starlette.applications import Starlette

from backend.app import create_app
from backend.errors import AddressError, StartError
from backend.http_api import BODY_MAX_BYTES
from backend.settings import HELP, Settings

_USAGE = 64
_BACKLOG = 512
_SHUTDOWN_S = 10


def main(arguments: list[str]) -> int:
    """Run the backend; return the exit code."""
    if arguments in (["--help"], ["-h"]):
        sys.stdout.write(HELP)
        return 0
    if arguments:
        sys.stderr.write(f"unknown argument {arguments[0]!r}\n{HELP}")
        return _USAGE
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO, stream=sys.stderr)
    # Its messages about connections would double the access log.
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    try:
        settings = Settings.from_environment(os.environ)
        listener = listen(settings)
        app = create_app(settings)
    except StartError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    host, port = listener.getsockname()[:2]
    logging.getLogger("backend").info("listening on http://%s:%d, database %s", host, port, settings.database)
    server = uvicorn.Server(server_config(app))
    # uvicorn raises the signal again after its clean stop; with a handler of ours in place the exit code stays 0.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: setattr(server, "should_exit", True))
    server.run(sockets=[listener])
    return 0 if server.started else 1


def server_config(app: Starlette) -> uvicorn.Config:
    """Return how uvicorn serves the application."""
    return uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        ws="websockets-sansio",
        ws_max_size=BODY_MAX_BYTES,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=_SHUTDOWN_S,
        server_header=False,
    )


def listen(settings: Settings) -> socket.socket:
    """Return the listening socket, or raise AddressError."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only for sockets that name TCP; with it on, a Transition right behind a
    # MutationResponse waits 40 ms for the client's delayed acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise AddressError(
            f"FONDATION_HOST={settings.host} FONDATION_PORT={settings.port}: cannot listen there ({error.strerror}): "
            "stop what uses the port, or choose another",
        ) from error
    return listener


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
