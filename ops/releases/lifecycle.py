"""`up`, `down` and `purge`: the stack and what belongs to it, from nothing to nothing."""

import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import docker
from docker.errors import APIError

from components.machine import MachineFolders
from components.os_base import OS_REPOSITORY
from course.redaction import redact
from ops.context import Context, Report, stack_keys
from ops.credential.service import Keeper
from ops.errors import StackError
from ops.jobs.addresses import course_address
from ops.jobs.first_course import ensure_first_course
from ops.jobs.jobs import Jobs
from ops.machine.docker_objects import docker_client, tagged_images
from ops.machine.facts import this_machine
from ops.machine.ports import require_free
from ops.machine.prepare import prepare
from ops.releases.deployment import deploy, open_gate
from ops.stack.locks import require_unlocked
from ops.stack.neighbours import neighbours, owner_of, require_own
from ops.stack.pulumi_output import DEV_STACK, nothing_changed
from ops.stack.stack import Stack, wait_for_web
from ops.stack.turn import remember, turn

IMAGES: Final = (
    OS_REPOSITORY,
    "fondation-claude",
    "fondation-cli",
    "fondation-worker",
    "fondation-server",
    "fondation-sandbox",
    "fondation-prometheus",
)


def up(context: Context, *, first_course: bool, revert: bool = True, adopted: Sequence[str] = ()) -> str:
    """Prepare the machine, deploy a stack, make a first course; return the address to open.

    Args:
        context: The stack, and where progress and what Pulumi prints go.
        first_course: Whether to make a course of this project's own repository.
        revert: Whether the release before is applied again when this one fails.
        adopted: Names of volumes that no state has and that this one is to take over.

    Raises:
        NeighbourError: Another state has objects of the stack's names; nothing was touched.
        UnownedVolumeError: Volumes are there that no state has and that were not adopted; nothing was touched.
        OpsError: What could not be done; everything before it stays and is found by the next try.
    """
    began = time.monotonic()
    report = context.report
    stack = Stack(context.folders, context.stack)
    require_unlocked(context.folders, context.stack)
    prepare(context, this_machine())
    with turn(context):
        require_own(
            neighbours(context.folders, context.stack, stack.state()), context.folders, context.stack, adopted=adopted
        )
        require_free(stack.published(), stack=context.stack)
        gate = open_gate(context, revert=revert)
        secrets = stack.secrets()
        # The provider repeats the last lines of a container that is gone, of a task and of a build.
        masked = replace(context, say=lambda line: context.say(redact(line, known=secrets)))
        Keeper(context=masked, stack=stack).release_gate()
        report("stack", f"pulumi up of {context.stack}")
        changes = deploy(masked, stack, gate, secrets=secrets)
        remember(context.stack, owner_of(context.folders, context.stack))
    report("stack", "nothing changed" if nothing_changed(changes) else _counts(changes))
    outputs = stack.outputs()
    wait_for_web(outputs.web_url)
    report("web", f"{outputs.web_url} answers")
    if outputs.dashboard_url is not None:
        report("dashboard", outputs.dashboard_url)
    address = outputs.web_url
    if first_course:
        job = ensure_first_course(context.folders.checkout, Jobs(stack.convex()), stack=context.stack, report=report)
        if job is not None:
            address = course_address(outputs.web_url, job.id)
    report("done", f"in {time.monotonic() - began:.0f} s; open this address:")
    return address


def down(context: Context) -> None:
    """Remove a development stack's containers, network and volumes.

    Raises:
        StackError: Pulumi failed, or the stack is not a development one.
        NeighbourError: Another state has objects of the stack's names; nothing was touched.
    """
    folders, name = context.folders, context.stack
    if name != DEV_STACK and stack_keys(folders, name).environment != "development":
        raise StackError(
            f"{name} is not a development stack: removing it deletes its data; if that is what you want, type"
            f" `bin/pulumi destroy --stack {name}`"
        )
    stack = Stack(folders, name)
    is_set_up = (folders.home / "engine").exists()
    if is_set_up:
        require_own(neighbours(folders, name, stack.state()), folders, name, adopted=None)
    if not is_set_up or not stack.down(show=context.show):
        context.report("stack", f"{name} was not deployed")
    else:
        context.report("stack", f"containers, network and volumes of {name} are removed")
    context.say(f"What stays: the project's Docker images, the cache {folders.cache}, Pulumi's state and the keys in")
    context.say(f"{folders.home}, and the Docker daemon. `make purge` removes the images and the cache.")


def purge(folders: MachineFolders, *, report: Report) -> None:
    """Remove the project's images and its cache; containers, state and keys stay.

    Raises:
        StackError: A container still runs one of the images.
        DaemonError: Docker does not answer.
    """
    with docker_client("while the images were removed") as client:
        _remove_images(client, report)
    for folder in (folders.cache, folders.build):
        if folder.exists():
            shutil.rmtree(folder)
            report("cache", f"{folder} removed")


def _remove_images(client: docker.DockerClient, report: Report) -> None:
    ours = [tag for _, tag in tagged_images(client) if tag.rpartition(":")[0] in IMAGES]
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
