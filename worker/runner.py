"""The boundary of one job: runs it, and does what its end calls for.

    course published            completed
    PermanentError              failed, the user reads why; no attempts burnt
    StopError                   nothing is written
    drain ended first           handed back, no attempt spent
    CredentialError             handed back, no attempt spent, claiming pauses
    anything else               back to the queue, one attempt spent

Whatever the end, no process and no clone stay; the raw output of a job that failed is kept.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from course.jobs import JobStatus
from course.redaction import bounded
from worker.checkout import Checkout
from worker.course_run import CourseRun
from worker.credential import Credential
from worker.errors import (
    CallRefusedError,
    CredentialError,
    FunctionMissingError,
    JobCanceledError,
    PermanentError,
    StopError,
    TryAgainError,
    WorkerError,
)
from worker.folders import Folders, JobFolder
from worker.joblog import JobLog
from worker.lease import Lease, persist
from worker.metrics import Metrics, Outcome
from worker.queue import Claim, Queue
from worker.readiness import Readiness
from worker.settings import Settings

_ERROR_MAX: Final = 2000
_STAYS: Final = frozenset({"too_large", "invalid", "no_documents"})  # codes of our backends
_HAND_BACK_S: Final = 10.0

_LOG: Final = logging.getLogger(__name__)


class HandedBackError(Exception):
    """The drain ended before the job did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """Runs claimed jobs, one call each."""

    queue: Queue
    checkout: Checkout
    folders: Folders
    settings: Settings
    metrics: Metrics
    readiness: Readiness
    credential: Credential
    monotonic_s: Callable[[], float] = time.monotonic

    async def run(self, claim: Claim, hand_back: asyncio.Event) -> Outcome:
        """Run a job to its end, whatever it is; raises nothing.

        Args:
            claim: The job, held by us.
            hand_back: Set when the job must be given up now.
        """
        started_s = self.monotonic_s()
        journal = JobLog(self.queue, claim)
        try:
            folder = self.folders.open(claim.job_id)
            keeps_answers = self.settings.engine == "claude" and self.settings.cli_kind == "own"
            answers = self.folders.answers(claim.repository_id) if keeps_answers else None
        except OSError as error:
            outcome = await self._settle(claim, TryAgainError(f"the worker cannot make a folder ({error.strerror})"))
        else:
            # A bundle begins every course anew.
            if self.settings.cli_kind == "own" and self.folders.recall(folder, claim.repository_id):
                journal.info("Continuing from the last course of this repository")
            outcome = await self._run_in(claim, folder, answers, journal, hand_back)
            if outcome is Outcome.COMPLETED:
                self.folders.remember(folder, claim.repository_id)
            self.folders.discard(folder)
        await journal.close()
        seconds = self.monotonic_s() - started_s
        self.metrics.job_duration.observe(seconds)
        self.metrics.jobs.labels(outcome.value).inc()
        _LOG.info("job ended", extra={"job": claim.job_id, "outcome": outcome.value, "seconds": round(seconds, 3)})
        return outcome

    async def _run_in(
        self, claim: Claim, folder: JobFolder, answers: Path | None, journal: JobLog, hand_back: asyncio.Event
    ) -> Outcome:
        lease = Lease(
            self.queue,
            claim,
            self.readiness,
            lease_s=self.settings.lease_s,
            heartbeat_s=self.settings.heartbeat_s,
            monotonic_s=self.monotonic_s,
        )
        beating = asyncio.create_task(lease.keep())
        try:
            run = CourseRun(
                queue=self.queue,
                checkout=self.checkout,
                settings=self.settings,
                metrics=self.metrics,
                claim=claim,
                folder=folder,
                answers=answers,
                lease=lease,
                journal=journal,
            )
            error = await self._end_of(run, beating, hand_back)
            if error is None:
                self.metrics.last_success.set(time.time())
                self.credential.worked()
                return Outcome.COMPLETED
            if not isinstance(error, StopError | HandedBackError):
                journal.error(_text(error))
                await journal.flush()
            if isinstance(error, CredentialError):
                self.credential.failed(error)
            kept = None if isinstance(error, JobCanceledError | CredentialError) else self._keep(folder, error)
            if kept is not None:
                _LOG.info("the raw output is kept", extra={"job": claim.job_id, "kept": str(kept)})
            # The lease stays alive while the queue is told, and its loss ends the telling.
            return await self._settle(claim, error, lease=lease, beating=beating)
        finally:
            await _cancelled(beating)

    async def _end_of(
        self, run: CourseRun, beating: asyncio.Task[None], hand_back: asyncio.Event
    ) -> BaseException | None:
        """Run until the job ends, the lease does, the time is up or the drain ends; return the error, if any."""
        working = asyncio.create_task(run.handle())
        giving_up = asyncio.create_task(hand_back.wait())
        try:
            await asyncio.wait(
                {working, beating, giving_up},
                timeout=self.settings.job_deadline_s,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            ended = working.done()
            await _cancelled(working)
            await _cancelled(giving_up)
        if ended or (not working.cancelled() and working.exception() is None):
            return working.exception()
        if beating.done():
            return beating.exception()
        if hand_back.is_set():
            return HandedBackError()
        return TryAgainError(f"the job did not end within {self.settings.job_deadline_s:g} s")

    async def _settle(
        self,
        claim: Claim,
        error: BaseException,
        *,
        lease: Lease | None = None,
        beating: asyncio.Task[None] | None = None,
    ) -> Outcome:
        """Tell the queue how the job ended, for as long as the lease lasts; return the outcome."""
        if isinstance(error, StopError):
            return self._stopped(claim, error)

        async def call() -> Outcome:
            return await self._tell(claim, error)

        telling = asyncio.create_task(persist(call) if lease is None else lease.finish(call))
        wanted: set[asyncio.Task[Outcome] | asyncio.Task[None]] = {telling, *(() if beating is None else (beating,))}
        await asyncio.wait(wanted, timeout=self._patience_s(error), return_when=asyncio.FIRST_COMPLETED)
        await _cancelled(telling)
        if not telling.cancelled():
            problem = telling.exception()
            if problem is None:
                return telling.result()
        else:
            problem = beating.exception() if beating is not None and beating.done() else None
        if isinstance(problem, StopError):
            return self._stopped(claim, problem)
        _LOG.error(
            "the queue could not be told how the job ended (%s); its lease has to run out",
            problem or "no answer in time",
            extra={"job": claim.job_id},
        )
        return Outcome.ABANDONED

    def _patience_s(self, error: BaseException) -> float:
        """Return how long the queue is told: two leases outlast a backend's restart, a stop has less time."""
        return _HAND_BACK_S if isinstance(error, HandedBackError) else 2 * self.settings.lease_s

    async def _tell(self, claim: Claim, error: BaseException) -> Outcome:
        if isinstance(error, HandedBackError | CredentialError):
            with contextlib.suppress(FunctionMissingError):
                reason = _text(error) if isinstance(error, CredentialError) else "the worker is stopping"
                await self.queue.release(claim, reason)
                return Outcome.RELEASED
            # An older deployment neither takes a job back nor reclaims it when its lease ends: an attempt is the price.
        elif isinstance(error, PermanentError) or (isinstance(error, CallRefusedError) and error.code in _STAYS):
            await self.queue.fail(claim, _text(error))
            return Outcome.FAILED
        status = await self.queue.retry_or_fail(claim, _text(error))
        return Outcome.DEAD if status == JobStatus.DEAD else Outcome.RETRIED

    def _stopped(self, claim: Claim, error: StopError) -> Outcome:
        _LOG.warning("stopped: %s", error, extra={"job": claim.job_id})
        if isinstance(error, JobCanceledError):
            return Outcome.CANCELED
        self.metrics.lease_lost.inc()
        return Outcome.LEASE_LOST

    def _keep(self, folder: JobFolder, error: BaseException) -> Path | None:
        try:
            return self.folders.keep(folder, _text(error))
        except OSError as problem:
            _LOG.warning("the raw output was not kept: %s", problem)
            return None


def _text(error: BaseException) -> str:
    """Return an error's text for the user; an unforeseen error shows its kind, its trace goes to the log."""
    if isinstance(error, HandedBackError):
        return "handed back: the worker stopped before the job ended"
    if isinstance(error, WorkerError):
        return bounded(str(error), max_characters=_ERROR_MAX)
    _LOG.error("an unforeseen error ended a job", exc_info=error)
    return bounded(f"internal error: {type(error).__name__}: {error}", max_characters=_ERROR_MAX)


async def _cancelled(task: asyncio.Task[Outcome] | asyncio.Task[None] | asyncio.Task[bool]) -> None:
    """Cancel a task and wait for its end; its error, if any, stays with it."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, Exception):
        await task
