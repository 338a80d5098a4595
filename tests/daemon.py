"""A Docker daemon of a test's own: network, data and containers apart from the machine's, so that a test may kill it.

It lives in a network namespace, so neither the machine's own daemon nor its packet filter is touched, and it reaches
nothing that it was not connected to. Images come to it by `docker save` and `docker load`. Needs root and iproute2.
"""

import contextlib
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_START_S = 60
_STOP_S = 40
_POLL_S = 0.1
_MIB = 1 << 20
# Gives the daemon a host name of its own; `setpriv` ends it with the test run, however that ends.
_NAMED = 'hostname "$1"; shift; exec setpriv --pdeathsig TERM "$@"'


@dataclass(slots=True, kw_only=True)
class Daemon:
    """One daemon, in a namespace and a folder that are there already.

    Attributes:
        name: Its host name.
        bridge: Address of its default bridge with the length of the network's prefix.
    """

    name: str
    namespace: str
    folder: Path
    bridge: str
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def host(self) -> str:
        """The value of DOCKER_HOST that reaches the daemon."""
        return f"unix://{self.folder}/docker.sock"

    @property
    def data(self) -> Path:
        """Where it keeps images, containers and volumes."""
        return self.folder / "data"

    def docker(self, *arguments: str, check: bool = True, stdin: bytes | None = None) -> str:
        """Run the Docker client on this daemon; what it printed is in the error when it fails."""
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
        assert self._runs(), (self.folder / "log").read_text()[-4000:]
        return bool(self.docker("version", "--format", "{{.Server.Version}}", check=False))

    def inside(self, *argv: str) -> list[str]:
        """The command, to be run where the daemon's loopback interface is."""
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

    def begin_to_start(self) -> None:
        """Start the daemon's process."""
        dockerd = [
            "dockerd",
            f"--host={self.host}",
            f"--data-root={self.data}",
            f"--exec-root={self.folder}/exec",
            f"--pidfile={self.folder}/pid",
            f"--bip={self.bridge}",
        ]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self.inside("unshare", "--uts", "sh", "-c", _NAMED, "sh", self.name, *dockerd),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def start(self) -> None:
        """Start the daemon and wait until it answers."""
        self.begin_to_start()
        until(self.answers, what=f"daemon of {self.name}")

    def kill(self) -> None:
        """End the daemon as a crash would: its containers run on, and nothing of it is tidied up."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(_STOP_S)
        pid_file = self.folder / "exec" / "containerd" / "containerd.pid"
        if pid_file.exists():
            # It dies with the daemon; a daemon that starts before nobody has its number would wait for it.
            until(lambda: not _runs(pid_file.read_text().strip()), what="end of containerd")
            pid_file.unlink()

    def begin_to_stop(self) -> None:
        """Tell the daemon to end; its containers end with it."""
        if self._process is not None and self._runs():
            self._process.terminate()

    def stop(self) -> None:
        """Tell the daemon to end and wait for it; one that hangs is killed."""
        self.begin_to_stop()
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_STOP_S)
            self.kill()

    def _runs(self) -> bool:
        return self._process is not None and self._process.poll() is None


def _runs(pid: str) -> bool:
    """Whether there is such a process and it has not ended."""
    with contextlib.suppress(OSError):
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    return False


def until(condition: Callable[[], bool], *, what: str, timeout_s: float = _START_S) -> None:
    """Wait for a condition, looking ten times a second."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {timeout_s:.0f} s"
        time.sleep(_POLL_S)


@contextlib.contextmanager
def daemon_folder(mark: str) -> Iterator[Path]:
    """A folder for daemons' files; what they leave mounted in it when they are killed is unmounted."""
    # Not pytest's folder: the path of a Unix socket has room for about a hundred characters.
    folder = Path(tempfile.mkdtemp(prefix=f"{mark}-"))
    try:
        yield folder
    finally:
        mounted = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
        for path in sorted((path for path in mounted if path.startswith(f"{folder}/")), reverse=True):
            subprocess.run(["umount", path], check=True)
        shutil.rmtree(folder)


@contextlib.contextmanager
def network_namespace(name: str) -> Iterator[str]:
    """A network namespace whose loopback interface is up."""
    ip("netns", "add", name)
    try:
        ip("-n", name, "link", "set", "lo", "up")
        yield name
    finally:
        ip("netns", "delete", name)


def ip(*arguments: str) -> None:
    """Run `ip`."""
    subprocess.run(["ip", *arguments], check=True)


@contextlib.contextmanager
def running_daemon(*, disk_mib: int) -> Iterator[Daemon]:
    """A daemon that is connected to nothing, with a disk of its own of that size. Nothing of it is left afterwards."""
    mark = f"fdd-{secrets.token_hex(3)}"
    with daemon_folder(mark) as folder, network_namespace(mark) as namespace:
        daemon = Daemon(name=mark, namespace=namespace, folder=folder, bridge="192.168.213.1/24")
        daemon.data.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={disk_mib}m", mark, str(daemon.data)], check=True)
        try:
            daemon.start()
            yield daemon
        finally:
            daemon.stop()


@contextlib.contextmanager
def full_disk(folder: Path, *, left_mib: int) -> Iterator[None]:
    """Leave a running daemon's disk, a folder of `running_daemon`, only so much space; at the end it has all again."""
    usage = shutil.disk_usage(folder)
    _resize(folder, usage.total - usage.free + left_mib * _MIB)
    try:
        yield
    finally:
        _resize(folder, usage.total)


def _resize(disk: Path, size_bytes: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size_bytes}", str(disk)], check=True)
