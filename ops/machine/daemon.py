"""The Docker daemon: found, started or installed.

A daemon that was started here keeps running afterwards: other containers may depend on it. What is done is decided by
`next_action`, a pure function of what was seen; `ensure_daemon` carries it out, one action after the other.
"""

import os
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from components.daemon import platform_file
from ops.context import Line
from ops.errors import DaemonError, OperatorNeededError
from ops.machine import apt
from ops.machine.command import bounded, run
from ops.machine.docker_objects import docker_client
from ops.machine.facts import Machine, has_program, program

SOCKET: Final = Path("/var/run/docker.sock")
LOG_FILE: Final = Path("docker") / "dockerd.log"
START_TIMEOUT_S: Final = 60.0


class DaemonState(StrEnum):
    """What knocking at the daemon showed."""

    RUNNING = "running"
    FORBIDDEN = "forbidden"
    ABSENT = "absent"


class Action(StrEnum):
    """What to do next."""

    USE = "use"
    JOIN_GROUP = "join-group"
    CHECK_HOST = "check-host"
    INSTALL = "install"
    START_SERVICE = "start-service"
    START_PROCESS = "start-process"
    START_BY_HAND = "start-by-hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What decides the next action; `host` is DOCKER_HOST, a daemon that is not ours to install or start."""

    state: DaemonState
    host: str | None
    installed: bool


def next_action(seen: Seen, machine: Machine) -> Action:
    """Return what brings the daemon closer to answering."""
    if seen.state is DaemonState.RUNNING:
        return Action.USE
    if seen.host:
        return Action.CHECK_HOST
    if seen.state is DaemonState.FORBIDDEN:
        return Action.JOIN_GROUP
    if not seen.installed:
        return Action.INSTALL
    if not machine.is_root:
        return Action.START_BY_HAND
    return Action.START_SERVICE if machine.has_systemd else Action.START_PROCESS


def ensure_daemon(*, machine: Machine, home: Path, note: Line) -> str:
    """Return a sentence about the daemon once it answers; installs and starts it where that is allowed.

    Args:
        machine: Where we are.
        home: Folder for the log of a daemon that is started here.
        note: Receives progress.

    Raises:
        OperatorNeededError: Something needs more rights; the message gives the command.
        DaemonError: The daemon was started and does not answer, or DOCKER_HOST does not.
        CommandError: apt or systemctl failed.
    """
    done: list[str] = []
    seen = look()
    while (action := next_action(seen, machine)) is not Action.USE:
        if action.value in done:
            raise DaemonError(f"Docker still does not answer after: {', '.join(done)}; see `docker info`")
        _carry_out(action, seen, machine=machine, home=home, note=note)
        done.append(action.value)
        seen = look()
    version = _noted(home)
    if Action.START_PROCESS.value in done:
        return (
            f"Docker {version} was {'installed and ' if Action.INSTALL.value in done else ''}started by this command"
            f" (pid {_pid()}, log {home / LOG_FILE}); it keeps running"
        )
    if Action.START_SERVICE.value in done:
        return f"Docker {version} was started as a system service; it keeps running"
    if done:
        return f"Docker {version} was installed; its service keeps running"
    return f"Docker {version} answers"


def look() -> Seen:
    """Knock at the daemon."""
    host = os.environ.get("DOCKER_HOST") or None
    return Seen(state=_state(host), host=host, installed=has_program("dockerd"))


def _noted(home: Path) -> str:
    """Note the platform that images are built for, and return the daemon's version."""
    with docker_client(timeout_s=30) as client:
        version = client.version()
    file = platform_file(home)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{version['Os']}/{version['Arch']}\n", encoding="ascii")
    return str(version["Version"])


def daemon_architecture() -> str:
    """Return the architecture of the daemon that answers, as Docker spells it, such as `amd64`."""
    with docker_client(timeout_s=30) as client:
        return str(client.version()["Arch"])


def dockerd_argv(dockerd: str) -> list[str]:
    """Return the command that starts a daemon where there is no service manager."""
    return [dockerd, "--host", f"unix://{SOCKET}"]


def _state(host: str | None) -> DaemonState:
    if host is None and not _connects():
        return DaemonState.FORBIDDEN
    try:
        with docker_client(timeout_s=10) as client:
            client.ping()
    except (DaemonError, OSError):
        return DaemonState.ABSENT
    return DaemonState.RUNNING


def _connects() -> bool:
    """Return False only when the socket is there and may not be used."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knock:
        knock.settimeout(5)
        try:
            knock.connect(str(SOCKET))
        except PermissionError:
            return False
        except OSError:
            return True
    return True


def _carry_out(action: Action, seen: Seen, *, machine: Machine, home: Path, note: Line) -> None:
    if action is Action.INSTALL:
        note("installing docker.io")
        apt.install(["docker.io"], machine=machine, purpose="running containers", on_line=note)
    elif action is Action.START_SERVICE:
        run(["systemctl", "enable", "--now", "docker"], on_line=note)
    elif action is Action.START_PROCESS:
        _start_process(home, note)
    else:
        raise refusal(action, seen, machine)


def refusal(action: Action, seen: Seen, machine: Machine) -> OperatorNeededError | DaemonError:
    """Return the error that tells the operator what to do, for an action that is not ours."""
    if action is Action.JOIN_GROUP:
        return OperatorNeededError(
            f"you may not use {SOCKET}. Join its group, log in again and run the command again:\n"
            "  sudo usermod -aG docker $USER"
        )
    if action is Action.CHECK_HOST:
        return DaemonError(f"DOCKER_HOST is {seen.host!r} and no daemon answers there: start it, or unset DOCKER_HOST")
    command = "sudo systemctl start docker" if machine.has_systemd else "sudo dockerd &"
    return OperatorNeededError(
        f"Docker is installed and does not run, and you are not root. Type this, then run the command again:\n"
        f"  {command}"
    )


def _start_process(home: Path, note: Line, *, sleep: Callable[[float], None] = time.sleep) -> None:
    log = home / LOG_FILE
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as stream:
        process = subprocess.Popen(
            dockerd_argv(program("dockerd") or "dockerd"),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
            cwd="/",
        )
    note(f"starting dockerd, pid {process.pid}")
    for _ in range(int(START_TIMEOUT_S / 0.25)):
        if _state(None) is DaemonState.RUNNING:
            return
        if process.poll() is not None:
            break
        sleep(0.25)
    tail = bounded(log.read_text(encoding="utf-8", errors="replace"))
    raise DaemonError(f"dockerd did not start; the end of {log}:\n{tail}")


def _pid() -> str:
    file = Path("/var/run/docker.pid")
    return file.read_text(encoding="ascii").strip() if file.is_file() else "unknown"
