"""The worker's loop: claims jobs while there is room, and drains when it is told to stop."""

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

from worker.credential import Credential
from worker.errors import BackendError, KeyRefusedError, UnfinishedDrainError
from worker.metrics import Metrics, Outcome
from worker.queue import Claim, Queue, WorkerId
from worker.readiness import Readiness
from worker.runner import Runner
from worker.settings import Settings

_BACKOFF_FIRST_S: Final = 0.5
_BACKOFF_CAP_S: Final = 15.0
_KEY_REFUSED_S: Final = 15.0
_BEAT_S: Final = 1.0
_NONCE_BYTES: Final = 8

_LOG: Final = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class StopSignals:
    """What the process was asked: to drain, then to give its jobs up at once."""

    drain: asyncio.Event = field(default_factory=asyncio.Event)
    hurry: asyncio.Event = field(default_factory=asyncio.Event)

    def ask(self) -> None:
        """Take one more request to stop: the first drains, the second hurries."""
        if self.drain.is_set():
            self.hurry.set()
        self.drain.set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One worker process's work."""

    queue: Queue
    runner: Runner
    settings: Settings
    metrics: Metrics
    readiness: Readiness
    credential: Credential
    stop: StopSignals
    now_s: Callable[[], float] = time.time
    forget_every_s: float = 30.0

    async def run(self) -> None:
        """Claim and run jobs until asked to stop, then drain.

        Raises:
            UnfinishedDrainError: A job could not be handed back.
        """
        hand_back = asyncio.Event()
        active: set[asyncio.Task[Outcome]] = set()
        beside = [asyncio.create_task(self._beat()), asyncio.create_task(self._forget_deleted())]
        try:
            await self._claim_until_stopped(active, hand_back)
            outcomes = await self._drain(active, hand_back)
        finally:
            for task in beside:
                task.cancel()
        if Outcome.ABANDONED in outcomes:
            raise UnfinishedDrainError("a job could not be handed back; it is free again when its lease ends")

    async def _claim_until_stopped(self, active: set[asyncio.Task[Outcome]], hand_back: asyncio.Event) -> None:
        backoff_s = _BACKOFF_FIRST_S
        while not self.stop.drain.is_set():
            active.difference_update([task for task in active if task.done()])
            if len(active) >= self.settings.concurrency:
                await self._room(active)
                continue
            if (pause_s := await self.credential.pause_s()) > 0:
                self.readiness.clear("start")
                await self._pause(pause_s)
                continue
            try:
                claim = await self.queue.claim(fresh_worker_id(self.settings.name))
            except BackendError as error:
                known = self.readiness.reasons.get("backend")
                self.readiness.block("backend", str(error))
                backoff_s = _KEY_REFUSED_S if isinstance(error, KeyRefusedError) else min(backoff_s * 2, _BACKOFF_CAP_S)
                if known != str(error):  # a cause is logged once, however long it lasts
                    _LOG.warning("no job could be claimed: %s; trying again until the backend answers", error)
                await self._pause(backoff_s)
                continue
            self.readiness.clear("backend")
            self.readiness.clear("start")
            backoff_s = _BACKOFF_FIRST_S
            if claim is None:
                await self._pause(self.settings.poll_s)
                continue
            active.add(asyncio.create_task(self._handle(claim, hand_back)))

    async def _handle(self, claim: Claim, hand_back: asyncio.Event) -> Outcome:
        _LOG.info("claimed a job", extra={"job": claim.job_id, "run": claim.worker_id})
        if claim.due_ms is not None:
            self.metrics.start_delay.observe(max(0.0, self.now_s() - claim.due_ms / 1000))
        if self.stop.drain.is_set():
            hand_back = asyncio.Event()  # claimed while the request to stop arrived: this job alone goes straight back
            hand_back.set()
        with self.metrics.active.track_inprogress():
            return await self.runner.run(claim, hand_back)

    async def _drain(self, active: set[asyncio.Task[Outcome]], hand_back: asyncio.Event) -> Iterable[Outcome]:
        self.readiness.block("drain", "the worker is stopping")
        if not active:
            return []
        _LOG.info("draining: %d jobs have %.0f s to end", len(active), self.settings.drain_s)
        hurrying = asyncio.create_task(self.stop.hurry.wait())
        finishing = asyncio.create_task(_outcomes(active))
        anything: set[asyncio.Task[list[Outcome]] | asyncio.Task[Literal[True]]] = {finishing, hurrying}
        await asyncio.wait(anything, timeout=self.settings.drain_s, return_when=asyncio.FIRST_COMPLETED)
        hurrying.cancel()
        hand_back.set()
        return await finishing

    async def _pause(self, timeout_s: float) -> None:
        """Wait for a sign of work, for the time to pass, or for the request to stop."""
        waking = asyncio.create_task(self.queue.wake())
        stopping = asyncio.create_task(self.stop.drain.wait())
        anything: set[asyncio.Task[None] | asyncio.Task[Literal[True]]] = {waking, stopping}
        await asyncio.wait(anything, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        waking.cancel()
        stopping.cancel()

    async def _room(self, active: set[asyncio.Task[Outcome]]) -> None:
        """Wait until a job ends, or for the request to stop."""
        stopping = asyncio.create_task(self.stop.drain.wait())
        anything: set[asyncio.Task[Outcome] | asyncio.Task[Literal[True]]] = {*active, stopping}
        await asyncio.wait(anything, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()

    async def _beat(self) -> None:
        while True:
            self.readiness.beat()
            await asyncio.sleep(_BEAT_S)

    async def _forget_deleted(self) -> None:
        """Remove from time to time what is kept of repositories and jobs that were deleted from the queue."""
        folders = self.runner.folders
        while True:
            with contextlib.suppress(BackendError, OSError):  # it is tried again
                if (held := folders.held()) and (gone := await self.queue.deleted(held)):
                    await asyncio.to_thread(folders.forget, gone)
                    _LOG.info("forgot %d deleted repositories, %d deleted jobs", len(gone.repositories), len(gone.jobs))
            await asyncio.sleep(self.forget_every_s)


async def _outcomes(active: Iterable[asyncio.Task[Outcome]]) -> list[Outcome]:
    return list(await asyncio.gather(*active))


def fresh_worker_id(name: str) -> WorkerId:
    """Return a new fencing token."""
    return WorkerId(f"{name}:{secrets.token_hex(_NONCE_BYTES)}")
