"""Ports that a stack publishes on this machine: whether they are free, and who has them otherwise."""

import contextlib
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ops.errors import DaemonError, StackError
from ops.machine.docker_objects import docker_client

_HOST: Final = "127.0.0.1"
_LISTEN: Final = "0A"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A port that the stack is going to publish, the key that sets it, and the container that may already have it."""

    port: int
    key: str
    container: str


def require_free(ports: Iterable[Published], *, stack: str) -> None:
    """Check that nobody else has the stack's ports.

    Raises:
        StackError: Somebody has; names every such port, its holder and the key to change.
    """
    problems = []
    for published in ports:
        if is_free(published.port):
            continue
        holder = container_on(published.port) or process_on(published.port)
        if holder == f"container {published.container}":
            continue
        problems.append(
            f"port {published.port} of {_HOST} is taken by {holder or 'another program'}: stop that, or choose another"
            f" port with `bin/pulumi config set {published.key} <port> --stack {stack}`"
        )
    if problems:
        raise StackError("\n".join(problems))


def is_free(port: int) -> bool:
    """Return whether a program could listen on a port of the loopback address."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        # Without it a port counts as taken for a minute after its last connection closed.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((_HOST, port))
        except OSError:
            return False
    return True


def container_on(port: int) -> str | None:
    """Return `container <name>` for the container that publishes a port."""
    try:
        with docker_client(timeout_s=10) as client:
            for container in client.containers.list():
                bindings = [binding for many in container.ports.values() for binding in many or ()]
                if any(binding["HostPort"] == str(port) for binding in bindings):
                    return f"container {container.name}"
    except DaemonError:
        return None
    return None


def process_on(port: int, proc: Path = Path("/proc")) -> str | None:
    """Return `process <pid> (<name>)` for the process that listens on a port, as far as this user may see it."""
    inodes = {
        fields[9]
        for table in ("net/tcp", "net/tcp6")
        for fields in _rows(proc / table)
        if fields[3] == _LISTEN and int(fields[1].rpartition(":")[2], 16) == port
    }
    if not inodes:
        return None
    targets = {f"socket:[{inode}]" for inode in inodes}
    for process in proc.iterdir():
        if process.name.isdigit() and targets & _open_files(process):
            name = (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
            return f"process {process.name} ({name})"
    return None


def _rows(table: Path) -> list[list[str]]:
    if not table.is_file():
        return []
    return [line.split() for line in table.read_text(encoding="ascii").splitlines()[1:]]


def _open_files(process: Path) -> set[str]:
    files: set[str] = set()
    with contextlib.suppress(OSError):  # another user's process, or one that has ended
        for entry in (process / "fd").iterdir():
            with contextlib.suppress(OSError):  # closed since it was listed
                files.add(str(entry.readlink()))
    return files
