"""A queue in memory: the contract's rules on a dictionary, for tests and for trying the worker without a backend.

Passes the same suite as `worker.convex_queue`. Keeps nothing beyond the process.
"""

import asyncio
import itertools
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from course import jobs
from course.documents import Document
from course.jobs import ACTIVE, IN_FLIGHT, JobStatus
from worker.errors import CallRefusedError, JobCanceledError, LeaseLostError
from worker.queue import Beat, Claim, Held, JobId, LogLevel, Repository, RepositoryId, WorkerId


@dataclass(slots=True, kw_only=True)
class StoredJob:
    """A job as the queue holds it. Times are milliseconds since the epoch."""

    job_id: JobId
    repository_id: RepositoryId
    status: JobStatus = JobStatus.PENDING
    attempts: int = 0
    prompt: str = ""
    due_ms: float = 0
    locked_by: WorkerId | None = None
    lease_until_ms: float = 0
    step: int | None = None
    progress: str = "Initializing..."
    error: str | None = None
    published_by: WorkerId | None = None
    documents: tuple[Document, ...] = ()
    log: list[tuple[LogLevel, str]] = field(default_factory=list)


class MemoryQueue:
    """Implements `worker.queue.Queue`; jobs are added, canceled and looked at directly."""

    def __init__(self, *, lease_s: float = jobs.LEASE_MS / 1000, now_s: Callable[[], float] = time.time) -> None:
        self._lease_s = lease_s
        self._now_s = now_s
        self._ids = itertools.count(1)
        self._changed = asyncio.Event()
        self.jobs: dict[JobId, StoredJob] = {}
        self.repositories: dict[RepositoryId, Repository] = {}

    def add(self, repository: Repository, prompt: str = "") -> JobId:
        """Store a repository and a pending job for it."""
        number = next(self._ids)
        repository_id, job_id = RepositoryId(f"repository{number}"), JobId(f"job{number}")
        self.repositories[repository_id] = repository
        self.jobs[job_id] = StoredJob(job_id=job_id, repository_id=repository_id, due_ms=self._now_ms(), prompt=prompt)
        self._changed.set()
        return job_id

    def cancel(self, job_id: JobId) -> None:
        """Cancel an active job."""
        if self.jobs[job_id].status in ACTIVE:
            self._end(self.jobs[job_id], JobStatus.CANCELED)

    def delete(self, repository_id: RepositoryId) -> None:
        """Delete a repository with its jobs."""
        del self.repositories[repository_id]
        self.jobs = {name: job for name, job in self.jobs.items() if job.repository_id != repository_id}

    async def claim(self, worker_id: WorkerId) -> Claim | None:
        """Reclaim what expired, then take the job due longest."""
        self._reclaim()
        due = [job for job in self.jobs.values() if job.status == JobStatus.PENDING and job.due_ms <= self._now_ms()]
        if not due:
            return None
        job = min(due, key=lambda job: job.due_ms)
        job.status, job.locked_by = JobStatus.CLAIMED, worker_id
        job.lease_until_ms = self._now_ms() + self._lease_s * 1000
        return Claim(
            job_id=job.job_id,
            repository_id=job.repository_id,
            worker_id=worker_id,
            callback_token=secrets.token_hex(8),
            attempts=job.attempts,
            prompt=job.prompt,
            due_ms=job.due_ms,
        )

    async def repository(self, repository_id: RepositoryId) -> Repository | None:
        """Return what was added."""
        return self.repositories.get(repository_id)

    async def heartbeat(self, claim: Claim, beat: Beat) -> None:
        """Renew the lease and store the progress."""
        job = self._held(claim)
        job.status, job.progress = beat.status, beat.progress
        job.step = beat.step if beat.step is not None else job.step
        job.lease_until_ms = self._now_ms() + self._lease_s * 1000

    async def log(self, claim: Claim, level: LogLevel, message: str) -> None:
        """Append to the job's log."""
        self.jobs[claim.job_id].log.append((level, message))

    async def publish(self, claim: Claim, documents: Sequence[Document]) -> int:
        """Replace the job's documents."""
        job = self._held(claim)
        job.documents, job.published_by = tuple(documents), claim.worker_id
        return len(documents)

    async def complete(self, claim: Claim, *, documents_count: int, commit: str) -> None:
        """Complete; refused without documents."""
        del documents_count, commit
        job = self.jobs[claim.job_id]
        if job.status == JobStatus.COMPLETED and job.published_by == claim.worker_id:
            return
        if not self._held(claim).documents:
            raise CallRefusedError(f"job {claim.job_id} has no documents", code="no_documents")
        self._end(job, JobStatus.COMPLETED)

    async def retry_or_fail(self, claim: Claim, error: str) -> JobStatus:
        """Spend an attempt."""
        job = self._held(claim)
        self._spend(job, error)
        if job.status == JobStatus.PENDING:
            job.due_ms = self._now_ms() + jobs.retry_delay_ms(job.attempts, jitter_ms=0)
        return job.status

    async def fail(self, claim: Claim, error: str) -> None:
        """End as failed."""
        job = self._held(claim)
        job.error = error
        self._end(job, JobStatus.FAILED)

    async def release(self, claim: Claim, reason: str) -> None:
        """Make the job pending again."""
        job = self._held(claim)
        self._end(job, JobStatus.PENDING)
        job.progress, job.due_ms = f"Waiting: {reason}", self._now_ms()

    async def deleted(self, held: Held) -> Held:
        """Look for them."""
        return Held(repositories=held.repositories - self.repositories.keys(), jobs=held.jobs - self.jobs.keys())

    async def wake(self) -> None:
        """Return at the next change."""
        await self._changed.wait()
        self._changed.clear()

    async def close(self) -> None:
        """Hold nothing, so close nothing."""

    def _held(self, claim: Claim) -> StoredJob:
        job = self.jobs.get(claim.job_id)
        if job is None:
            raise LeaseLostError(f"job {claim.job_id} was deleted")
        if job.status == JobStatus.CANCELED:
            raise JobCanceledError(f"job {claim.job_id} was canceled")
        if job.locked_by != claim.worker_id or job.lease_until_ms <= self._now_ms():
            raise LeaseLostError(f"job {claim.job_id} is {job.status} and not held by {claim.worker_id}")
        return job

    def _reclaim(self) -> None:
        for job in self.jobs.values():
            if job.status in IN_FLIGHT and job.lease_until_ms <= self._now_ms():
                self._spend(job, f"worker {job.locked_by} stopped renewing its lease")

    def _spend(self, job: StoredJob, error: str) -> None:
        job.attempts, job.error = job.attempts + 1, error
        job.due_ms = self._now_ms()
        self._end(job, JobStatus.DEAD if job.attempts >= jobs.MAX_ATTEMPTS else JobStatus.PENDING)

    def _end(self, job: StoredJob, status: JobStatus) -> None:
        job.status, job.locked_by = status, None
        self._changed.set()

    def _now_ms(self) -> float:
        return self._now_s() * 1000
