"""Rows of the deployment's tables (contract §1) as values: jobs, repositories, log lines and documents.

Optional fields that are absent get their defaults, since an older deployment lacks some. Times are epoch milliseconds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NewType, TypeVar

from course.documents import Document, DocumentKind
from course.jobs import ACTIVE, MAX_ATTEMPTS, JobStatus
from course.steps import TOTAL_STEPS

JobId = NewType("JobId", str)
RepositoryId = NewType("RepositoryId", str)
Row = Mapping[str, object]
T = TypeVar("T")


class RowError(ValueError):
    """The backend sent something else than the contract says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A registered repository; `clone_url` is what the worker clones."""

    id: RepositoryId
    full_name: str
    clone_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as the backend last reported it; `step` is 0 to 6."""

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
    at_ms: float
    level: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundText:
    """A text of a course that has the words which were looked for; of a very long one the beginning."""

    job_id: JobId
    full_name: str
    document: Document


def row(value: object) -> Row:
    """Return a value that has to be an object.

    Raises:
        RowError: It is none.
    """
    if not isinstance(value, dict):
        raise RowError(f"the backend answered {type(value).__name__} where an object was due")
    return value


def rows(value: object) -> list[Row]:
    """Return a value that has to be a list of objects.

    Raises:
        RowError: It is none.
    """
    if not isinstance(value, list):
        raise RowError(f"the backend answered {type(value).__name__} where a list was due")
    return [row(item) for item in value]


def job_from(value: object) -> Job:
    """Return the job of a `jobs` row.

    Raises:
        RowError: It is none.
    """
    return _read("job", _job, value)


def repository_from(value: object) -> Repository:
    """Return the repository of a `repositories` row; an older deployment has no `cloneUrl`.

    Raises:
        RowError: It is none.
    """
    return _read("repository", _repository, value)


def document_from(value: object) -> Document:
    """Return the document of a `docs` row.

    Raises:
        RowError: It is none.
    """
    return _read("document", _document, value)


def found_text_from(value: object) -> FoundText:
    """Return the text of an answer of `search:courses`.

    Raises:
        RowError: It is none.
    """
    return _read("text", _found_text, value)


def log_line_from(value: object) -> LogLine:
    """Return the line of a `jobLogs` row.

    Raises:
        RowError: It is none.
    """
    return _read("log line", _log_line, value)


def _read(name: str, parse: Callable[[Row], T], value: object) -> T:
    fields = row(value)
    try:
        return parse(fields)
    except (KeyError, ValueError) as error:
        raise RowError(f"the backend sent a {name} that cannot be read ({error!r})") from error


def _job(fields: Row) -> Job:
    created = _number(fields.get("createdAt"), 0)
    status = JobStatus(str(fields["status"]))
    error = fields.get("error") or (None if status is JobStatus.COMPLETED else fields.get("lastError"))
    return Job(
        id=JobId(str(fields["_id"])),
        repository_id=RepositoryId(str(fields["repositoryId"])),
        status=status,
        progress=str(fields.get("progress") or ""),
        step=min(max(int(_number(fields.get("currentStep"), 0)), 0), TOTAL_STEPS),
        attempts=int(_number(fields.get("attempts"), 0)),
        max_attempts=int(_number(fields.get("maxAttempts"), MAX_ATTEMPTS)),
        error=str(error) if error else None,
        created_at_ms=created,
        run_at_ms=_optional(fields.get("runAt")),
        completed_at_ms=_optional(fields.get("completedAt")),
        updated_at_ms=_number(fields.get("updatedAt"), created),
        docs_count=int(_number(fields.get("docsCount"), 0)),
    )


def _repository(fields: Row) -> Repository:
    full_name = str(fields["fullName"])
    return Repository(
        id=RepositoryId(str(fields["_id"])),
        full_name=full_name,
        clone_url=str(fields.get("cloneUrl") or f"https://github.com/{full_name}.git"),
    )


def _document(fields: Row) -> Document:
    index = _optional(fields.get("chapterIndex"))
    return Document(
        slug=str(fields["slug"]),
        title=str(fields["title"]),
        kind=DocumentKind(str(fields["kind"])),
        content=str(fields["content"]),
        chapter_index=None if index is None else int(index),
    )


def _found_text(fields: Row) -> FoundText:
    return FoundText(job_id=JobId(str(fields["jobId"])), full_name=str(fields["fullName"]), document=_document(fields))


def _log_line(fields: Row) -> LogLine:
    return LogLine(
        seq=_number(fields.get("seq"), 0),
        at_ms=_number(fields.get("ts"), 0),
        level=str(fields.get("level")),
        message=str(fields.get("msg") or ""),
    )


def _number(value: object, default: float) -> float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else default


def _optional(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
