"""How long what a release needs is kept: images and staged build folders of the last releases stay, older ones may go.

What is kept is decided over every stack of the backend, because stacks without a namespace of their own share images.
"""

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import docker
from docker.errors import APIError

from components.machine import MachineFolders
from components.stack_names import StackNames
from ops.context import Context, Report, stack_keys
from ops.errors import CommandError, NotFoundError
from ops.machine.docker_objects import docker_client, tagged_images
from ops.machine.pulumi_cli import Pulumi
from ops.stack.history import open_history
from ops.stack.pulumi_output import explained
from ops.stack.release import UNREADABLE, kept
from ops.stack.state import State

_DIGEST: Final = r"[a-z-]+-[0-9a-f]{12}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """What the last releases need: names of images, and staged folders relative to the checkout."""

    images: frozenset[str]
    contexts: frozenset[str]


def prune(context: Context, *, dry_run: bool) -> Sequence[str]:
    """Remove what no release that is kept and no container needs; return the images and folders, by name.

    Removes images of the stack's own namespace only, and never one that a container, running or not, was made from.
    A name whose image has other names, as equal images of several namespaces have, is all that is removed.

    Args:
        context: Where, and the stack whose namespace is looked at.
        dry_run: Only find them.

    Raises:
        StackError: A stack's history cannot be read, so that nothing is known to be unneeded.
        DaemonError: Docker does not answer.
    """
    folders, report = context.folders, context.report
    stacks = _stacks(folders, context.stack)
    needed = _needed(folders, stacks, report)
    namespace = context.keys.image_namespace
    folders_to_go = [folder for folder in _staged(folders) if _relative(folder, folders) not in needed.contexts]
    with docker_client("while the images were looked through") as client:
        images = unneeded_images(client, namespace, needed, stacks)
        gone = images if dry_run else [name for name in images if _removed(client, name, report)]
    if not dry_run:
        for folder in folders_to_go:
            shutil.rmtree(folder)
    found = [*gone, *(_relative(folder, folders) for folder in folders_to_go)]
    for name in found:
        report("prune", f"{name} {'would be removed' if dry_run else 'removed'}")
    if not found:
        report("prune", "nothing to remove")
    return found


def _needed(folders: MachineFolders, stacks: Sequence[str], report: Report) -> Needed:
    images: set[str] = set()
    contexts: set[str] = set()
    for name in stacks:
        for state in _states(folders, name, report):
            for image in state.images().values():
                images.add(str(image.inputs["imageName"]))
                contexts.add(str(image.inputs.get("build", {}).get("context")))
    return Needed(images=frozenset(images), contexts=frozenset(contexts))


def _stacks(folders: MachineFolders, stack: str) -> Sequence[str]:
    try:
        listed = json.loads(Pulumi(folders, stack).run("stack", "ls", "--json") or "[]")
    except CommandError as error:
        raise explained(error, stack) from error
    return sorted(str(entry["name"]) for entry in listed)


def _states(folders: MachineFolders, stack: str, report: Report) -> Iterator[State]:
    """Yield the states of the releases that are kept, and of the last update however it ended: it may run now."""
    history = open_history(folders, stack)
    updates = history.updates()
    for update in updates:
        if update.result == UNREADABLE:
            report("prune", f"#{update.version} of {stack} cannot be read and is not kept: {update.problem}")
    wanted = {update.version for update in kept(updates, stack_keys(folders, stack).keep_releases)}
    wanted |= {update.version for update in updates[-1:]}
    for version in sorted(wanted):
        try:
            yield history.state(version)
        except NotFoundError as error:
            report("prune", f"{stack}: {error}")


def unneeded_images(
    client: docker.DockerClient, namespace: str, needed: Needed, stacks: Sequence[str]
) -> Sequence[str]:
    """Return the names of images in a namespace that no release needs and no container of the stacks was made from."""
    ours = re.compile(rf"{re.escape(namespace)}fondation-[a-z]+:{_DIGEST}")
    # A killed update is not in the history, its containers are. Docker itself refuses what others still use.
    own = tuple(StackNames(stack=name.rpartition("/")[2]).of("") for name in stacks)
    containers = client.containers.list(all=True, ignore_removed=True)
    used = {str(item.attrs["Image"]) for item in containers if str(item.name).startswith(own)}
    return sorted(
        tag
        for image_id, tag in tagged_images(client)
        if image_id not in used and ours.fullmatch(tag) and tag not in needed.images
    )


def _removed(client: docker.DockerClient, name: str, report: Report) -> bool:
    try:
        client.images.remove(name)
    except APIError as error:
        report("prune", f"{name} stays: {error.explanation}")
        return False
    return True


def _staged(folders: MachineFolders) -> Sequence[Path]:
    if not folders.build.is_dir():
        return []
    return sorted(path for path in folders.build.iterdir() if re.fullmatch(_DIGEST, path.name))


def _relative(folder: Path, folders: MachineFolders) -> str:
    return folder.relative_to(folders.checkout).as_posix()
