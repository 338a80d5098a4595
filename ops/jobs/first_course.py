"""The course of this project's own repository: what a newcomer sees first."""

from pathlib import Path
from typing import Final

from course.repository import UrlPolicy, parse_repository_url
from course.rows import Job
from ops.context import Report
from ops.errors import CheckError, NotFoundError
from ops.jobs import git
from ops.jobs.course_check import analysed_commit
from ops.jobs.jobs import Jobs
from ops.jobs.local_repositories import FOLDER, import_repository, local_url

NAME: Final = "fondation"


def ensure_first_course(root: Path, jobs: Jobs, *, stack: str, report: Report) -> Job | None:
    """Return the job that made the course of the checkout's commit, submitting it unless it is there.

    None when the checkout is no git repository, as in an unpacked archive.

    Raises:
        OpsError: The repository could not be imported, or its job failed.
    """
    try:
        commit = git.head_commit(root)
    except NotFoundError as error:
        report("first course", f"skipped: {error}")
        return None
    repository = parse_repository_url(local_url(NAME), UrlPolicy(local_prefix=FOLDER))
    repository_id = jobs.register(repository)
    if (done := course_of(jobs, repository_id, commit)) is not None:
        report("first course", f"is there, of commit {commit[:12]}")
        return done
    import_repository(root, stack=stack, name=NAME, replace=True)
    job = jobs.submit(repository)
    report("first course", f"this repository at commit {commit[:12]} was submitted as job {job.id}")
    return jobs.wait(job.id, show=lambda line: report("first course", line))


def course_of(jobs: Jobs, repository_id: str, commit: str) -> Job | None:
    """Return the newest completed job of a repository if its course was made from a commit."""
    newest = jobs.latest_completed(repository_id)
    if newest is None:
        return None
    try:
        made_from = analysed_commit(jobs.documents(newest.id))
    except CheckError:
        return None
    return newest if made_from == commit else None
