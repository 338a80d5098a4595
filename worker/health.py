"""Health and metrics over HTTP, on a thread of its own.

`/health/live`: does the loop run; a process that does not pass should be restarted. `/health/ready`: does the worker
claim jobs; says why not. Neither asks the backend or a model.
"""

import json
import logging
import socket
import socketserver
import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from wsgiref.types import StartResponse, WSGIEnvironment

from worker.errors import StartupError
from worker.metrics import Metrics
from worker.readiness import Readiness

_REQUEST_TIMEOUT_S: Final = 5.0
_JSON: Final = "application/json; charset=utf-8"
_METRICS: Final = "text/plain; version=0.0.4; charset=utf-8"

_LOG: Final = logging.getLogger(__name__)

Answer = tuple[HTTPStatus, str, bytes]


class HealthApp:
    """The WSGI application."""

    def __init__(self, readiness: Readiness, metrics: Metrics) -> None:
        self._readiness = readiness
        self._metrics = metrics
        self._routes: dict[str, Callable[[], Answer]] = {
            "/health/live": self._live,
            "/health/ready": self._ready,
            "/metrics": self._render,
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer GET and HEAD of the three paths."""
        route = self._routes.get(str(environ.get("PATH_INFO", "")))
        if environ.get("REQUEST_METHOD") not in {"GET", "HEAD"}:
            answer = _json(HTTPStatus.METHOD_NOT_ALLOWED, {"error": "only GET is answered here"})
        elif route is None:
            answer = _json(HTTPStatus.NOT_FOUND, {"error": "no such page", "pages": sorted(self._routes)})
        else:
            answer = route()
        status, content_type, body = answer
        headers = [
            ("Content-Type", content_type),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
        ]
        start_response(f"{status.value} {status.phrase}", headers)
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]

    def _live(self) -> Answer:
        if (stalled_s := self._readiness.stalled_s) is not None:
            return _json(HTTPStatus.SERVICE_UNAVAILABLE, {"status": "stalled", "seconds": round(stalled_s, 1)})
        return _json(HTTPStatus.OK, {"status": "alive"})

    def _ready(self) -> Answer:
        reasons = self._readiness.reasons
        if reasons:
            return _json(HTTPStatus.SERVICE_UNAVAILABLE, {"status": "not ready", "reasons": dict(reasons)})
        return _json(HTTPStatus.OK, {"status": "ready"})

    def _render(self) -> Answer:
        self._metrics.ready.set(0 if self._readiness.reasons else 1)
        return HTTPStatus.OK, _METRICS, self._metrics.render()


class HealthServer:
    """Serves an application until it is closed."""

    def __init__(self, app: HealthApp, *, host: str, port: int) -> None:
        """Bind the port; 0 chooses a free one.

        Raises:
            StartupError: The address is taken or not ours.
        """
        try:
            self._server = _Server((host, port), _Handler)
        except OSError as error:
            raise StartupError(
                f"the health port {host}:{port} cannot be used ({error.strerror}); "
                "end what holds it or set FONDATION_HEALTH_PORT"
            ) from error
        self._server.set_app(app)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="health", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port that was bound."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 32

    def server_bind(self) -> None:
        # The base class asks the name service for this host's full name, which may take long and is not needed.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()

    def handle_error(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        del request
        _LOG.debug("a health request from %s failed", client_address, exc_info=True)


class _Handler(WSGIRequestHandler):
    timeout = _REQUEST_TIMEOUT_S

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        _LOG.debug("health: " + format, *args)


def _json(status: HTTPStatus, value: object) -> Answer:
    return status, _JSON, json.dumps(value).encode() + b"\n"
