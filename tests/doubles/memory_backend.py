"""A backend in memory: the fake that passes the same tests as the real one.

For tests and for working on the pages alone. Keeps nothing, checks no lease, knows no worker: `put_job`,
`put_documents` and `append_log` play the worker's part.
"""

import asyncio
import itertools
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import replace
from typing import Any

from course.documents import Document, DocumentKind
from course.jobs import MAX_ATTEMPTS, JobStatus
from course.layout import CHAPTERS_DIR
from course.prompts import course_prompt
from course.repository import RepositoryUrl
from course.rows import FoundText, Job, JobId, LogLine, Repository, RepositoryId
from course.steps import Language
from web.errors import ActiveJobError, BackendRefusedError, BackendUnreachableError


class MemoryBackend:
    """See `web.backend.Backend`. `is_down` makes every call fail as an unreachable backend does."""

    def __init__(self, *, now_ms: Callable[[], float]) -> None:
        self.is_down = False
        self._now_ms = now_ms
        self._ids = itertools.count(1)
        self._repositories: dict[RepositoryId, Repository] = {}
        self._jobs: dict[JobId, Job] = {}
        self.prompts: dict[JobId, str] = {}
        self._documents: dict[JobId, tuple[Document, ...]] = {}
        self._logs: dict[JobId, list[LogLine]] = {}
        self._changed = asyncio.Event()
        self._is_closed = False

    async def register(self, repository: RepositoryUrl) -> RepositoryId:
        """Return the repository's id, registering it when it is new."""
        self._check()
        for known in self._repositories.values():
            if known.clone_url == repository.url:
                return known.id
        repository_id = RepositoryId(f"repository{next(self._ids)}")
        self._repositories[repository_id] = Repository(
            id=repository_id, full_name=repository.full_name, clone_url=repository.url
        )
        return repository_id

    async def create_job(self, repository_id: RepositoryId, full_name: str, language: Language) -> JobId:
        """Queue a job; raises `ActiveJobError` when the repository has an unfinished one."""
        self._check()
        for job in self._jobs.values():
            if job.repository_id == repository_id and job.is_active:
                raise ActiveJobError(job.id)
        job_id = JobId(f"job{next(self._ids)}")
        self.prompts[job_id] = course_prompt(full_name, language)
        now = self._now_ms()
        self._jobs[job_id] = Job(
            id=job_id,
            repository_id=repository_id,
            status=JobStatus.PENDING,
            progress="Initializing...",
            step=0,
            attempts=0,
            max_attempts=MAX_ATTEMPTS,
            error=None,
            created_at_ms=now,
            run_at_ms=now,
            completed_at_ms=None,
            updated_at_ms=now,
            docs_count=0,
        )
        return job_id

    async def jobs(self) -> Sequence[Job]:
        """Return the jobs, newest first."""
        self._check()
        return list(reversed(self._jobs.values()))

    async def job(self, job_id: JobId) -> Job | None:
        """Return a job, or None when there is none of that id."""
        self._check()
        return self._jobs.get(job_id)

    async def repository(self, repository_id: RepositoryId) -> Repository | None:
        """Return a repository, or None when there is none of that id."""
        self._check()
        return self._repositories.get(repository_id)

    async def documents(self, job_id: JobId) -> Sequence[Document]:
        """Return the published documents of a job in publishing order."""
        self._check()
        return self._documents.get(job_id, ())

    async def search(self, query: str) -> Sequence[FoundText]:
        """Return the texts of the newest courses that have the words of a query, the best first."""
        self._check()
        words = query.lower().split()
        newest = {job.repository_id: job for job in self._jobs.values() if job.has_course}
        texts = [
            FoundText(job_id=job.id, full_name=self._repositories[job.repository_id].full_name, document=document)
            for job in newest.values()
            for document in self._documents[job.id]
            if document.kind in {DocumentKind.CHAPTER, DocumentKind.TUTORIAL}
            and not document.slug.startswith(f"{CHAPTERS_DIR}/")
        ]

        def words_in(text: FoundText) -> int:
            whole = f"{text.full_name} {text.document.title} {text.document.content}".lower()
            return sum(any(part.startswith(word) for part in re.findall(r"\w+", whole)) for word in words)

        most = max(map(words_in, texts), default=0)
        return [text for text in texts if most and words_in(text) == most]

    async def logs(self, job_id: JobId) -> Sequence[LogLine]:
        """Return the log of a job, oldest line first."""
        self._check()
        return list(self._logs.get(job_id, ()))

    async def cancel(self, job_id: JobId) -> None:
        """Ask for the job to stop; raises `BackendRefusedError` when it is finished."""
        self._check()
        job = self._jobs.get(job_id)
        if job is None or not job.is_active:
            raise BackendRefusedError(f"job {job_id} is not active")
        self.put_job(job_id, status=JobStatus.CANCELED, error="cancelled by user", completed_at_ms=self._now_ms())

    async def delete_job(self, job_id: JobId) -> None:
        """Delete a job with its documents and its log for good."""
        self._check()
        if job_id not in self._jobs:
            raise BackendRefusedError(f"there is no job {job_id}")
        del self._jobs[job_id]
        self._documents.pop(job_id, None)
        self._logs.pop(job_id, None)
        self._wake()

    async def delete_repository(self, repository_id: RepositoryId) -> None:
        """Delete a repository with all of its jobs for good."""
        self._check()
        if self._repositories.pop(repository_id, None) is None:
            raise BackendRefusedError(f"there is no repository {repository_id}")
        for job in [job for job in self._jobs.values() if job.repository_id == repository_id]:
            await self.delete_job(job.id)

    async def watch(self, job_id: JobId) -> AsyncGenerator[Job | None, None]:
        """Yield the job now and after each change, until closed by the caller."""
        seen: Job | None = None
        first = True
        while not self._is_closed:
            changed = self._changed
            job = self._jobs.get(job_id)
            if first or job != seen:
                first, seen = False, job
                yield job
            else:
                await changed.wait()

    async def is_ready(self) -> bool:
        """Return whether the backend answers."""
        return not self.is_down

    async def aclose(self) -> None:
        """Release connections; watchers end."""
        self._is_closed = True
        self._wake()

    def put_job(self, job_id: JobId, **changes: Any) -> None:  # noqa: ANN401 - the fields of Job
        """Change fields of a job, as a worker's heartbeat would."""
        self._jobs[job_id] = replace(self._jobs[job_id], updated_at_ms=self._now_ms(), **changes)
        self._wake()

    def put_documents(self, job_id: JobId, documents: Sequence[Document]) -> None:
        """Publish a course and complete its job."""
        self._documents[job_id] = tuple(documents)
        now = self._now_ms()
        self.put_job(
            job_id, status=JobStatus.COMPLETED, step=6, docs_count=len(documents), completed_at_ms=now, error=None
        )

    def append_log(self, job_id: JobId, message: str, *, level: str = "info") -> None:
        """Add a line to a job's log."""
        self._logs.setdefault(job_id, []).append(
            LogLine(seq=next(self._ids), at_ms=self._now_ms(), level=level, message=message)
        )

    def _check(self) -> None:
        if self.is_down:
            raise BackendUnreachableError("the backend in memory is down")

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
