"""`python -m web`: reads the environment, serves until SIGTERM, then ends live connections and leaves."""

import argparse
import asyncio
import contextlib
import logging
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from typing import Final

import uvicorn

from web.app import create_app
from web.convex_backend import ConvexBackend
from web.errors import ConfigurationError
from web.settings import Settings, settings_from
from web.streams import StreamLimit

GRACE_S: Final = 5
_BACKLOG: Final = 2048
EXIT_CANNOT_LISTEN: Final = 1

_HELP: Final = """\
environment:
  CONVEX_URL                    the backend's address (required)
  NODE_ENV                      production (the default) or development
  FONDATION_TOKEN_FILE          file with the access token; required in production
  FONDATION_BACKEND_KEY_FILE    file with the backend's key; absent: no key
  FONDATION_LOCAL_REPOSITORIES  folder of bare repositories that may be submitted; absent: none
  FONDATION_MERMAID             file mermaid.min.js; absent: diagrams are shown as text
  FONDATION_HOST, FONDATION_PORT  where to listen; 127.0.0.1 and 8000
  FONDATION_METRICS_PORT        port of the metrics, for Prometheus alone; absent: none

exit codes: 0 stopped by a signal, 1 cannot listen, 2 usage, 78 the environment is wrong
"""


class WebServer(uvicorn.Server):
    """A server that ends live connections before it waits for the open ones."""

    def __init__(self, config: uvicorn.Config, streams: StreamLimit) -> None:
        super().__init__(config)
        self._streams = streams

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop accepting, end live connections, finish the rest."""
        self._streams.close()
        await super().shutdown(sockets)


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the program and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m web",
        description="Fondation's web application: submit a repository, follow its job, read its course.",
        epilog=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.parse_args(arguments)
    try:
        settings = settings_from(environment)
    except ConfigurationError as error:
        for problem in error.problems:
            sys.stderr.write(f"web: {problem}\n")
        return error.exit_code
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    return asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> int:
    app = create_app(settings, ConvexBackend(settings.convex_url, settings.backend_key))
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        h11_max_incomplete_event_size=32 << 10,
    )
    try:
        listener = _listener(settings.host, settings.port)
    except OSError as error:
        sys.stderr.write(
            f"web: cannot listen on {settings.host}:{settings.port} ({error.strerror}): stop what uses it, "
            "or set FONDATION_HOST and FONDATION_PORT\n"
        )
        return EXIT_CANNOT_LISTEN
    with listener, contextlib.ExitStack() as stack:
        if settings.metrics_port is not None:
            try:
                stack.enter_context(app.state.metrics.served(settings.host, settings.metrics_port))
            except OSError as error:
                sys.stderr.write(
                    f"web: cannot serve metrics on {settings.host}:{settings.metrics_port} ({error.strerror}): "
                    "stop what uses it, or set FONDATION_METRICS_PORT\n"
                )
                return EXIT_CANNOT_LISTEN
        host, port = listener.getsockname()[:2]
        logging.getLogger("web").info("listening on http://%s:%s", host, port)
        await WebServer(config, app.state.site.streams).serve(sockets=[listener])
    return 0


def _listener(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        # Here, not when the server starts: the log says that it listens, and a request in between would be refused.
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
