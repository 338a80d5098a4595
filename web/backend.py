"""What the web application asks of the backend: one protocol; the values that cross it are `course.rows`.

No transport here: `convex_backend` speaks to a real one; a fake in the tests passes the same suite.
"""

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

from course.documents import Document
from course.repository import RepositoryUrl
from course.rows import FoundText, Job, JobId, LogLine, Repository, RepositoryId
from course.steps import Language


class Backend(Protocol):
    """The backend as the pages see it. Every method raises `BackendError` when it cannot answer."""

    async def register(self, repository: RepositoryUrl) -> RepositoryId:
        """Return the repository's id, registering it when it is new."""

    async def create_job(self, repository_id: RepositoryId, full_name: str, language: Language) -> JobId:
        """Queue a job for a course in a language; raises `ActiveJobError` when the repository has an unfinished one."""

    async def jobs(self) -> Sequence[Job]:
        """Return the jobs, newest first."""

    async def job(self, job_id: JobId) -> Job | None:
        """Return a job, or None when there is none of that id."""

    async def repository(self, repository_id: RepositoryId) -> Repository | None:
        """Return a repository, or None when there is none of that id."""

    async def documents(self, job_id: JobId) -> Sequence[Document]:
        """Return the published documents of a job in publishing order."""

    async def search(self, query: str) -> Sequence[FoundText]:
        """Return the texts of the newest courses that have the words of a query: a page of them, the best first."""

    async def logs(self, job_id: JobId) -> Sequence[LogLine]:
        """Return the log of a job, oldest line first."""

    async def cancel(self, job_id: JobId) -> None:
        """Ask for the job to stop; raises `BackendRefusedError` when it is finished."""

    async def delete_job(self, job_id: JobId) -> None:
        """Delete a job with its documents and its log for good."""

    async def delete_repository(self, repository_id: RepositoryId) -> None:
        """Delete a repository with all of its jobs for good."""

    def watch(self, job_id: JobId) -> AsyncGenerator[Job | None, None]:
        """Yield the job now and after each change, until closed by the caller."""

    async def is_ready(self) -> bool:
        """Return whether the backend answers."""

    async def aclose(self) -> None:
        """Release connections; watchers end."""
