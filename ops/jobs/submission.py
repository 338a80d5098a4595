"""Submitting repositories and following their jobs, as a user does it from a terminal."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from course.git_credentials import netlocs_of
from course.repository import RepositoryUrl, RepositoryUrlError, UrlPolicy, parse_repository_url, valid_branch
from course.steps import Language
from ops.context import Context
from ops.errors import NotFoundError
from ops.jobs import git
from ops.jobs.addresses import course_address, job_address
from ops.jobs.jobs import Jobs, line_of
from ops.jobs.local_repositories import FOLDER, import_repository
from ops.machine.docker_objects import docker_client
from ops.stack.containers import container_of
from ops.stack.stack import Stack

ROLES: Final = ("worker", "backend", "web", "sandbox", "prometheus")


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What a user asked to submit; `name` and `replace` are for repositories of this machine."""

    source: str
    branch: str | None = None
    language: Language | None = None
    name: str | None = None
    replace: bool = False


def submit(context: Context, request: Submission, *, wait: bool) -> None:
    """Submit a repository, and follow its job when asked to.

    Raises:
        NotFoundError: The source is neither a URL that the stack accepts nor a repository of this machine.
        JobError: The job was followed and ended without a course.
        OpsError: The stack, Docker or the backend failed.
    """
    if request.branch is not None and not valid_branch(request.branch):
        raise NotFoundError(f"--branch is {request.branch!r}: that is no branch name; `git branch` lists them")
    stack = Stack(context.folders, context.stack)
    outputs = stack.outputs()
    repository = _repository(request, context, outputs.git_hosts)
    jobs = Jobs(stack.convex())
    job = jobs.submit(repository, branch=request.branch, language=request.language)
    context.report("submitted", f"{repository.full_name} as job {job.id}")
    if wait:
        _follow(context, jobs, job.id, outputs.web_url)
    else:
        context.say(job_address(outputs.web_url, job.id))


def watch(context: Context, job_id: str) -> None:
    """Follow a job to its end.

    Raises:
        JobError: It ended without a course.
        NotFoundError: There is no such job.
    """
    stack = Stack(context.folders, context.stack)
    _follow(context, Jobs(stack.convex()), job_id, stack.outputs().web_url)


def _follow(context: Context, jobs: Jobs, job_id: str, web_url: str) -> None:
    done = jobs.wait(job_id, show=lambda line: context.report(job_id, line))
    context.report(job_id, "the course is ready:")
    context.say(course_address(web_url, done.id))


def address(context: Context, job_id: str | None) -> str:
    """Return the address of the page, of a job's course, or of the job where it has none.

    Raises:
        NotFoundError: There is no such job.
    """
    stack = Stack(context.folders, context.stack)
    web_url = stack.outputs().web_url
    if job_id is None:
        return web_url
    job = Jobs(stack.convex()).job(job_id)
    return course_address(web_url, job.id) if job.has_course else job_address(web_url, job.id)


def status(context: Context, job_id: str | None, *, as_json: bool = False) -> None:
    """Show one job, or all of them."""
    stack = Stack(context.folders, context.stack)
    outputs = stack.outputs()
    jobs = Jobs(stack.convex())
    shown = [jobs.job(job_id)] if job_id else jobs.all()
    names: dict[str, str] = {}
    for job in shown:
        if job.repository_id not in names:
            found = jobs.repository(job.repository_id)
            names[job.repository_id] = "?" if found is None else found.full_name
    if as_json:
        told = [{"repository": names[job.repository_id], **asdict(job)} for job in shown]
        context.say(json.dumps(told, indent=2, ensure_ascii=False))
        return
    for job in shown:
        context.say(f"{job.id}  {names[job.repository_id]}  {line_of(job)}")
    if not shown:
        context.say("no jobs yet: submit a repository with `bin/fondation submit <url or path> --wait`")
    elif job_id:
        context.say(job_address(outputs.web_url, shown[0].id))


def logs(context: Context, what: str, *, tail: int) -> None:
    """Show a container's log, or a job's.

    Raises:
        NotFoundError: There is no such container or job.
        DaemonError: Docker does not answer.
    """
    if what in ROLES:
        with docker_client(f"while the log of the {what} was read") as client:
            log = container_of(client, context.stack, what).logs(tail=tail)
        context.say(log.decode(errors="replace").rstrip())
        return
    jobs = Jobs(Stack(context.folders, context.stack).convex())
    job = jobs.job(what)
    for line in jobs.logs(job.id):
        context.say(line)
    context.say(line_of(job))


def _repository(request: Submission, context: Context, git_hosts: Sequence[str]) -> RepositoryUrl:
    path = Path(request.source).expanduser()
    if path.is_dir():
        commit = git.head_commit(path)
        url = import_repository(path, stack=context.stack, name=request.name, replace=request.replace)
        context.report("imported", f"{path} at commit {commit[:12]} as {url}")
        if git.is_worktree(path) and git.has_changes(path):
            context.report(
                "imported", "files that differ from the last commit are not in it: a course is made from commits"
            )
        return parse_repository_url(url, UrlPolicy(local_prefix=FOLDER))
    return remote_of(request, git_hosts)


def remote_of(request: Submission, git_hosts: Sequence[str]) -> RepositoryUrl:
    """Return the repository that a source names which is no folder of this machine.

    Args:
        request: What was asked.
        git_hosts: Hosts, or paths of hosts, for which the stack has a credential.

    Raises:
        NotFoundError: It looks like a folder, or is no address that a stack accepts.
    """
    if request.source.startswith(("/", ".", "~")):
        raise NotFoundError(f"there is no folder {request.source}: give the path of a git repository, or a URL")
    try:
        policy = UrlPolicy(local_prefix=FOLDER, known_hosts=netlocs_of(git_hosts))
        return parse_repository_url(request.source, policy)
    except RepositoryUrlError as error:
        raise NotFoundError(str(error)) from error
