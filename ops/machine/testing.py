"""What the tests use beside what a deployment needs: a browser and a few programs, installed where that is allowed."""

from collections.abc import Sequence
from typing import Final

from ops.context import Line
from ops.errors import OperatorNeededError
from ops.machine import apt
from ops.machine.browser import browser, require_start
from ops.machine.facts import Machine, has_program

# Name of a program, and the Debian package that has it.
PROGRAMS: Final = {"git": "git", "openssl": "openssl", "ip": "iproute2"}
_BROWSER: Final = "chromium"


def missing_packages() -> Sequence[str]:
    """Return the Debian packages of what is not on this machine."""
    found = [package for program, package in PROGRAMS.items() if not has_program(program)]
    return found if browser() else [*found, _BROWSER]


def ensure_test_programs(*, machine: Machine, note: Line) -> str:
    """Return a sentence about the programs once they are there and the browser has started.

    Raises:
        OperatorNeededError: Something has to be installed by hand, or the browser does not start.
        CommandError: apt failed.
    """
    missing = missing_packages()
    if missing:
        note(f"installing {', '.join(missing)}")
        apt.install(missing, machine=machine, purpose="testing", on_line=note)
    path = browser()
    if path is None:
        raise OperatorNeededError("Chromium was installed and is not on PATH: see `dpkg -L chromium`")
    note(f"starting {path}")
    version = require_start(path)
    return f"{version}{f' and {len(missing)} packages were installed' if missing else ''}, {', '.join(PROGRAMS)}"
