"""Cancelling jobs, and deleting jobs and repositories for good."""

from collections.abc import Callable

from course.jobs import TERMINAL
from course.rows import Job, Repository
from ops.context import Context
from ops.errors import NotFoundError
from ops.jobs.jobs import Jobs, line_of
from ops.jobs.local_repositories import remove_repository
from ops.stack.stack import Stack

Confirm = Callable[[str], bool]
_COPIES = "the workers forget what they keep of it within a minute; copies of the backend's volume keep it"


def cancel(context: Context, job_id: str) -> None:
    """Cancel a job that waits or runs; one that has ended stays as it is.

    Raises:
        NotFoundError: There is no such job.
    """
    jobs = Jobs(Stack(context.folders, context.stack).convex())
    job = jobs.job(job_id)
    if job.status in TERMINAL:
        context.say(f"nothing to cancel: {line_of(job)}")
        return
    jobs.cancel(job.id)
    context.say(line_of(jobs.job(job.id)))


def delete(context: Context, what: str, *, confirm: Confirm) -> None:
    """Delete a job, or a repository with all of its jobs, once that was confirmed.

    Args:
        context: The stack.
        what: A job's id, or a repository's name or address.
        confirm: Asked with what would go; False leaves everything.

    Raises:
        NotFoundError: There is no such job or repository, or several have that name.
    """
    jobs = Jobs(Stack(context.folders, context.stack).convex())
    target = _target(jobs, what)
    if isinstance(target, Job):
        if confirm(f"Delete job {target.id} ({line_of(target)}), its documents and its log for good?"):
            context.say(f"deleted: {jobs.delete_job(target.id)}; {_COPIES}")
        return
    own = [job for job in jobs.all() if job.repository_id == target.id]
    with_course = sum(job.has_course for job in own)
    which = f"{target.full_name} ({target.clone_url})"
    if not confirm(f"Delete {which}, its {len(own)} jobs and {with_course} courses for good?"):
        return
    went = jobs.delete_repository(target.id)
    imported = ", its imported copy" if remove_repository(target.clone_url, stack=context.stack) else ""
    context.say(f"deleted: {target.full_name}, {went}{imported}; {_COPIES}")


def _target(jobs: Jobs, what: str) -> Job | Repository:
    try:
        return jobs.job(what)
    except NotFoundError:
        named = jobs.named(what)
    if not named:
        raise NotFoundError(
            f"there is no job and no repository {what!r}: `bin/fondation status` lists the jobs with their repositories"
        )
    if len(named) > 1:
        raise NotFoundError(
            f"{len(named)} repositories are called {what!r}: give the address of one, "
            + " or ".join(item.clone_url for item in named)
        )
    return named[0]
