"""What the Docker daemon has: containers, images, networks and volumes, each as the daemon describes it.

Looks things up and removes what it is told to; decides nothing.
"""

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Protocol

import docker
from docker.api import APIClient
from docker.constants import DEFAULT_UNIX_SOCKET
from docker.errors import APIError, DockerException, NotFound
from requests.exceptions import RequestException

from ops.errors import DaemonError, StackError

TIMEOUT_S: Final = 120

Description = Mapping[str, Any]


def tagged_images(client: docker.DockerClient) -> Iterator[tuple[str, str]]:
    """Yield id and name of every image that has a name.

    From the daemon's one listing: an image that goes while others are looked at is no failure.
    """
    for image in client.api.images():
        for tag in image.get("RepoTags") or ():
            if tag != "<none>:<none>":
                yield image["Id"], tag


class Objects(Protocol):
    """Looks up what the daemon has by name or id; None for what it does not have."""

    def container(self, reference: str) -> Description | None:
        """Return a container."""

    def image(self, reference: str) -> Description | None:
        """Return an image."""

    def network(self, reference: str) -> Description | None:
        """Return a network."""

    def volume(self, name: str) -> Description | None:
        """Return a volume."""


class DockerObjects:
    """The objects of the daemon that the environment names."""

    def __init__(self, client: APIClient) -> None:
        self._client = client

    def container(self, reference: str) -> Description | None:
        """See `Objects`."""
        return _found(self._client.inspect_container, reference)

    def image(self, reference: str) -> Description | None:
        """See `Objects`."""
        return _found(self._client.inspect_image, reference)

    def network(self, reference: str) -> Description | None:
        """See `Objects`."""
        return _found(self._client.inspect_network, reference)

    def volume(self, name: str) -> Description | None:
        """See `Objects`."""
        return _found(self._client.inspect_volume, name)

    def last_lines(self, container_id: str, count: int) -> list[str]:
        """Return the end of a container's log, oldest first; nothing when there is no log."""
        try:
            text: bytes = self._client.logs(container_id, tail=count)
        except APIError:
            return []
        return text.decode("utf-8", "replace").splitlines()

    def remove_container(self, container_id: str, *, grace_s: int) -> None:
        """Stop a container, giving it time to drain, and remove it with its anonymous volumes."""
        if grace_s:
            self._client.stop(container_id, timeout=grace_s)
        self._client.remove_container(container_id, v=True, force=True)

    def remove_network(self, network_id: str) -> None:
        """Remove a network.

        Raises:
            StackError: Containers are attached to it.
        """
        found = self.network(network_id) or {}
        attached = sorted(item["Name"] for item in (found.get("Containers") or {}).values())
        if attached:
            name = found.get("Name")
            raise StackError(
                f"network {name} is in the way and {', '.join(attached)} use it: remove them"
                f" (`docker rm -f {' '.join(attached)}`), then the network (`docker network rm {name}`)"
            )
        self._client.remove_network(network_id)


@contextmanager
def docker_client(doing: str = "", *, timeout_s: int = TIMEOUT_S) -> Iterator[docker.DockerClient]:
    """Lend a client of the daemon that the environment names, for a block.

    Args:
        doing: What the block does, for the message, such as "while the log was read".
        timeout_s: The longest wait for an answer, in seconds.

    Raises:
        DaemonError: No daemon answers, or it failed; also for whatever the block asks of it.
    """
    try:
        _require_listener(os.environ.get("DOCKER_HOST") or DEFAULT_UNIX_SOCKET, timeout_s)
        client = docker.from_env(version="auto", timeout=timeout_s)
        try:
            yield client
        finally:
            client.close()
    except (DockerException, RequestException) as error:
        reason = str(getattr(error, "explanation", None) or error)
        raise DaemonError(
            f"Docker does not answer, or refused{f' {doing}' if doing else ''}: {reason}\nstart it (`systemctl start"
            " docker`, or `dockerd`), or set DOCKER_HOST to a daemon that runs"
        ) from error


def _require_listener(host: str, timeout_s: int) -> None:
    """Connect once where the daemon is a socket of this machine: the SDK leaves its own open when nobody listens.

    Raises:
        DockerException: Nobody does.
    """
    kind, _, path = host.partition("://")
    if "unix" not in kind:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(timeout_s)
        try:
            probe.connect("/" + path.lstrip("/"))
        except OSError as error:
            raise DockerException(f"{host}: {error.strerror or error}") from error


@contextmanager
def docker_objects() -> Iterator[DockerObjects]:
    """Lend the daemon's objects for a block.

    Raises:
        DaemonError: As `docker_client` does.
    """
    with docker_client() as client:
        yield DockerObjects(client.api)


def _found(inspect: Callable[[str], Description], reference: str) -> Description | None:
    try:
        return inspect(reference)
    except NotFound:
        return None
