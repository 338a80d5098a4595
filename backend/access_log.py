"""One line per request: method, path, function, status, time. Never a header, a query string or a body."""

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("backend.access")
_QUIET = frozenset({"/health", "/metrics", "/version"})


class AccessLog:
    """ASGI middleware; health checks and scrapes are logged only when they fail."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, then log it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        status = "closed" if scope["type"] == "websocket" else "500"
        started = time.monotonic()

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, note_status)
        finally:
            if scope["path"] not in _QUIET or status != "200":
                elapsed_ms = (time.monotonic() - started) * 1000
                function = scope.get("state", {}).get("function", "-")
                method = scope.get("method", "WEBSOCKET")
                # The function's name is the client's text: repr keeps it on one line.
                log.info("%s %r %r %s %.1f ms", method, scope["path"][:200], function[:200], status, elapsed_ms)
