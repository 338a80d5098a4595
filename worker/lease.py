"""Keeps a claimed job's lease alive and carries its progress to the queue."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from course.jobs import JobStatus
from worker.errors import BackendError, CallRefusedError, LeaseLostError
from worker.queue import Beat, Claim, Queue
from worker.readiness import Readiness

T = TypeVar("T")

_RETRY_S: Final = 1.0
_RETRY_CAP_S: Final = 5.0

_LOG: Final = logging.getLogger(__name__)


class Lease:
    """The worker's hold on one job.

    One task sends every heartbeat, so progress cannot arrive out of order. A backend that does not answer has not
    given the job away: the lease is lost only when the backend says so, or keeps refusing for a whole lease.
    """

    def __init__(
        self,
        queue: Queue,
        claim: Claim,
        readiness: Readiness,
        *,
        lease_s: float,
        heartbeat_s: float,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queue = queue
        self._claim = claim
        self._readiness = readiness
        self._lease_s = lease_s
        self._heartbeat_s = heartbeat_s
        self._monotonic_s = monotonic_s
        self._beat = Beat(status=JobStatus.RUNNING, progress="Initializing...")
        self._changed = asyncio.Event()
        self._turn = asyncio.Lock()
        self._finished = False
        self._complained = ""

    def update(self, beat: Beat) -> None:
        """Send this progress with the next heartbeat, which is due now."""
        self._beat = beat
        self._changed.set()

    async def keep(self) -> None:
        """Send heartbeats until the job is finished.

        Raises:
            StopError: The job is no longer ours.
        """
        renewed_s = self._monotonic_s()
        while True:
            self._changed.clear()
            pause_s = self._heartbeat_s
            try:
                async with self._turn:
                    if self._finished:
                        return
                    sent_s = self._monotonic_s()
                    await self._queue.heartbeat(self._claim, self._beat)
                renewed_s = sent_s
                self._complained = ""
                self._readiness.clear("backend")
            except CallRefusedError as error:
                if self._monotonic_s() - renewed_s > self._lease_s:
                    raise LeaseLostError(f"the backend refused heartbeats for a whole lease: {error}") from error
                self._complain("a heartbeat was refused", error)
                pause_s = min(_RETRY_S, self._heartbeat_s)
            except BackendError as error:
                self._readiness.block("backend", str(error))
                self._complain("a heartbeat was not delivered", error)
                pause_s = min(_RETRY_S, self._heartbeat_s)
            await self._pause(pause_s)

    async def finish(self, call: Callable[[], Awaitable[T]]) -> T:
        """Make the call that ends the job, with no heartbeat beside it and none after it.

        Repeats while the backend does not answer; whoever awaits this bounds the time.
        """

        async def once() -> T:
            async with self._turn:
                value = await call()
                self._finished = True
                return value

        return await persist(once)

    def _complain(self, what: str, error: BackendError) -> None:
        """Log a cause once, however long it lasts."""
        if self._complained != str(error):
            self._complained = str(error)
            _LOG.warning("%s: %s; trying again until the backend answers", what, error)

    async def _pause(self, pause_s: float) -> None:
        try:
            await asyncio.wait_for(self._changed.wait(), pause_s)
        except TimeoutError:
            return


async def persist(call: Callable[[], Awaitable[T]]) -> T:
    """Repeat a call until the backend answers it; whoever awaits this bounds the time."""
    delay_s = _RETRY_S
    while True:
        try:
            return await call()
        except CallRefusedError:
            raise
        except BackendError as error:
            _LOG.warning("%s; trying again in %.1f s", error, delay_s)
        await asyncio.sleep(delay_s)
        delay_s = min(delay_s * 2, _RETRY_CAP_S)
