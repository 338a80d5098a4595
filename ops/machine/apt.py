"""Debian packages on the operator's machine: installed where that is allowed, named where it is not."""

from collections.abc import Sequence
from typing import Final

from ops.context import Line
from ops.errors import OperatorNeededError
from ops.machine.command import run
from ops.machine.facts import Machine, has_program

# Waits for another apt or dpkg instead of failing beside it.
_LOCK_WAIT: Final = "DPkg::Lock::Timeout=300"
_QUIET: Final = {"DEBIAN_FRONTEND": "noninteractive"}


def update_argv() -> list[str]:
    """Return the command that refreshes the package lists."""
    return ["apt-get", "-q", "-o", _LOCK_WAIT, "update"]


def install_argv(packages: Sequence[str]) -> list[str]:
    """Return the command that installs packages."""
    return ["apt-get", "-q", "-y", "-o", _LOCK_WAIT, "install", "--no-install-recommends", *packages]


def by_hand(packages: Sequence[str]) -> str:
    """Return what an operator types to install packages."""
    sudo = "sudo " if has_program("sudo") else ""
    command = f"{sudo}apt-get update && {sudo}apt-get install -y {' '.join(packages)}"
    return command if sudo else f"{command}    (as root: this machine has no sudo)"


def install(packages: Sequence[str], *, machine: Machine, purpose: str, on_line: Line) -> None:
    """Install packages.

    Args:
        packages: Names of Debian packages.
        machine: Where to install them.
        purpose: What they are for, as the error says it.
        on_line: Receives apt's output.

    Raises:
        OperatorNeededError: This is not Debian or Ubuntu, or the user is not root.
        CommandError: apt failed.
    """
    names = " and ".join(packages)
    if not machine.uses_apt:
        raise OperatorNeededError(
            f"{purpose} needs {names}, and this system is not Debian or Ubuntu:"
            f" install {names} with its package manager, then run the command again"
        )
    if not machine.is_root:
        raise OperatorNeededError(
            f"{purpose} needs {names}, and you are not root. Type this, then run the command again:\n"
            f"  {by_hand(packages)}"
        )
    remedy = (
        "check /etc/apt/sources.list and the network, and that no other apt or dpkg is at work (`ps aux | grep apt`)"
    )
    run(update_argv(), env=_QUIET, on_line=on_line, remedy=remedy)
    run(install_argv(packages), env=_QUIET, on_line=on_line, timeout_s=1200, remedy=remedy)
