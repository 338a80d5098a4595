"""Submitting repositories and following their jobs, as a user does it from a terminal."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import docker
from docker.errors import DockerException

from components.machine import MachineFolders
from course.repository import RepositoryUrl, RepositoryUrlError, UrlPolicy, parse_repository_url, valid_branch
from course.rows import Job
from ops.errors import DaemonError, NotFoundError
from ops.jobs import git
from ops.jobs.jobs import Jobs, line_of
from ops.jobs.local_repositories import FOLDER, import_repository
from ops.progress import Report
from ops.releases.lifecycle import Say, course_address, job_address
from ops.stack.containers import container_of
from ops.stack.stack import Outputs, Stack

ROLES: Final = ("worker", "backend", "web", "prometheus")


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What a user asked to submit; `name` and `replace` are for repositories of this machine."""

    source: str
    branch: str | None = None
    name: str | None = None
    replace: bool = False


def submit(
    folders: MachineFolders, stack_name: str, request: Submission, *, wait: bool, report: Report, say: Say
) -> None:
    """Submit a repository, and follow its job when asked to.

    Raises:
        NotFoundError: The source is neither a URL that the stack accepts nor a repository of this machine.
        JobError: The job was followed and ended without a course.
        OpsError: The stack, Docker or the backend failed.
    """
    if request.branch is not None and not valid_branch(request.branch):
        raise NotFoundError(f"--branch is {request.branch!r}: that is no branch name; `git branch` lists them")
    stack = Stack(folders, stack_name)
    outputs = stack.outputs()
    repository = _repository(request, stack_name, report)
    convex = stack.convex()
    jobs = Jobs(convex)
    job = jobs.submit(repository, branch=request.branch)
    report("submitted", f"{repository.full_name} as job {job.id}")
    if wait:
        done = jobs.wait(job.id, show=lambda line: report(job.id, line))
        report(job.id, "the course is ready:")
        say(course_address(outputs.web_url, done.id))
        return
    say(job_address(outputs.web_url, job.id))


def status(folders: MachineFolders, stack_name: str, job_id: str | None, *, say: Say) -> None:
    """Show one job, or all of them."""
    stack = Stack(folders, stack_name)
    outputs = stack.outputs()
    convex = stack.convex()
    jobs = Jobs(convex)
    shown = [jobs.job(job_id)] if job_id else jobs.all()
    names: dict[str, str] = {}
    for job in shown:
        if job.repository_id not in names:
            found = jobs.repository(job.repository_id)
            names[job.repository_id] = "?" if found is None else found.full_name
        say(f"{job.id}  {names[job.repository_id]}  {line_of(job)}")
    if not shown:
        say("no jobs yet: submit a repository with `bin/fondation submit <url or path> --wait`")
    elif job_id:
        say(_address(outputs, shown[0]))


def logs(folders: MachineFolders, stack_name: str, what: str, *, tail: int, say: Say) -> None:
    """Show a container's log, or a job's.

    Raises:
        NotFoundError: There is no such container or job.
        DaemonError: Docker does not answer.
    """
    if what in ROLES:
        say(_container_log(stack_name, what, tail))
        return
    convex = Stack(folders, stack_name).convex()
    jobs = Jobs(convex)
    job = jobs.job(what)
    for line in jobs.logs(job.id):
        say(line)
    say(line_of(job))


def _repository(request: Submission, stack_name: str, report: Report) -> RepositoryUrl:
    path = Path(request.source).expanduser()
    if path.is_dir():
        commit = git.head_commit(path)
        url = import_repository(path, stack=stack_name, name=request.name, replace=request.replace)
        report("imported", f"{path} at commit {commit[:12]} as {url}")
        if git.is_worktree(path) and git.has_changes(path):
            report("imported", "files that differ from the last commit are not in it: a course is made from commits")
        return parse_repository_url(url, UrlPolicy(local_prefix=FOLDER))
    if request.source.startswith(("/", ".", "~")):
        raise NotFoundError(f"there is no folder {request.source}: give the path of a git repository, or a URL")
    try:
        return parse_repository_url(request.source, UrlPolicy(local_prefix=FOLDER))
    except RepositoryUrlError as error:
        raise NotFoundError(str(error)) from error


def _container_log(stack_name: str, role: str, tail: int) -> str:
    try:
        client = docker.from_env(timeout=30)
    except DockerException as error:
        raise DaemonError(f"Docker does not answer: {error}") from error
    try:
        return container_of(client, stack_name, role).logs(tail=tail).decode(errors="replace").rstrip()
    except DockerException as error:
        raise DaemonError(f"Docker failed while the log of the {role} was read: {error}") from error
    finally:
        client.close()


def _address(outputs: Outputs, job: Job) -> str:
    return job_address(outputs.web_url, job.id)
