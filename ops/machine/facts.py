"""What the operator's machine is: its Linux, its rights, its tools, its free space. Only looks, changes nothing."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ops.errors import OperatorNeededError, SpaceError

MINIMUM_FREE_BYTES: Final = 3 * 1024**3
_APT_SYSTEMS: Final = frozenset({"debian", "ubuntu"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Facts that decide how something is installed or started.

    Attributes:
        system: `ID` and `ID_LIKE` of os-release, such as {"ubuntu", "debian"}.
        is_root: Whether this process may install packages.
        has_systemd: Whether systemd runs as the init process.
    """

    system: frozenset[str]
    is_root: bool
    has_systemd: bool

    @property
    def uses_apt(self) -> bool:
        """Whether packages of this machine come from apt."""
        return bool(self.system & _APT_SYSTEMS)


def this_machine() -> Machine:
    """Return the facts of the machine that this process runs on."""
    release = Path("/etc/os-release")
    text = release.read_text(encoding="utf-8", errors="replace") if release.is_file() else ""
    return Machine(
        system=systems(text),
        is_root=os.geteuid() == 0,
        has_systemd=Path("/run/systemd/system").is_dir(),
    )


def systems(os_release: str) -> frozenset[str]:
    """Return the names in `ID` and `ID_LIKE` of an os-release file (os-release(5))."""
    pairs = (line.partition("=") for line in os_release.splitlines())
    values = {key: value.strip("\"'") for key, _, value in pairs}
    return frozenset(f"{values.get('ID', '')} {values.get('ID_LIKE', '')}".split())


def has_program(name: str) -> bool:
    """Return whether a program is on PATH, or where Debian keeps the administrator's programs."""
    return program(name) is not None


def program(name: str) -> str | None:
    """Return a program's path; `/usr/sbin` counts even where PATH leaves it out."""
    return shutil.which(name) or shutil.which(name, path="/usr/local/sbin:/usr/sbin:/sbin")


def require_space(folder: Path, *, purpose: str, needed_bytes: int = MINIMUM_FREE_BYTES) -> None:
    """Check that the disk of a folder, which need not exist yet, has room.

    Raises:
        SpaceError: It has less than `needed_bytes` free.
    """
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free_bytes = shutil.disk_usage(existing).free
    if free_bytes < needed_bytes:
        raise SpaceError(
            f"{existing} has {free_bytes / 1024**3:.1f} GiB free, but {purpose} needs"
            f" {needed_bytes / 1024**3:.1f} GiB: free some space there and run the command again"
        )


def unwritable(folder: Path) -> str:
    """Return why a folder, which need not exist yet, cannot be written by this user; empty when it can."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not existing.is_dir():
        return f"{existing} is a file"
    return "" if os.access(existing, os.W_OK | os.X_OK) else f"{existing} cannot be written by this user"


def require_writable(folder: Path, *, purpose: str, variable: str) -> None:
    """Check that a folder, which need not exist yet, can be written.

    Args:
        folder: The folder.
        purpose: What it is for, for the message.
        variable: Name of the environment variable that chooses another.

    Raises:
        OperatorNeededError: It cannot.
    """
    if problem := unwritable(folder):
        raise OperatorNeededError(
            f"{purpose} cannot be kept in {folder}: {problem}. Give this user the right to write there, mount it"
            f" writable, or set {variable} to another folder; then run the command again"
        )
