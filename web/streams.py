"""Server-Sent Events (WHATWG HTML §9.2): bounded, kept alive by comments, ended when the server stops."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from starlette.responses import StreamingResponse

KEEP_ALIVE_S: Final = 15.0
RETRY_MS: Final = 3000
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

T = TypeVar("T")


class StreamLimit:
    """Counts live connections and lets in so many; after `close` it lets in none and the open ones end."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.count = 0
        self.closing = asyncio.Event()

    @property
    def is_full(self) -> bool:
        """Whether the next connection would be too many."""
        return self.count >= self._limit or self.closing.is_set()

    def close(self) -> None:
        """Let every connection end."""
        self.closing.set()

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Count a connection for as long as it lasts."""
        self.count += 1
        try:
            yield
        finally:
            self.count -= 1


def event_stream(
    source: AsyncGenerator[T, None],
    event: Callable[[T], Awaitable[tuple[object, bool]]],
    limit: StreamLimit,
    *,
    keep_alive_s: float = KEEP_ALIVE_S,
) -> StreamingResponse:
    """Return a response that sends an event for every item of a source.

    Args:
        source: What is watched; closed when the browser leaves.
        event: Turns an item into the event's JSON value and whether it is the last.
        limit: The connections' count.
        keep_alive_s: Seconds of silence after which a comment is sent.
    """
    body = _events(source, event, limit, keep_alive_s)
    return StreamingResponse(body, media_type="text/event-stream", headers=_HEADERS)


async def _events(
    source: AsyncGenerator[T, None],
    event: Callable[[T], Awaitable[tuple[object, bool]]],
    limit: StreamLimit,
    keep_alive_s: float,
) -> AsyncIterator[str]:
    closing = asyncio.ensure_future(limit.closing.wait())
    upcoming = asyncio.ensure_future(_next(source))
    with limit.opened():
        try:
            yield f"retry: {RETRY_MS}\n\n"
            while not closing.done():
                await asyncio.wait({upcoming, closing}, timeout=keep_alive_s, return_when=asyncio.FIRST_COMPLETED)
                if not upcoming.done():
                    yield ": keep alive\n\n"
                    continue
                items = upcoming.result()
                if not items:
                    break
                value, is_last = await event(items[0])
                yield f"event: job\ndata: {json.dumps(value)}\n\n"
                if is_last:
                    break
                upcoming = asyncio.ensure_future(_next(source))
        finally:
            for task in (upcoming, closing):
                task.cancel()
            await asyncio.gather(upcoming, closing, return_exceptions=True)
            await source.aclose()


async def _next(source: AsyncGenerator[T, None]) -> tuple[T, ...]:
    async for item in source:
        return (item,)
    return ()
