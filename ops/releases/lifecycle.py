"""`up`, `down` and `purge`: the stack and what belongs to it, from nothing to nothing."""

import shutil
import time
from collections.abc import Callable, Mapping
from typing import Final

import docker
from docker.errors import APIError, DockerException

from components.machine import MachineFolders
from components.os_base import OS_REPOSITORY
from course.redaction import redact
from ops.credential.service import Keeper
from ops.errors import DaemonError, StackError
from ops.jobs.first_course import ensure_first_course
from ops.jobs.jobs import Jobs
from ops.machine.facts import this_machine
from ops.machine.ports import require_free
from ops.machine.prepare import Setting, prepare
from ops.progress import Report
from ops.releases.deployment import deploy, open_gate
from ops.stack.locks import require_unlocked
from ops.stack.pulumi_output import DEV_STACK, nothing_changed
from ops.stack.stack import Stack, wait_for_web

IMAGES: Final = (
    OS_REPOSITORY,
    "fondation-claude",
    "fondation-cli",
    "fondation-worker",
    "fondation-server",
    "fondation-prometheus",
)

Say = Callable[[str], None]


def up(
    folders: MachineFolders, stack_name: str, *, first_course: bool, revert: bool = True, report: Report, say: Say
) -> str:
    """Prepare the machine, deploy a stack, make a first course; return the address to open.

    Args:
        folders: Where everything is.
        stack_name: Name of the stack.
        first_course: Whether to make a course of this project's own repository.
        revert: Whether the release before is applied again when this one fails.
        report: Receives progress.
        say: Receives results and what Pulumi prints.

    Raises:
        OpsError: What could not be done; everything before it stays and is found by the next try.
    """
    began = time.monotonic()
    stack = Stack(folders, stack_name)
    require_unlocked(folders, stack_name)
    prepare(Setting(folders=folders, machine=this_machine(), stack=stack_name), report=report)
    require_free(stack.published(), stack=stack_name)
    gate = open_gate(folders, stack_name, revert=revert)
    secrets = stack.secrets()

    def show(line: str) -> None:
        # The provider repeats the last lines of a container that is gone, of a task and of a build.
        say(f"    {redact(line, known=secrets)}")

    Keeper(folders=folders, stack=stack, report=report).release_gate(show)
    report("stack", f"pulumi up of {stack_name}")
    changes = deploy(folders, stack, gate, secrets=secrets, report=report, show=show)
    report("stack", "nothing changed" if nothing_changed(changes) else _counts(changes))
    outputs = stack.outputs()
    wait_for_web(outputs.web_url)
    report("web", f"{outputs.web_url} answers")
    if outputs.dashboard_url is not None:
        report("dashboard", outputs.dashboard_url)
    address = outputs.web_url
    if first_course:
        convex = stack.convex()
        job = ensure_first_course(folders.checkout, Jobs(convex), stack=stack_name, report=report)
        if job is not None:
            address = course_address(outputs.web_url, job.id)
    report("done", f"in {time.monotonic() - began:.0f} s; open this address:")
    return address


def course_address(web_url: str, job_id: str) -> str:
    """Return the address of a job's course."""
    return f"{web_url}/courses/{job_id}/"


def job_address(web_url: str, job_id: str) -> str:
    """Return the address of a job's page."""
    return f"{web_url}/jobs/{job_id}"


def down(folders: MachineFolders, stack_name: str, *, report: Report, say: Say) -> None:
    """Remove a development stack's containers, network and volumes.

    Raises:
        StackError: Pulumi failed, or the stack is not a development one.
    """
    stack = Stack(folders, stack_name)
    if stack_name != DEV_STACK and stack.values().get("environment") != "development":
        raise StackError(
            f"{stack_name} is not a development stack: removing it deletes its data; if that is what you want, type"
            f" `bin/pulumi destroy --stack {stack_name}`"
        )
    if not (folders.home / "engine").exists() or not stack.down(show=lambda line: say(f"    {line}")):
        report("stack", f"{stack_name} was not deployed")
    else:
        report("stack", f"containers, network and volumes of {stack_name} are removed")
    say(f"What stays: the project's Docker images, the cache {folders.cache}, Pulumi's state and the keys in")
    say(f"{folders.home}, and the Docker daemon. `make purge` removes the images and the cache.")


def purge(folders: MachineFolders, *, report: Report) -> None:
    """Remove the project's images and its cache; containers, state and keys stay.

    Raises:
        StackError: A container still runs one of the images.
        DaemonError: Docker does not answer.
    """
    try:
        client = docker.from_env(timeout=120)
    except DockerException as error:
        raise DaemonError(f"Docker does not answer, so its images cannot be removed: {error}") from error
    try:
        _remove_images(client, report)
    except DockerException as error:
        raise DaemonError(f"Docker failed while the images were removed: {error}") from error
    finally:
        client.close()
    for folder in (folders.cache, folders.build):
        if folder.exists():
            shutil.rmtree(folder)
            report("cache", f"{folder} removed")


def _remove_images(client: docker.DockerClient, report: Report) -> None:
    ours = [tag for image in client.images.list() for tag in image.tags if tag.rpartition(":")[0] in IMAGES]
    users = [
        container.name
        for container in client.containers.list(all=True)
        if container.image is not None and set(container.image.tags) & set(ours)
    ]
    if users:
        raise StackError(
            f"{', '.join(sorted(str(name) for name in users))} still use the project's images: remove the stacks first"
            " (`make down` for dev)"
        )
    for tag in ours:
        try:
            client.images.remove(tag)
        except APIError as error:
            raise StackError(f"image {tag} cannot be removed: {error.explanation}") from error
        report("image", f"{tag} removed")


def _counts(changes: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {what}" for what, count in changes.items()) or "deployed"
