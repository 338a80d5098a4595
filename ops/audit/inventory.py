"""Asks Pulumi's state what a stack consists of, and the daemon what those images and containers are."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from docker import DockerClient
from docker.errors import APIError, NotFound

from components.machine import MachineFolders
from components.os_base import OS_REPOSITORY
from ops.audit.facts import ContainerFacts, ImageFacts, Kind
from ops.audit.file_tree import FileTree, read_tree
from ops.drift.comparison import CONTAINER_TYPE
from ops.errors import NotFoundError
from ops.machine.docker_objects import docker_client
from ops.machine.pulumi_cli import Pulumi
from ops.stack.history import current_state
from ops.stack.state import State

_MEMORY_BYTES: Final = 64 << 20
"""Of an exported file system kept in memory; the rest goes to a temporary file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An image or a container of a stack: what the program calls it and what the daemon finds it by."""

    role: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """What a stack consists of, by the state of its last update."""

    images: Sequence[Member]
    containers: Sequence[Member]


def stack_members(folders: MachineFolders, stack: str) -> Members:
    """Return the images and containers of a deployed stack.

    Raises:
        NotFoundError: The stack has none: it is not deployed.
        StackError: Its state cannot be read.
    """
    found = members_of(current_state(Pulumi(folders, stack)))
    if not found.images:
        raise NotFoundError(f"the stack {stack} has no images: deploy it first, `bin/fondation up --stack {stack}`")
    return found


def members_of(state: State) -> Members:
    """Return the images and containers that a recorded state names; no secret of it is read."""
    images = [Member(role=image.name.removeprefix("images-"), reference=name) for name, image in state.images().items()]
    containers = [
        Member(role=resource.name.removesuffix("-container"), reference=resource.id)
        for resource in state.resources
        if resource.type == CONTAINER_TYPE
    ]
    return Members(images=images, containers=containers)


@contextmanager
def daemon() -> Iterator[DockerClient]:
    """Lend a client of the daemon to whoever looks at a stack's parts."""
    with docker_client() as client:
        try:
            yield client
        except NotFound as error:
            raise NotFoundError(
                f"the daemon misses a part of the stack: {error.explanation}; `bin/pulumi up` makes it"
            ) from error


def image_facts(client: DockerClient, member: Member) -> ImageFacts:
    """Return what is known of an image; nothing of it runs."""
    inspect = client.api.inspect_image(member.reference)  # type: ignore[no-untyped-call]  # the stubs leave it out
    return ImageFacts(
        role=member.role,
        kind=Kind.BASE if member.reference.startswith(f"{OS_REPOSITORY}:") else Kind.IMAGE,
        name=member.reference,
        inspect=inspect,
        history=[str(layer.get("CreatedBy") or "") for layer in _history(client, inspect["Id"])],
        files=image_files(client, str(inspect["Id"])),
    )


def image_files(client: DockerClient, image: str) -> FileTree:
    """Return an image's file system, read from a container that is made for it and never started."""
    container = client.api.create_container(image, command=["/"], network_disabled=True)
    try:
        with tempfile.SpooledTemporaryFile(max_size=_MEMORY_BYTES) as tar:
            for chunk in client.api.export(container["Id"]):
                tar.write(chunk)
            tar.seek(0)
            return read_tree(tar)
    finally:
        client.api.remove_container(container["Id"], force=True)


def container_facts(client: DockerClient, member: Member) -> ContainerFacts:
    """Return what is known of a container."""
    inspect = client.api.inspect_container(member.reference)
    image = client.api.inspect_image(inspect["Image"])  # type: ignore[no-untyped-call]  # same
    running = bool(inspect["State"]["Running"])
    return ContainerFacts(
        role=member.role,
        kind=Kind.COURIER if member.role.endswith("-courier") else Kind.SERVICE,
        name=str(inspect["Name"]).lstrip("/"),
        inspect=inspect,
        image_labels=(image.get("Config") or {}).get("Labels") or {},
        processes=_processes(client, member.reference) if running else [],
        execs=list(_execs(client, inspect.get("ExecIDs") or [])),
        security=client.info().get("SecurityOptions") or [],
    )


def base_images(client: DockerClient, containers: Sequence[ContainerFacts]) -> list[Member]:
    """Return the OS bases that couriers are made from."""
    names = {str(facts.config.get("Image")) for facts in containers if facts.kind is Kind.COURIER}
    return [Member(role="os", reference=name) for name in sorted(names) if client.images.get(name)]


def _history(client: DockerClient, image: str) -> list[Mapping[str, Any]]:
    layers: list[Mapping[str, Any]] = client.api.history(image)  # type: ignore[no-untyped-call]  # as above
    return layers


def _processes(client: DockerClient, container: str) -> list[str]:
    try:
        listed = client.api.top(container, ps_args="-eo pid,args")
    except APIError:
        if client.api.inspect_container(container)["State"]["Running"]:
            raise
        return []  # it ended meanwhile
    return [" ".join(row[1:]) for row in listed.get("Processes") or []]


def _execs(client: DockerClient, ids: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    for number in ids:
        try:
            yield client.api.exec_inspect(number)
        except APIError:  # it ended meanwhile: health checks come and go
            continue
