"""An update that has nothing to do: from clones on other paths, under other umasks, and beside docker compose.

The same stack is updated from five clones under four umasks each; any operation at all counts as a failure. The peer is
docker compose on the same images, limits, volumes and health checks, its containers up and unchanged.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from bench.report import Figure, timed
from tests.preview_truth import SCENARIOS, deployed
from tests.trial import Trial, free_port, inspect, share_environment

_PATHS: Final = ("a", "with space", "naïve-ü", "deep/er/and/deeper", ".hidden")
_UMASKS: Final = (0o002, 0o022, 0o027, 0o077)
_NOTHING: Final = SCENARIOS[0]
_PEER_RUNS: Final = 5
_NS: Final = 1_000_000_000
_ROLES: Final = ("backend", "web", "worker")


def measure(trial: Trial, scratch: Path) -> Iterator[Figure]:
    """Yield the figures of a deployed stack; leaves it as it was."""
    origin = _origin(trial, scratch / "origin")
    operations: list[int] = []
    samples: list[float] = []
    for umask in _UMASKS:
        for path in _PATHS:
            with _clone(trial, origin, scratch / f"{umask:03o}" / path, umask) as clone:
                begin = perf_counter()
                operations.append(len(deployed(clone, _NOTHING)))
                samples.append(perf_counter() - begin)
    yield Figure(
        name=f"updates that did anything, of {len(operations)} without a change (clone, path, umask)",
        samples=[sum(number > 0 for number in operations)],
        unit="",
        limit=0,
    )
    yield Figure(
        name="`pulumi up --skip-preview`, no change, from those clones",
        samples=samples,
        unit="s",
        peer=_peer(trial, scratch / "compose"),
    )


def _origin(trial: Trial, target: Path) -> Path:
    """A repository with one commit: what the stack was deployed from."""
    shutil.copytree(trial.checkout, target, ignore=shutil.ignore_patterns(".fondation", "__pycache__"), symlinks=True)
    identity = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"]
    for arguments in (["init", "-q"], ["add", "--all", "--force"], [*identity, "commit", "-q", "-m", "Import"]):
        subprocess.run(["git", *arguments], cwd=target, check=True)
    return target


@contextmanager
def _clone(trial: Trial, origin: Path, target: Path, umask: int) -> Iterator[Trial]:
    """The trial from a clone that was made, and is used, under a umask."""
    previous = os.umask(umask)
    try:
        subprocess.run(["git", "clone", "--quiet", str(origin), str(target)], check=True)
        share_environment(target)
        yield replace(trial, checkout=target)
    finally:
        os.umask(previous)
        shutil.rmtree(target, ignore_errors=True)


def _peer(trial: Trial, folder: Path) -> str:
    """How long docker compose takes for the same in the same run."""
    command = _compose()
    if command is None:
        return "docker compose is not installed"
    folder.mkdir(parents=True)
    project = f"{trial.name}-peer"
    (folder / "docker-compose.yml").write_text(json.dumps(_topology(trial)))
    asked = subprocess.run([*command, "version", "--short"], capture_output=True, text=True, check=True)

    def call(*arguments: str) -> None:
        subprocess.run(
            [*command, "--project-name", project, *arguments], cwd=folder, check=True, capture_output=True, timeout=300
        )

    try:
        call("up", "--detach")
        times = sorted(timed(lambda: call("up", "--detach")) for _ in range(_PEER_RUNS))
    finally:
        call("down", "--volumes", "--timeout", "1")
    return f"docker compose {asked.stdout.strip()}: {times[len(times) // 2]:.2f} s"


def _compose() -> list[str] | None:
    for command in (["docker", "compose"], ["docker-compose"]):
        try:
            subprocess.run([*command, "version"], capture_output=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        return command
    return None


def _topology(trial: Trial) -> dict[str, Any]:
    """The stack as a compose file: read from its running containers, on volumes, names and ports of its own."""
    services: dict[str, Any] = {}
    volumes: dict[str, Any] = {}
    for role in _ROLES:
        found = inspect("inspect", trial.container(role))[0]
        services[role] = _service(found)
        if role != "backend":
            services[role]["depends_on"] = ["backend"]
        for mount in found["Mounts"]:
            # The secrets' files are the stack's own, shared read-only; everything else is the peer's.
            volumes[mount["Name"]] = {"external": True} if not mount["RW"] else {}
    return {"version": "2.4", "services": services, "volumes": volumes}


def _service(found: dict[str, Any]) -> dict[str, Any]:
    config, host = found["Config"], found["HostConfig"]
    check = config["Healthcheck"]
    service: dict[str, Any] = {
        "image": found["Image"],
        "command": config["Cmd"],
        "user": config["User"],
        "environment": config["Env"],
        "labels": {name: value for name, value in config["Labels"].items() if name.startswith("org.fondation.")},
        "read_only": host["ReadonlyRootfs"],
        "init": True,
        "cap_drop": host["CapDrop"],
        "security_opt": host["SecurityOpt"],
        "mem_limit": host["Memory"],
        "tmpfs": [f"{path}:{options}" for path, options in (host["Tmpfs"] or {}).items()],
        "healthcheck": {
            "test": check["Test"],
            "interval": f"{check['Interval'] // _NS}s",
            "timeout": f"{check['Timeout'] // _NS}s",
            "retries": check["Retries"],
        },
        "volumes": [
            f"{mount['Name']}:{mount['Destination']}:{'rw' if mount['RW'] else 'ro'}" for mount in found["Mounts"]
        ],
    }
    if host["PortBindings"]:
        service["ports"] = [f"127.0.0.1:{free_port()}:{port.partition('/')[0]}" for port in host["PortBindings"]]
    return service
