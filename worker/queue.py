"""What the worker needs from a job queue, as values and one protocol.

Two implementations pass the same suite: `worker.convex_queue` and, in memory, `tests.doubles.memory_queue`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NewType, Protocol

from course.documents import Document
from course.jobs import JobStatus

JobId = NewType("JobId", str)
RepositoryId = NewType("RepositoryId", str)
WorkerId = NewType("WorkerId", str)
"""The fencing token: fresh for every claim, spelled `<worker>:<nonce>`; also the `runId` of what is published."""

LogLevel = Literal["info", "error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A job that this worker holds under `worker_id`. `due_ms` is when it became claimable, if the queue says so."""

    job_id: JobId
    repository_id: RepositoryId
    worker_id: WorkerId
    callback_token: str
    attempts: int
    prompt: str = ""
    due_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A stored repository; `branch` is None for the remote's default branch."""

    full_name: str
    url: str
    branch: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """What a heartbeat says about a job: its status and, once known, the step and a line for people."""

    status: JobStatus
    progress: str
    step: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Repositories and jobs of which something is kept."""

    repositories: frozenset[RepositoryId] = frozenset()
    jobs: frozenset[JobId] = frozenset()

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.repositories or self.jobs)


class Queue(Protocol):
    """A queue of jobs.

    Every method may raise `UnreachableError`, `KeyRefusedError` or `CallRefusedError`; those that write for a claim
    raise `LeaseLostError` or `JobCanceledError` when the job is no longer the claim's.
    """

    async def claim(self, worker_id: WorkerId) -> Claim | None:
        """Take the job that has been due longest, or return None."""

    async def repository(self, repository_id: RepositoryId) -> Repository | None:
        """Return a repository, or None when it was deleted."""

    async def heartbeat(self, claim: Claim, beat: Beat) -> None:
        """Renew the lease and store the progress."""

    async def log(self, claim: Claim, level: LogLevel, message: str) -> None:
        """Add a line to the job's log."""

    async def publish(self, claim: Claim, documents: Sequence[Document]) -> int:
        """Store the documents of the job, all or none; return how many are stored. May be repeated."""

    async def complete(self, claim: Claim, *, documents_count: int, commit: str) -> None:
        """Finish the job; its documents become the repository's course. May be repeated."""

    async def retry_or_fail(self, claim: Claim, error: str) -> JobStatus:
        """Spend an attempt: the job becomes pending again, or dead."""

    async def fail(self, claim: Claim, error: str) -> None:
        """End the job as failed, with the text the user reads."""

    async def release(self, claim: Claim, reason: str) -> None:
        """Hand the job back without spending an attempt."""

    async def deleted(self, held: Held) -> Held:
        """Return which of these the queue does not have any more; nothing where it cannot tell."""

    async def wake(self) -> None:
        """Return when the queue may have changed since the last return."""

    async def close(self) -> None:
        """Let go of connections and processes."""
