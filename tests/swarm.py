"""A real swarm on one machine: every node is a Docker daemon with a network, data and containers of its own.

The daemons live in network namespaces that a bridge in one more namespace connects, so neither the machine's own daemon
nor its packet filter is touched, and none of them reaches anything but the others. Images come to the nodes by `docker
save` and `docker load` and are named by id: Swarm asks a registry for every other name. Needs root and iproute2.
"""

import contextlib
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_START_S = 60
_STOP_S = 40
_POLL_S = 0.1
_NETWORK = "192.168.213"
# Gives the node a host name of its own; `setpriv` ends the daemon with the test run, however that ends.
_NAMED = 'hostname "$1"; shift; exec setpriv --pdeathsig TERM "$@"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One daemon of the swarm."""

    name: str
    namespace: str
    folder: Path
    address: str
    process: subprocess.Popen[bytes]

    @property
    def host(self) -> str:
        """The value of DOCKER_HOST that reaches the daemon."""
        return f"unix://{self.folder}/docker.sock"

    def docker(self, *arguments: str, check: bool = True, stdin: bytes | None = None) -> str:
        """Run the Docker client on this node; what it printed is in the error when it fails."""
        done = subprocess.run(
            ["docker", "--host", self.host, *arguments],
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if check else subprocess.DEVNULL,
            timeout=120,
            check=False,
        )
        text = done.stdout.decode(errors="replace").strip()
        if check and done.returncode != 0:
            raise AssertionError(f"docker {' '.join(arguments)} on {self.name} exited {done.returncode}:\n{text}")
        return text

    def answers(self) -> bool:
        """Whether the daemon takes requests."""
        assert self.process.poll() is None, (self.folder / "log").read_text()[-4000:]
        return bool(self.docker("version", "--format", "{{.Server.Version}}", check=False))

    def inside(self, *argv: str) -> list[str]:
        """The command, to be run where the node's loopback interface is."""
        return ["nsenter", f"--net=/run/netns/{self.namespace}", *argv]

    def load(self, *images: str, source: Sequence[str] = ("docker",)) -> None:
        """Copy images from another daemon, by default the machine's own; `source` is its Docker client's command."""
        with subprocess.Popen([*source, "save", *images], stdout=subprocess.PIPE) as saving:
            subprocess.run(
                ["docker", "--host", self.host, "load", "--quiet"],
                stdin=saving.stdout,
                stdout=subprocess.DEVNULL,
                timeout=120,
                check=True,
            )
        assert saving.returncode == 0

    def kill(self) -> None:
        """End the daemon as a power cut would."""
        self.process.kill()
        self.process.wait(_STOP_S)

    def begin_to_stop(self) -> None:
        """Leave the swarm and tell the daemon to end; its containers end with it."""
        if self.process.poll() is None:
            self.docker("swarm", "leave", "--force", check=False)
            self.process.terminate()

    def stop(self) -> None:
        """Wait for the daemon's end; one that hangs is killed."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_STOP_S)
        if self.process.poll() is None:
            self.kill()


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
    # Not pytest's folder: the path of a Unix socket has room for about a hundred characters.
    folder = Path(tempfile.mkdtemp(prefix=f"{mark}-"))
    namespaces: list[str] = []
    nodes: list[Node] = []
    try:
        _namespace(f"{mark}-0", namespaces)
        _ip("-n", f"{mark}-0", "link", "add", "bridge", "type", "bridge")
        _ip("-n", f"{mark}-0", "link", "set", "bridge", "up")
        for number in range(1, size + 1):
            _namespace(f"{mark}-{number}", namespaces)
            nodes.append(_node(mark, number, folder / str(number)))
        for node in nodes:
            until(node.answers, what=f"daemon of {node.name}")
        nodes[0].docker("swarm", "init", "--advertise-addr", nodes[0].address)
        token = nodes[0].docker("swarm", "join-token", "--quiet", "worker")
        for node in nodes[1:]:
            node.docker("swarm", "join", "--token", token, f"{nodes[0].address}:2377")
        yield Swarm(nodes=tuple(nodes))
    finally:
        for node in reversed(nodes):
            node.begin_to_stop()
        for node in nodes:
            node.stop()
        for namespace in namespaces:
            _ip("netns", "delete", namespace)
        _unmount(folder)
        shutil.rmtree(folder)


def until(condition: Callable[[], bool], *, what: str, timeout_s: float = _START_S) -> None:
    """Wait for a condition, looking ten times a second."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {timeout_s:.0f} s"
        time.sleep(_POLL_S)


def _node(mark: str, number: int, folder: Path) -> Node:
    namespace, address = f"{mark}-{number}", f"{_NETWORK}.{number}"
    _ip(
        "link", "add", f"port{number}", "netns", f"{mark}-0", "type", "veth", "peer", "name", "eth0", "netns", namespace
    )
    _ip("-n", f"{mark}-0", "link", "set", f"port{number}", "master", "bridge", "up")
    _ip("-n", namespace, "address", "add", f"{address}/24", "dev", "eth0")
    for interface in ("lo", "eth0"):
        _ip("-n", namespace, "link", "set", interface, "up")
    folder.mkdir()
    dockerd = [
        "dockerd",
        f"--host=unix://{folder}/docker.sock",
        f"--data-root={folder}/data",
        f"--exec-root={folder}/exec",
        f"--pidfile={folder}/pid",
        f"--bip=192.168.{213 + number}.1/24",
    ]
    name = f"node-{number}"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            ["nsenter", f"--net=/run/netns/{namespace}", "unshare", "--uts", "sh", "-c", _NAMED, "sh", name, *dockerd],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    return Node(name=name, namespace=namespace, folder=folder, address=address, process=process)


def _unmount(folder: Path) -> None:
    """Free what a killed daemon left mounted, the innermost first."""
    mounted = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    for path in sorted((path for path in mounted if path.startswith(f"{folder}/")), reverse=True):
        subprocess.run(["umount", path], check=True)


def _namespace(name: str, made: list[str]) -> None:
    _ip("netns", "add", name)
    made.append(name)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
