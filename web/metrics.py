"""The web page's metrics, on a port of their own that nothing publishes: a visitor cannot reach them.

No label carries a path, a job or a visitor.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, start_http_server
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.streams import StreamLimit

_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """Counts and measures requests.

    Args:
        streams: The live connections' count.
    """

    def __init__(self, streams: StreamLimit) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.requests = Counter("fondation_web_requests", "Requests by status code.", ["code"], registry=registry)
        self.delay = Histogram(
            "fondation_web_response_delay_seconds",
            "From a request to the first byte of its answer.",
            buckets=_BUCKETS,
            registry=registry,
        )
        live = Gauge("fondation_web_live_streams", "Browsers that follow a job.", registry=registry)
        live.set_function(lambda: streams.count)

    @contextmanager
    def served(self, host: str, port: int) -> Iterator[int]:
        """Serve `/metrics` on a thread of its own while the context lasts; give the port, also where 0 chose it.

        Raises:
            OSError: The port cannot be used.
        """
        server, thread = start_http_server(port, addr=host, registry=self.registry)
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class Measured:
    """ASGI middleware that counts every answer, the health check's aside."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, monotonic_s: Callable[[], float] = time.perf_counter) -> None:
        self._app = app
        self._metrics = metrics
        self._monotonic_s = monotonic_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or scope["path"] == "/health":
            await self._app(scope, receive, send)
            return
        began_s = self._monotonic_s()

        async def send_measured(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._metrics.requests.labels(str(message["status"])).inc()
                self._metrics.delay.observe(self._monotonic_s() - began_s)
            await send(message)

        await self._app(scope, receive, send_measured)
