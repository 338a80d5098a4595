"""A real swarm on one machine: every node is a Docker daemon of its own (`tests.daemon`).

A bridge in one more network namespace connects the nodes, which reach nothing but each other. Images are named by id:
Swarm asks a registry for every other name.
"""

import contextlib
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.daemon import Daemon, daemon_folder, ip, network_namespace, until

_NETWORK = "192.168.213"


@dataclass(slots=True, kw_only=True)
class Node(Daemon):
    """One daemon of the swarm."""

    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Swarm:
    """Nodes of one swarm; the first is its manager."""

    nodes: Sequence[Node]

    @property
    def manager(self) -> Node:
        """The node that the tests talk to."""
        return self.nodes[0]

    def tasks(self, service: str) -> list[tuple[str, str]]:
        """Node and state of the tasks of a service that are meant to run."""
        listing = ("service", "ps", "--filter", "desired-state=running", "--format", "{{.Node}} {{.CurrentState}}")
        lines = self.manager.docker(*listing, service).splitlines()
        return [(node, state) for node, state, *_ in (line.split() for line in lines)]


@contextlib.contextmanager
def running_swarm(size: int) -> Iterator[Swarm]:
    """A swarm of that many daemons: one manager, the others workers. Everything of it is gone afterwards."""
    mark = f"fsw-{secrets.token_hex(3)}"
    nodes: list[Node] = []
    with daemon_folder(mark) as folder, contextlib.ExitStack() as namespaces:
        hub = namespaces.enter_context(network_namespace(f"{mark}-0"))
        ip("-n", hub, "link", "add", "bridge", "type", "bridge")
        ip("-n", hub, "link", "set", "bridge", "up")
        try:
            for number in range(1, size + 1):
                namespace = namespaces.enter_context(network_namespace(f"{mark}-{number}"))
                nodes.append(_connected(number, namespace, hub=hub, folder=folder / str(number)))
                nodes[-1].begin_to_start()
            for node in nodes:
                until(node.answers, what=f"daemon of {node.name}")
            nodes[0].docker("swarm", "init", "--advertise-addr", nodes[0].address)
            token = nodes[0].docker("swarm", "join-token", "--quiet", "worker")
            for node in nodes[1:]:
                node.docker("swarm", "join", "--token", token, f"{nodes[0].address}:2377")
            yield Swarm(nodes=tuple(nodes))
        finally:
            for node in reversed(nodes):
                node.docker("swarm", "leave", "--force", check=False)
                node.begin_to_stop()
            for node in nodes:
                node.stop()


def _connected(number: int, namespace: str, *, hub: str, folder: Path) -> Node:
    """A node that is not started yet, its namespace connected to the hub's bridge."""
    address, port = f"{_NETWORK}.{number}", f"port{number}"
    ip("link", "add", port, "netns", hub, "type", "veth", "peer", "name", "eth0", "netns", namespace)
    ip("-n", hub, "link", "set", port, "master", "bridge", "up")
    ip("-n", namespace, "address", "add", f"{address}/24", "dev", "eth0")
    ip("-n", namespace, "link", "set", "eth0", "up")
    folder.mkdir()
    return Node(
        name=f"node-{number}",
        namespace=namespace,
        folder=folder,
        bridge=f"192.168.{213 + number}.1/24",
        address=address,
    )
