"""Checks of the machine: versions, disk, clock, daemon, Pulumi. They look and change nothing."""

import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from components.machine import MachineFolders
from ops.doctor.finding import Finding, failure, ok, warning
from ops.errors import DaemonError
from ops.machine.daemon import Action, DaemonState, Seen, look, next_action, refusal
from ops.machine.docker_objects import docker_client
from ops.machine.facts import MINIMUM_FREE_BYTES, Machine, has_program, unwritable

OLDEST_PYTHON: Final = (3, 11)
OLDEST_DOCKER: Final = (20, 10)
LEAST_MEMORY_BYTES: Final = 2 * 1024**3
LOW_DISK_BYTES: Final = 10 * 1024**3
# A lease lasts 30 s by default: half of it is where clocks begin to decide who owns a job.
SKEW_WARNING_S: Final = 5.0
SKEW_FAILURE_S: Final = 15.0
_GIB: Final = 1024**3


def check_machine(folders: MachineFolders, machine: Machine) -> Iterator[Finding]:
    """Yield what is to be said of the machine."""
    yield _python()
    yield _git()
    yield _memory()
    seen = look()
    if seen.state is DaemonState.RUNNING:
        yield from _daemon()
    else:
        yield failure("Docker", f"no daemon answers ({seen.state})", _daemon_remedy(seen, machine))
    for folder, purpose in ((folders.cache, "cache"), (folders.home, "state")):
        yield disk(folder, purpose)
    yield home_finding(folders.home)
    yield _engine(folders)


def disk(folder: Path, purpose: str) -> Finding:
    """Return how full the disk of a folder is, which need not exist yet."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free_bytes = shutil.disk_usage(existing).free
    fact = f"{free_bytes / _GIB:.1f} GiB free for the {purpose} in {folder}"
    if free_bytes < MINIMUM_FREE_BYTES:
        return failure("disk", fact, "free some space: `bin/fondation prune` removes old releases' images")
    if free_bytes < LOW_DISK_BYTES:
        return warning("disk", fact, "free some space soon: `bin/fondation prune` removes old releases' images")
    return ok("disk", fact)


def clock_skew(name: str, theirs_s: float, ours_s: float) -> Finding:
    """Return how far another clock is from this machine's; both in seconds since the epoch."""
    skew_s = theirs_s - ours_s
    fact = f"the clock of {name} is {abs(skew_s):.1f} s {'ahead of' if skew_s > 0 else 'behind'} this machine's"
    remedy = "let both follow a time server (chrony, systemd-timesyncd): leases and tokens are judged by the clock"
    if abs(skew_s) >= SKEW_FAILURE_S:
        return failure("clock", fact, remedy)
    if abs(skew_s) >= SKEW_WARNING_S:
        return warning("clock", fact, remedy)
    return ok("clock", fact)


def _python() -> Finding:
    fact = f"Python {platform.python_version()}"
    if sys.version_info >= OLDEST_PYTHON:
        return ok("Python", fact)
    return failure("Python", fact, f"install Python {'.'.join(map(str, OLDEST_PYTHON))} or newer, then `make prepare`")


def _git() -> Finding:
    if has_program("git"):
        return ok("git", "is there")
    return failure("git", "there is no git on PATH", "install it: `apt-get install git`")


def _memory() -> Finding:
    total_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    fact = f"{total_bytes / _GIB:.1f} GiB, {os.cpu_count()} CPUs"
    if total_bytes >= LEAST_MEMORY_BYTES:
        return ok("memory", fact)
    return warning("memory", fact, "the worker alone may take 1 GiB: lower fondation:workerMemoryMib, or add memory")


def _daemon() -> Iterator[Finding]:
    began_s = time.time()
    try:
        with docker_client(timeout_s=30) as client:
            version, info = str(client.version()["Version"]), client.info()
    except DaemonError as error:
        yield failure("Docker", f"the daemon failed: {error}", "see `docker info`, and the daemon's own log")
        return
    ended_s = time.time()
    fact = f"{version}, {info['Driver']}, {info['OperatingSystem']}"
    if is_older(version, OLDEST_DOCKER):
        yield failure("Docker", fact, f"update it to {'.'.join(map(str, OLDEST_DOCKER))} or newer")
    else:
        yield ok("Docker", fact)
    for text in info.get("Warnings") or ():
        yield warning(
            "Docker", str(text), "a limit that the kernel does not enforce protects nothing: see `docker info`"
        )
    root = Path(str(info["DockerRootDir"]))
    if root.exists():
        yield disk(root, "images and volumes")
    theirs_s = datetime.fromisoformat(str(info["SystemTime"])).timestamp()
    # A manager of a swarm without a majority looks at its clock some 20 s before it answers.
    yield clock_skew("the Docker daemon", theirs_s, min(max(theirs_s, began_s), ended_s))


def is_older(version: str, oldest: tuple[int, int]) -> bool:
    """Return whether a version such as `20.10.24+dfsg1` is below `oldest`; one that cannot be read is not."""
    found = re.match(r"(\d+)\.(\d+)", version)
    return found is not None and (int(found[1]), int(found[2])) < oldest


def _daemon_remedy(seen: Seen, machine: Machine) -> str:
    action = next_action(seen, machine)
    if action in {Action.JOIN_GROUP, Action.CHECK_HOST, Action.START_BY_HAND}:
        return str(refusal(action, seen, machine))
    return "`make prepare` installs and starts it"


def home_finding(home: Path) -> Finding:
    """Return whether the home, which need not exist yet, can be written."""
    if not (problem := unwritable(home)):
        return ok("home", f"{home} can be written")
    return failure("home", f"{home} cannot be used: {problem}", "set FONDATION_HOME to a folder that can be written")


def _engine(folders: MachineFolders) -> Finding:
    engine = folders.home / "engine"
    if not engine.exists():
        return failure("Pulumi", f"it is not set up in {folders.home}", "`make prepare` finds, fetches or builds one")
    try:
        done = subprocess.run(
            [str(engine.resolve()), "version"], capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        return failure("Pulumi", f"{engine} does not run: {error}", f"remove {engine}, then `make prepare`")
    return ok("Pulumi", done.stdout.strip())
