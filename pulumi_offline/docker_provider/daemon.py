"""The one way to the Docker daemon: connects on first use and turns its errors into messages that say what to do.

The Docker SDK is imported on first use, because an update without changes never needs the daemon.
"""

from __future__ import annotations

import contextlib
import re
import threading
from typing import TYPE_CHECKING, Any, TypeAlias

from pulumi_offline.docker_provider.errors import DaemonError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator

Client: TypeAlias = Any
"""The Docker SDK's `APIClient`. Its published types miss half of the methods, so they are not used."""

_START_DAEMON = "start Docker (`systemctl start docker`, or `dockerd`), or set DOCKER_HOST to a daemon that runs"


class Daemon:
    """A lazily opened connection; safe to share between threads."""

    def __init__(self, host: str | None = None) -> None:
        self._host = host
        self._lock = threading.Lock()
        self._client: Client | None = None

    @contextlib.contextmanager
    def requests(self, subject: str) -> Iterator[Client]:
        """The client; errors inside the block become `DaemonError`s about the subject, e.g. "container worker"."""
        import requests.exceptions  # noqa: PLC0415  # on first use, see the module docstring
        import urllib3.exceptions  # noqa: PLC0415  # same
        from docker.errors import APIError, DockerException, NotFound  # noqa: PLC0415  # same

        try:
            yield self._connected()
        except NotFound as error:
            raise NotFoundError(explain(subject, _reason(error))) from error
        except APIError as error:
            raise DaemonError(explain(subject, _reason(error))) from error
        except (DockerException, requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as error:
            # urllib3's own: the SDK reads a stream, such as a build's, past requests.
            raise DaemonError(explain(subject, str(error))) from error

    def _connected(self) -> Client:
        from docker.api import APIClient  # noqa: PLC0415  # on first use, see the module docstring
        from docker.utils import kwargs_from_env  # noqa: PLC0415  # same

        with self._lock:
            if self._client is None:
                options = kwargs_from_env()
                if self._host:
                    options["base_url"] = self._host
                self._client = APIClient(version="auto", **options)
            return self._client


def _reason(error: Exception) -> str:
    return str(getattr(error, "explanation", None) or error)


def explain(subject: str, reason: str) -> str:
    """The daemon's reason about a subject, and what to do when it is a known one."""
    reason = " ".join(reason.split())
    remedy = _remedy(reason)
    return f"{subject}: {reason}" if remedy is None else f"{subject}: {reason}: {remedy}"


def _remedy(reason: str) -> str | None:
    lowered = reason.lower()
    for pattern, remedy in _REMEDIES:
        match = re.search(pattern, lowered)
        if match:
            return match.expand(remedy)
    return None


# Pattern in the daemon's lower-cased reason, and the remedy (with the pattern's groups). First match wins.
_REMEDIES = (
    (
        r"bind for [^ ]*?:(\d+) failed: port is already allocated",
        r"another container uses host port \1: stop it (`docker ps --filter publish=\1`) or configure another port",
    ),
    (
        r"(?:listen|bind)[^ ]* (?:tcp|udp)\d? [^ ]*?:(\d+): bind: address already in use",
        r"another program on this machine listens on port \1: stop it (`ss -ltnp`) or configure another port",
    ),
    (r"port is already allocated", r"stop the container that uses the port or configure another port"),
    (
        r"the container name \"?/?([^\" ]+)\"? is already in use",
        r"a container of this name exists outside this stack: remove it with `docker rm -f \1`, or import it",
    ),
    (
        r"network with name ([^ ]+) already exists",
        r"a network of this name exists outside this stack: remove it with `docker network rm \1`, or import it",
    ),
    (
        r"no space left on device",
        r"free disk space (`docker system df`, `docker system prune`) and run the update again",
    ),
    (
        (
            r"connection refused|no such file or directory'?\)|error while fetching server api version"
            r"|connection aborted|connection broken"
        ),
        _START_DAEMON,
    ),
    (
        r"this node is not a swarm manager.*worker nodes can't",
        r"point DOCKER_HOST (or docker:host) at a manager, or make this node one with `docker node promote` there",
    ),
    (
        r"this node is not a swarm manager|this node is not part of a swarm",
        r"make this one a swarm with `docker swarm init`, or point DOCKER_HOST (or docker:host) at a manager",
    ),
    (
        r"the swarm does not have a leader|lost leader status|context deadline exceeded",
        (
            r"start the other managers again, or go on with this one alone, services and secrets kept:"
            r" `docker swarm init --force-new-cluster --advertise-addr <its address>`"
        ),
    ),
    (
        r"swarm is encrypted and needs to be unlocked|swarm is locked",
        r"unlock it with `docker swarm unlock` and the key from `docker swarm unlock-key`",
    ),
    (
        r"(secret|config) '([^']+)' is in use by the following services?: ([^ ]+)",
        r"service \3 still refers to it: leave the name of a \1 out, so that its replacement is made first",
    ),
    (
        r"name conflicts with an existing object",
        r"it exists outside this stack: remove it (`docker service|secret|config rm`) or choose another name",
    ),
    (
        r"no suitable node",
        r"no node fits the placement or has the resources left: see `docker node ls` and the service's constraints",
    ),
    (r"permission denied", r"your user may not speak to Docker: add it to group docker, or run as root"),
    (
        r"no such image: ([^ ]+)",
        (
            r"the daemon has no image \1: build it or pull it first, and depend on the resource that makes it;"
            r" other nodes of a swarm get it from a registry, or by `docker save` and `docker load`"
        ),
    ),
    (
        r"rootfs is marked read-only",
        r"upload into a container that is not read_only, for example through a shared volume",
    ),
    (r"has active endpoints", r"containers outside this stack use the network: disconnect or remove them first"),
    (r"volume is in use", r"containers outside this stack use the volume: remove them first"),
)
