"""Jobs and repositories as the operator commands see them.

Uses the web page's user, so that what is submitted here is listed there.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Self

from course.documents import Document, DocumentKind
from course.jobs import TERMINAL, JobStatus
from course.repository import RepositoryUrl
from ops.errors import BackendError, JobError, NotFoundError, RefusedError
from ops.jobs.convex import Convex, row, rows

USER: Final = "fondation"
POLL_S: Final = 0.5
WAIT_S: Final = 3700.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job; times are epoch milliseconds."""

    id: str
    repository_id: str
    status: JobStatus
    progress: str
    step: int
    total_steps: int
    attempts: int
    documents: int
    error: str
    created_at_ms: float

    @classmethod
    def of(cls, value: Mapping[str, object]) -> Self:
        """Return the job that a row of the `jobs` table is."""
        try:
            return cls(
                id=str(value["_id"]),
                repository_id=str(value["repositoryId"]),
                status=JobStatus(str(value["status"])),
                progress=str(value.get("progress") or ""),
                step=_whole(value.get("currentStep")),
                total_steps=_whole(value.get("totalSteps")),
                attempts=_whole(value.get("attempts")),
                documents=_whole(value.get("docsCount")),
                error=str(value.get("error") or value.get("lastError") or ""),
                created_at_ms=float(str(value.get("createdAt") or 0)),
            )
        except (KeyError, ValueError) as error:
            raise BackendError(f"the backend sent a job that cannot be read ({error!r})") from error

    @property
    def line(self) -> str:
        """The job's state in one line."""
        step = f" {self.step}/{self.total_steps}" if self.step and self.status not in TERMINAL else ""
        detail = f"{self.documents} documents" if self.status is JobStatus.COMPLETED else self.error or self.progress
        return f"{self.status.value}{step}{f' - {detail}' if detail else ''}"


class Jobs:
    """Submits repositories and follows jobs."""

    def __init__(self, convex: Convex) -> None:
        self._convex = convex

    def register(self, repository: RepositoryUrl, *, branch: str | None = None) -> str:
        """Return a repository's id, registering it when it is new."""
        branch_argument = {"defaultBranch": branch} if branch else {}
        return str(
            self._convex.mutation(
                "repositories:register",
                userId=self._user(),
                url=repository.url,
                fullName=repository.full_name,
                name=repository.full_name.rpartition("/")[2],
                **branch_argument,
            )
        )

    def submit(self, repository: RepositoryUrl, *, branch: str | None = None) -> Job:
        """Queue a job for a repository and return it; an unfinished one of that repository is returned instead.

        Raises:
            BackendError: The backend does not answer or refuses.
        """
        repository_id = self.register(repository, branch=branch)
        newest = self._convex.query("jobs:getJobByRepository", repositoryId=repository_id)
        if newest is not None and (job := Job.of(row(newest))).status not in TERMINAL:
            return job
        created = row(
            self._convex.mutation(
                "jobs:create",
                userId=self._user(),
                repositoryId=repository_id,
                prompt=f"Generate comprehensive course documentation for {repository.full_name}",
            )
        )
        return self.job(str(created["jobId"]))

    def latest_completed(self, repository_id: str) -> Job | None:
        """Return a repository's newest completed job, whose documents are its course."""
        value = self._convex.query("jobs:getLatestCompletedByRepository", repositoryId=repository_id)
        return None if value is None else Job.of(row(value))

    def all(self) -> list[Job]:
        """Return the jobs, newest first."""
        return [Job.of(item) for item in rows(self._convex.query("jobs:listUserJobs", userId=self._user()))]

    def job(self, job_id: str) -> Job:
        """Return a job.

        Raises:
            NotFoundError: There is none of that id.
        """
        try:
            value = self._convex.query("jobs:getById", id=job_id)
        except RefusedError as error:  # A text that is no id of this deployment fails its validator.
            raise NotFoundError(f"there is no job {job_id!r}: `bin/fondation status` lists them") from error
        if value is None:
            raise NotFoundError(f"there is no job {job_id!r}: `bin/fondation status` lists them")
        return Job.of(row(value))

    def repository(self, repository_id: str) -> Mapping[str, object]:
        """Return a repository's row, empty when it is gone."""
        value = self._convex.query("repositories:getByRepositoryId", repositoryId=repository_id)
        return {} if value is None else row(value)

    def documents(self, job_id: str) -> list[Document]:
        """Return what a job published."""
        return [_document(item) for item in rows(self._convex.query("docs:listByJobId", jobId=job_id))]

    def logs(self, job_id: str) -> list[str]:
        """Return a job's log lines, oldest first."""
        return [
            f"{time.strftime('%H:%M:%S', time.localtime(float(str(item.get('ts') or 0)) / 1000))}"
            f" {item.get('level')} {item.get('msg')}"
            for item in rows(self._convex.query("jobs:getLogs", jobId=job_id))
        ]

    def wait(
        self,
        job_id: str,
        *,
        show: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        timeout_s: float = WAIT_S,
    ) -> Job:
        """Follow a job to its end, showing each change, and return it completed.

        Raises:
            JobError: It ended otherwise, or did not end in time.
        """
        deadline = clock() + timeout_s
        shown = ""
        while True:
            job = self.job(job_id)
            if job.line != shown:
                show(job.line)
                shown = job.line
            if job.status is JobStatus.COMPLETED:
                return job
            if job.status in TERMINAL:
                raise JobError(
                    f"job {job_id} ended as {job.status.value}: {job.error or 'no cause was recorded'};"
                    f" `bin/fondation logs {job_id}` shows its log"
                )
            if clock() > deadline:
                raise JobError(f"job {job_id} is still {job.line} after {timeout_s:.0f} s: it goes on without us")
            sleep(POLL_S)

    def _user(self) -> object:
        return self._convex.mutation("users:createOrUpdateUser", githubId=USER, username=USER)


def _document(value: Mapping[str, object]) -> Document:
    index = value.get("chapterIndex")
    try:
        return Document(
            slug=str(value["slug"]),
            title=str(value["title"]),
            kind=DocumentKind(str(value["kind"])),
            content=str(value["content"]),
            chapter_index=None if index is None else _whole(index),
        )
    except (KeyError, ValueError) as error:
        raise BackendError(f"the backend sent a document that cannot be read ({error!r})") from error


def _whole(value: object) -> int:
    return int(value) if isinstance(value, int | float) else 0
