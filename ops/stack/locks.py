"""Who holds a stack's lock, and whether that process still runs.

A self-managed backend keeps a lock as a file that names user, host, process and time; nobody takes it away when the
process is killed. Pulumi Cloud keeps its own and lets it expire.
"""

import json
import os
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

from components.machine import MachineFolders
from ops.errors import BusyError, InterruptedUpdateError, OpsError
from ops.stack.state_files import Files, state_files

PROJECT: Final = "fondation"
LOCKED: Final = "the stack is currently locked"
_OWNER: Final = re.compile(r"created by (?P<user>\S*)@(?P<host>\S+) \(pid (?P<pid>\d+)\) at (?P<since>\S+)")
# A process that began after the lock was made only has the same number; clocks and file systems are this exact.
_TOLERANCE_S: Final = 2.0


class Holder(StrEnum):
    """What became of the process that took a lock."""

    RUNNING = "running"
    GONE = "gone"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """A lock on a stack; `since` is as Pulumi wrote it, RFC 3339."""

    user: str
    host: str
    pid: int
    since: str

    @classmethod
    def of(cls, text: str) -> Self:
        """Return the lock that a lock file's content describes; one that cannot be read belongs to nobody."""
        try:
            content = json.loads(text)
            return cls(
                user=str(content["username"]),
                host=str(content["hostname"]),
                pid=int(content["pid"]),
                since=str(content["timestamp"]),
            )
        except (KeyError, TypeError, ValueError):
            return cls(user="unknown", host=platform.node(), pid=0, since="unknown")

    @property
    def holder(self) -> Holder:
        """What became of its process, as far as this machine can tell."""
        if self.host != platform.node():
            return Holder.ELSEWHERE
        began = _began(self.pid)
        taken = _seconds(self.since)
        if began is None or (taken is not None and began > taken + _TOLERANCE_S):
            return Holder.GONE
        return Holder.RUNNING

    def __str__(self) -> str:
        return f"{self.user}@{self.host}, process {self.pid}, since {self.since}"


def locks_in_files(files: Files) -> Sequence[Lock]:
    """Return the locks that are in a stack's folder of a self-managed backend."""
    found = []
    for name in files.names():
        if not name.endswith(".json"):
            continue
        try:
            found.append(Lock.of(files.read(name).decode(errors="replace")))
        except FileNotFoundError:
            continue  # given back between the listing and the reading
    return found


def stack_locks(folders: MachineFolders, stack: str) -> Sequence[Lock] | None:
    """Return the locks on a stack of this checkout; None where only a command that needs the lock finds it held.

    Raises:
        StackError: The backend cannot be read.
    """
    files = state_files(folders, stack, f".pulumi/locks/organization/{PROJECT}/{stack.rpartition('/')[2]}")
    return None if files is None else locks_in_files(files)


def require_unlocked(folders: MachineFolders, stack: str) -> None:
    """Check that nothing is at work on a stack, as far as that can be told without starting Pulumi.

    Raises:
        BusyError: Another command is at work on the stack.
        InterruptedUpdateError: An update was killed before.
    """
    found = refusal(stack_locks(folders, stack) or [], stack)
    if found is not None:
        raise found


def locks_in_message(text: str) -> Sequence[Lock]:
    """Return the locks that Pulumi names when it refuses to start."""
    return [
        Lock(user=found["user"], host=found["host"], pid=int(found["pid"]), since=found["since"])
        for found in _OWNER.finditer(text)
    ]


def refusal(locks: Sequence[Lock], stack: str) -> OpsError | None:
    """Return why a command cannot start while these locks are held; None when there is none."""
    if not locks:
        return None
    held = next((lock for lock in locks if lock.holder is not Holder.GONE), None)
    if held is None:
        return InterruptedUpdateError(
            f"an update of stack {stack} was killed and left its lock ({locks[0]}):"
            f" `bin/fondation recover --stack {stack}` puts it right, then run the command again"
        )
    if held.holder is Holder.RUNNING:
        return BusyError(
            f"another command is at work on stack {stack}: {held}; wait for it, or stop it with `kill -INT {held.pid}`"
        )
    return BusyError(
        f"another command is at work on stack {stack} on another machine: {held}; wait for it; if it was killed, run"
        f" `bin/fondation recover --stack {stack}` there, or remove its lock with `bin/pulumi cancel --stack {stack}`"
    )


def _began(pid: int) -> float | None:
    """Return when a process of this machine began, in seconds since the epoch; None when there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        boot = next(
            int(line.split()[1])
            for line in Path("/proc/stat").read_text(encoding="ascii").splitlines()
            if line.startswith("btime ")
        )
    except (OSError, StopIteration):
        return None if not _exists(pid) else 0.0
    state, ticks = fields[0], int(fields[19])
    return None if state in {"Z", "X"} else boot + ticks / os.sysconf("SC_CLK_TCK")


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid > 0


def _seconds(since: str) -> float | None:
    try:
        moment = datetime.fromisoformat(re.sub(r"(\.\d{6})\d*", r"\1", since))
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
