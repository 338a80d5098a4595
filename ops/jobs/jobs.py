"""Jobs and repositories as the operator commands see them.

Uses the web page's user, so that what is submitted here is listed there.
"""

import re
import time
from collections.abc import Callable
from typing import Final

from course.documents import Document
from course.jobs import TERMINAL, JobStatus
from course.prompts import course_prompt
from course.repository import RepositoryUrl
from course.rows import (
    FoundText,
    Job,
    LogLine,
    Repository,
    document_from,
    found_text_from,
    job_from,
    log_line_from,
    repository_from,
    row,
    rows,
)
from course.steps import TOTAL_STEPS, Language
from ops.errors import JobError, NotFoundError, RefusedError
from ops.stack.convex import Convex, read

USER: Final = "fondation"
POLL_S: Final = 0.5
WAIT_S: Final = 3700.0
_STEP: Final = re.compile(rf"Step \d+/{TOTAL_STEPS}: ")  # what the job's state says, too


def line_of(job: Job) -> str:
    """Return a job's state in one line."""
    at_work = job.step and job.status not in TERMINAL
    step = f" {job.step}/{TOTAL_STEPS}" if at_work else ""
    detail = f"{job.docs_count} documents" if job.status is JobStatus.COMPLETED else job.error or job.progress
    return f"{job.status.value}{step}{f' - {detail}' if detail else ''}"


def _went(value: object) -> str:
    counts = read(row, value)
    return ", ".join(
        f"{int(number)} {word}"
        for name, word in (("jobs", "jobs"), ("documents", "documents"), ("logLines", "lines of log"))
        if isinstance(number := counts.get(name), int | float)
    )


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

    def submit(self, repository: RepositoryUrl, *, branch: str | None = None, language: Language | None = None) -> Job:
        """Queue a job for a repository and return it; an unfinished one of that repository is returned instead.

        Without a language the course is in the stack's (`fondation:courseLanguage`).

        Raises:
            BackendError: The backend does not answer or refuses.
        """
        repository_id = self.register(repository, branch=branch)
        newest = self._convex.query("jobs:getJobByRepository", repositoryId=repository_id)
        if newest is not None and (job := read(job_from, newest)).is_active:
            return job
        created = self._convex.mutation(
            "jobs:create",
            userId=self._user(),
            repositoryId=repository_id,
            prompt=course_prompt(repository.full_name, language),
        )
        return self.job(str(read(row, created)["jobId"]))

    def cancel(self, job_id: str) -> None:
        """Cancel a job that waits or runs.

        Raises:
            RefusedError: It has ended.
        """
        self._convex.mutation("jobs:requestCancel", jobId=job_id)

    def named(self, name: str) -> list[Repository]:
        """Return the repositories with this name, or this address."""
        found = self._convex.query("repositories:getByFullName", fullName=name)
        repositories = [read(repository_from, item) for item in read(rows, found)]
        if not repositories:
            owned = self._convex.query("repositories:listUserRepositories", userId=self._user())
            repositories = [read(repository_from, item) for item in read(rows, owned)]
            repositories = [item for item in repositories if item.clone_url == name]
        return repositories

    def delete_job(self, job_id: str) -> str:
        """Delete a job with its documents and its log for good; return what went, in words."""
        return _went(self._convex.mutation("jobs:delete", jobId=job_id))

    def delete_repository(self, repository_id: str) -> str:
        """Delete a repository with its jobs and all that they left for good; return what went, in words."""
        return _went(self._convex.mutation("repositories:delete", repositoryId=repository_id))

    def latest_completed(self, repository_id: str) -> Job | None:
        """Return a repository's newest completed job, whose documents are its course."""
        value = self._convex.query("jobs:getLatestCompletedByRepository", repositoryId=repository_id)
        return None if value is None else read(job_from, value)

    def all(self) -> list[Job]:
        """Return the jobs, newest first."""
        found = self._convex.query("jobs:listUserJobs", userId=self._user())
        return [read(job_from, item) for item in read(rows, found)]

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
        return read(job_from, value)

    def repository(self, repository_id: str) -> Repository | None:
        """Return a repository, None when it is gone."""
        value = self._convex.query("repositories:getByRepositoryId", repositoryId=repository_id)
        return None if value is None else read(repository_from, value)

    def documents(self, job_id: str) -> list[Document]:
        """Return what a job published."""
        found = self._convex.query("docs:listByJobId", jobId=job_id)
        return [read(document_from, item) for item in read(rows, found)]

    def search(self, query: str, *, limit: int) -> list[FoundText]:
        """Return the texts of the newest courses that have the words of a query, the best first."""
        found = self._convex.query("search:courses", query=query, limit=float(limit))
        return [read(found_text_from, item) for item in read(rows, found)]

    def logs(self, job_id: str) -> list[str]:
        """Return a job's log lines, oldest first."""
        return [
            f"{time.strftime('%H:%M:%S', time.localtime(line.at_ms / 1000))} {line.level} {line.message}"
            for line in self._log(job_id)
        ]

    def _log(self, job_id: str) -> list[LogLine]:
        found = self._convex.query("jobs:getLogs", jobId=job_id)
        return [read(log_line_from, item) for item in read(rows, found)]

    def wait(
        self,
        job_id: str,
        *,
        show: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        timeout_s: float = WAIT_S,
    ) -> Job:
        """Follow a job to its end, showing each change and what its log says beside, and return it completed.

        Raises:
            JobError: It ended otherwise, or did not end in time.
        """
        deadline = clock() + timeout_s
        shown, told = "", 0
        while True:
            job = self.job(job_id)
            log = self._log(job_id)
            for entry in log[told:]:
                if entry.level == "info" and not _STEP.match(entry.message):
                    show(entry.message)
            told = len(log)
            if (line := line_of(job)) != shown:
                show(line)
                shown = line
            if job.status is JobStatus.COMPLETED:
                return job
            if job.status in TERMINAL:
                raise JobError(
                    f"job {job_id} ended as {job.status.value}: {job.error or 'no cause was recorded'};"
                    f" `bin/fondation logs {job_id}` shows its log"
                )
            if clock() > deadline:
                raise JobError(f"job {job_id} is still {line_of(job)} after {timeout_s:.0f} s: it goes on without us")
            sleep(POLL_S)

    def _user(self) -> object:
        return self._convex.mutation("users:createOrUpdateUser", githubId=USER, username=USER)
