"""Pulumi for a checkout: made ready, and called. Every call of Pulumi by this package goes through here."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from components.machine import MachineFolders
from ops.context import Line
from ops.errors import OperatorNeededError, StackError
from ops.machine.command import run
from pulumi_offline.errors import EngineError
from pulumi_offline.home import environment, install_provider, record
from pulumi_offline.locate import ensure

UP_TIMEOUT_S: Final = 1800.0
QUERY_TIMEOUT_S: Final = 120.0
# Pulumi ends what it has begun and gives its lock back; a worker that drains is the longest of it.
INTERRUPT_S: Final = 120.0
_KINDS: Final = {"path": "found on PATH", "official": "the official download", "built": "built on this machine"}


def ensure_pulumi(folders: MachineFolders, *, note: Line) -> str:
    """Return a sentence about Pulumi once it is ready to run.

    Raises:
        StackError: None could be found, downloaded or built, or it could not be put to use.
    """
    try:
        found = ensure(folders.cache, note)
        install_provider(found, folders.home / "pulumi")
        record(found, folders.home)
    except EngineError as error:
        raise StackError(str(error)) from error
    return f"Pulumi {found.version}, {_KINDS[found.kind]}"


class Pulumi:
    """Pulumi for one stack of one checkout.

    Args:
        folders: The checkout and its home.
        stack: The stack's name.
        backend: URL of the state; the checkout's own, or the one in PULUMI_BACKEND_URL, by default.
    """

    def __init__(self, folders: MachineFolders, stack: str, *, backend: str | None = None) -> None:
        self.folders = folders
        self._backend = {} if backend is None else {"PULUMI_BACKEND_URL": backend}
        self.stack = stack

    def run(
        self,
        *arguments: str,
        timeout_s: float = QUERY_TIMEOUT_S,
        on_line: Line | None = None,
        remedy: str = "",
        stdin: str = "",
    ) -> str:
        """Run one Pulumi command on the stack and return its standard output; `stdin` is what it reads.

        Raises:
            OperatorNeededError: Pulumi was not set up yet.
            CommandError: Pulumi failed.
        """
        executable = (self.folders.home / "engine").resolve()
        if not executable.exists():
            raise OperatorNeededError(
                f"Pulumi is not set up in {self.folders.home}: run `make prepare`, or `make up` for everything"
            )
        return run(
            self.argv(executable, arguments),
            cwd=self.folders.checkout,
            env={**environment(self.folders.checkout, self.folders.home, self.stack), **self._backend},
            timeout_s=timeout_s,
            interrupt_s=INTERRUPT_S,
            on_line=on_line,
            remedy=remedy,
            stdin=stdin,
        )

    def argv(self, executable: Path, arguments: Sequence[str]) -> list[str]:
        """Return the command line: never interactive, and plain text where nobody watches."""
        colour = ["--color", "always" if sys.stderr.isatty() else "never"]
        return [str(executable), *arguments, "--non-interactive", *colour]
