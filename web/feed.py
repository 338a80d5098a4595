"""Fans one backend subscription per watched job out to any number of browsers.

Only the latest state of a job is kept, so a slow reader costs nothing. Knows nothing of HTTP or Server-Sent Events.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Final, Protocol

from course.rows import Job, JobId
from web.errors import BackendError

POLL_S: Final = 2.0
RESUBSCRIBE_POLLS: Final = 5

_log = logging.getLogger(__name__)


class Subscription(Protocol):
    """A subscription of the official client: an endless iterator of rows, and a way to end it."""

    def __aiter__(self) -> AsyncIterator[object]:
        """Return the rows as they change."""

    def unsubscribe(self) -> None:
        """End the subscription."""


class _Channel:
    """The latest state of one job and those who wait for the next."""

    def __init__(self) -> None:
        self.latest: Job | None = None
        self.version = 0
        self.listeners = 0
        self.closed = False
        self.changed = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    def publish(self, job: Job | None) -> None:
        if self.version and job == self.latest:
            return
        self.latest = job
        self.version += 1
        self._wake()

    def close(self) -> None:
        self.closed = True
        self._wake()

    def _wake(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()


class JobFeed:
    """Watches jobs for many readers.

    Args:
        subscribe: Opens a subscription to a job's row; blocking, called in a thread.
        parse: Turns a row into a job, None for a missing one.
        poll: Reads a job once, for as long as no subscription can be had.
        sleep: Waits between polls.
    """

    def __init__(
        self,
        *,
        subscribe: Callable[[JobId], Subscription],
        parse: Callable[[object], Job | None],
        poll: Callable[[JobId], Awaitable[Job | None]],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._subscribe = subscribe
        self._parse = parse
        self._poll = poll
        self._sleep = sleep
        self._channels: dict[JobId, _Channel] = {}

    async def watch(self, job_id: JobId) -> AsyncGenerator[Job | None, None]:
        """Yield the job now and after each change; ends when the feed is closed."""
        channel = self._channels.get(job_id)
        if channel is None:
            channel = self._channels[job_id] = _Channel()
            channel.task = asyncio.create_task(self._pump(job_id, channel))
        channel.listeners += 1
        seen = 0
        try:
            while not channel.closed:
                changed = channel.changed
                if channel.version > seen:
                    seen = channel.version
                    yield channel.latest
                else:
                    await changed.wait()
        finally:
            channel.listeners -= 1
            if channel.listeners == 0:
                await self._drop(job_id, channel)

    @property
    def watched(self) -> int:
        """How many jobs have a subscription."""
        return len(self._channels)

    async def aclose(self) -> None:
        """End every subscription and let every watcher finish."""
        for job_id, channel in list(self._channels.items()):
            await self._drop(job_id, channel)

    async def _drop(self, job_id: JobId, channel: _Channel) -> None:
        if self._channels.get(job_id) is channel:
            del self._channels[job_id]
        channel.close()
        if channel.task is not None:
            channel.task.cancel()
            await asyncio.gather(channel.task, return_exceptions=True)

    async def _pump(self, job_id: JobId, channel: _Channel) -> None:
        while True:
            try:
                subscription = await asyncio.to_thread(self._subscribe, job_id)
            except Exception as error:  # noqa: BLE001 - the client's Rust core raises bare exceptions
                _log.warning("no subscription to job %s (%s): polling instead", job_id, error)
                await self._poll_for_a_while(job_id, channel)
                continue
            try:
                async for row in subscription:
                    channel.publish(self._parse(row))
            except Exception as error:  # noqa: BLE001 - same
                _log.warning("subscription to job %s ended (%s): polling instead", job_id, error)
            finally:
                subscription.unsubscribe()
            await self._poll_for_a_while(job_id, channel)

    async def _poll_for_a_while(self, job_id: JobId, channel: _Channel) -> None:
        for _ in range(RESUBSCRIBE_POLLS):
            try:
                channel.publish(await self._poll(job_id))
            except BackendError as error:
                _log.info("job %s could not be read: %s", job_id, error)
            await self._sleep(POLL_S)
