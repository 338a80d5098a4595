"""What the web application asks of the backend: one protocol and the values that cross it.

No transport here: `convex_backend` speaks to a real one, `memory_backend` is the fake that passes the same tests.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import NewType, Protocol

from course.documents import Document, DocumentKind
from course.jobs import ACTIVE, MAX_ATTEMPTS, JobStatus
from course.repository import RepositoryUrl
from course.steps import TOTAL_STEPS

JobId = NewType("JobId", str)
RepositoryId = NewType("RepositoryId", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A registered repository; `clone_url` is what the worker clones."""

    id: RepositoryId
    full_name: str
    clone_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as the backend last reported it. Times are epoch milliseconds; `step` is 0 to 6."""

    id: JobId
    repository_id: RepositoryId
    status: JobStatus
    progress: str
    step: int
    attempts: int
    max_attempts: int
    error: str | None
    created_at_ms: float
    run_at_ms: float | None
    completed_at_ms: float | None
    updated_at_ms: float
    docs_count: int

    @property
    def is_active(self) -> bool:
        """Whether the job is waiting or in work."""
        return self.status in ACTIVE

    @property
    def has_course(self) -> bool:
        """Whether there is a course to read."""
        return self.status is JobStatus.COMPLETED and self.docs_count > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """A line of a job's log."""

    seq: float
    level: str
    message: str


class Backend(Protocol):
    """The backend as the pages see it. Every method raises `BackendError` when it cannot answer."""

    async def register(self, repository: RepositoryUrl) -> RepositoryId:
        """Return the repository's id, registering it when it is new."""

    async def create_job(self, repository_id: RepositoryId, full_name: str) -> JobId:
        """Queue a job; raises `ActiveJobError` when the repository has an unfinished one."""

    async def jobs(self) -> Sequence[Job]:
        """Return the jobs, newest first."""

    async def job(self, job_id: JobId) -> Job | None:
        """Return a job, or None when there is none of that id."""

    async def repository(self, repository_id: RepositoryId) -> Repository | None:
        """Return a repository, or None when there is none of that id."""

    async def documents(self, job_id: JobId) -> Sequence[Document]:
        """Return the published documents of a job in publishing order."""

    async def logs(self, job_id: JobId) -> Sequence[LogLine]:
        """Return the log of a job, oldest line first."""

    async def cancel(self, job_id: JobId) -> None:
        """Ask for the job to stop; raises `BackendRefusedError` when it is finished."""

    def watch(self, job_id: JobId) -> AsyncGenerator[Job | None, None]:
        """Yield the job now and after each change, until closed by the caller."""

    async def is_ready(self) -> bool:
        """Return whether the backend answers."""

    async def aclose(self) -> None:
        """Release connections; watchers end."""


def job_from(row: Mapping[str, object]) -> Job:
    """Return the job of a `jobs` row (contract §1); absent optional fields get their defaults."""
    created = _number(row.get("createdAt"), 0)
    status = JobStatus(str(row["status"]))
    error = row.get("error") or (None if status is JobStatus.COMPLETED else row.get("lastError"))
    return Job(
        id=JobId(str(row["_id"])),
        repository_id=RepositoryId(str(row["repositoryId"])),
        status=status,
        progress=str(row.get("progress") or ""),
        step=min(max(int(_number(row.get("currentStep"), 0)), 0), TOTAL_STEPS),
        attempts=int(_number(row.get("attempts"), 0)),
        max_attempts=int(_number(row.get("maxAttempts"), MAX_ATTEMPTS)),
        error=str(error) if error else None,
        created_at_ms=created,
        run_at_ms=_optional(row.get("runAt")),
        completed_at_ms=_optional(row.get("completedAt")),
        updated_at_ms=_number(row.get("updatedAt"), created),
        docs_count=int(_number(row.get("docsCount"), 0)),
    )


def repository_from(row: Mapping[str, object]) -> Repository:
    """Return the repository of a `repositories` row; an older deployment has no `cloneUrl`."""
    full_name = str(row["fullName"])
    return Repository(
        id=RepositoryId(str(row["_id"])),
        full_name=full_name,
        clone_url=str(row.get("cloneUrl") or f"https://github.com/{full_name}.git"),
    )


def document_from(row: Mapping[str, object]) -> Document:
    """Return the document of a `docs` row."""
    index = _optional(row.get("chapterIndex"))
    return Document(
        slug=str(row["slug"]),
        title=str(row["title"]),
        kind=DocumentKind(str(row["kind"])),
        content=str(row["content"]),
        chapter_index=None if index is None else int(index),
    )


def log_line_from(row: Mapping[str, object]) -> LogLine:
    """Return the line of a `jobLogs` row."""
    return LogLine(seq=_number(row.get("seq"), 0), level=str(row.get("level")), message=str(row.get("msg") or ""))


def _number(value: object, default: float) -> float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else default


def _optional(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
