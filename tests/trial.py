"""A throw-away stack of the real program on the real engine and daemon.

Works in a copy of the checkout with its own home, ports, names and image names, so that a run disturbs neither the
checkout nor the development stack.
"""

import contextlib
import ipaddress
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PASSPHRASE = "trial-passphrase"
# Below those that the system gives to whoever asks for any; each process of a run has a thousand of its own.
_PORTS: Iterator[int] = iter(range(20_000 + 1_000 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]), 32_000))
_LEFT_OUT = shutil.ignore_patterns(
    ".git", ".fondation", "__pycache__", "node_modules", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"
)


def free_port() -> int:
    """Return a port that nobody listens on and that is given to nobody else, and another one each time."""
    for port in _PORTS:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("every port of this process is taken: another run may be at work on this machine")


def copy_checkout(target: Path) -> Path:
    """Copy the sources as they are, committed or not; the environment is shared."""
    shutil.copytree(ROOT, target, ignore=_LEFT_OUT, symlinks=True)
    share_environment(target)
    return target


def share_environment(checkout: Path) -> None:
    """Give a checkout this one's environment, with what is compiled of it."""
    own, venv = checkout / ".fondation", (ROOT / ".fondation" / "venv").resolve()
    own.mkdir()
    (own / "venv").symlink_to(venv)
    for library in (venv, Path(sysconfig.get_path("stdlib"))):
        compiled, shared = (root / ".fondation" / "pycache" / library.relative_to("/") for root in (checkout, ROOT))
        shared.mkdir(parents=True, exist_ok=True)
        compiled.parent.mkdir(parents=True, exist_ok=True)
        compiled.symlink_to(shared)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A stack and the copy of the checkout that it is deployed from.

    Attributes:
        entry: What every command is run by, such as `nsenter` with its options.
        variables: Environment beside this process's own.
    """

    checkout: Path
    home: Path
    name: str
    configuration: Mapping[str, str]
    passphrase: str = PASSPHRASE
    entry: Sequence[str] = ()
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def namespace(self) -> str:
        """Prefix of the stack's image names."""
        return self.configuration.get("imageNamespace", "")

    def container(self, role: str) -> str:
        """Return a container's name."""
        return f"fondation-{self.name}-{role}"

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of every command."""
        return {
            **os.environ,
            "FONDATION_HOME": str(self.home),
            "PULUMI_CONFIG_PASSPHRASE": self.passphrase,
            "PULUMI_STACK": self.name,
            "NO_COLOR": "1",
            **self.variables,
        }

    def run(
        self, *argv: str, timeout_s: float = 300, check: bool = True, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of the copy; its output is in the error when it fails."""
        done = subprocess.run(
            [*self.entry, *argv],
            cwd=self.checkout,
            env=self.environment,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(argv)} exited {done.returncode}:\n{done.stdout[-8000:]}")
        return done

    def begin(self, *argv: str) -> subprocess.Popen[str]:
        """Start a command of the copy, in a process group of its own; `await_line` and `communicate` read it."""
        return subprocess.Popen(
            [*self.entry, *argv],
            cwd=self.checkout,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def pulumi(self, *arguments: str, check: bool = True, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run `bin/pulumi` on the stack."""
        return self.run("bin/pulumi", *arguments, "--non-interactive", "--color=never", check=check, stdin=stdin)

    def fondation(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run `bin/fondation` on the stack."""
        return self.run("bin/fondation", *arguments, "--stack", self.name, check=check)

    def init(self, *parts: str) -> None:
        """Prepare the copy, by default in every part, and create the stack."""
        lines = ["config:", *(f"  fondation:{key}: {json.dumps(value)}" for key, value in self.configuration.items())]
        (self.checkout / f"Pulumi.{self.name}.yaml").write_text("\n".join(lines) + "\n")
        self.run("bin/fondation", "prepare", *parts, timeout_s=900)
        self.pulumi("stack", "init", self.name)

    def up(self) -> str:
        """Deploy; return what Pulumi printed."""
        return self.pulumi("up", "--yes", "--skip-preview").stdout

    def destroy(self) -> None:
        """Remove the stack and its images; nothing else of it may be left."""
        self.pulumi("destroy", "--yes", "--skip-preview", "--remove")
        if self.namespace:
            remove_images(self.namespace)
        for kind in (("ps", "--all"), ("network", "ls"), ("volume", "ls")):
            assert names_of(kind, self.container("")) == []

    def in_worker(self, page: str) -> str:
        """Return a page of the worker's health server, whatever its status; nothing when it does not answer."""
        code = (
            "import urllib.request as u, urllib.error as e\n"
            f"try: print(u.urlopen('http://127.0.0.1:8080{page}').read().decode())\n"
            "except e.HTTPError as error: print(error.read().decode())"
        )
        argv = ["docker", "exec", self.container("worker"), "/opt/fondation/venv/bin/python", "-c", code]
        return subprocess.run(argv, capture_output=True, text=True, check=False).stdout

    def containers(self) -> dict[str, str]:
        """Return the ids of the stack's containers by role."""
        listed = docker("ps", "--all", "--no-trunc", "--format", "{{.Names}} {{.ID}}").splitlines()
        found = (line.split() for line in listed if line.startswith(self.container("")))
        return {name.removeprefix(self.container("")): container for name, container in found}

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs."""
        found: dict[str, Any] = json.loads(self.pulumi("stack", "output", "--json").stdout)
        return found


def new_trial(folder: Path, **configuration: str) -> Trial:
    """Return a trial that is not deployed yet, with names and ports of its own."""
    name = f"test-{secrets.token_hex(4)}"
    return Trial(
        checkout=copy_checkout(folder / "checkout"),
        home=folder / "home",
        name=name,
        configuration={
            "environment": "development",
            "localRepositories": "true",
            "imageNamespace": f"fondation-{name}/",
            "webPort": str(free_port()),
            "backendPort": str(free_port()),
            "leaseSeconds": "6",
            "heartbeatSeconds": "2",
            "drainSeconds": "5",
            "healthSeconds": "3",
            **configuration,
        },
    )


def await_line(process: subprocess.Popen[str], pattern: str) -> None:
    """Read what a command prints up to a line with the pattern; an error shows all of it when there is none."""
    seen: list[str] = []
    for line in process.stdout or ():
        seen.append(line)
        if re.search(pattern, line):
            return
    raise AssertionError(f"it never said {pattern!r}:\n{''.join(seen)[-8000:]}")


def docker(*arguments: str) -> str:
    """Run the docker client; return its output."""
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True, timeout=120).stdout


def copy_images(prefix: str, other: str) -> None:
    """Give the images whose names begin with a prefix names that begin with another one, too."""
    for name in _images(prefix):
        docker("tag", name, f"{other}{name.removeprefix(prefix)}")


def remove_images(prefix: str) -> None:
    """Remove the images whose names begin with a prefix; there may be none."""
    if own := _images(prefix):
        docker("image", "rm", "--force", *own)


def _images(prefix: str) -> list[str]:
    names = docker("images", "--format", "{{.Repository}}:{{.Tag}}").split()
    return [name for name in names if name.startswith(prefix)]


def inspect(*arguments: str) -> list[dict[str, Any]]:
    """Return what `docker inspect` or `docker image inspect` says."""
    found: list[dict[str, Any]] = json.loads(docker(*arguments))
    return found


def bridge_address() -> str:
    """Return this machine's address on Docker's default network, where containers reach it."""
    settings = inspect("network", "inspect", "bridge")[0]["IPAM"]["Config"][0]
    # A daemon that found its bridge made already does not tell the gateway: it is the first address.
    return settings.get("Gateway") or str(next(ipaddress.ip_network(settings["Subnet"]).hosts()))


def names_of(kind: Sequence[str], prefix: str) -> list[str]:
    """Return the names of daemon objects that begin with a prefix; kind is such as ("volume", "ls")."""
    form = "{{.Names}}" if kind[0] == "ps" else "{{.Name}}"
    return [name for name in docker(*kind, "--format", form).split() if name.startswith(prefix)]


def small_repository(folder: Path) -> Path:
    """Make a repository with one file and one commit in a folder; a course of it takes a moment."""
    folder.mkdir(exist_ok=True)
    (folder / "greet.py").write_text(
        '"""Greets."""\n\n\ndef greet(name: str) -> str:\n    """Greet."""\n    return name\n'
    )
    git = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for arguments in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "greet"]):
        subprocess.run([*git, *arguments], check=True)
    return folder
