"""Where programs run: in a sandbox beside the worker, or on one's own machine by one's own word."""

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sandbox.exchange import Exchange, NoAnswerError, ask, request_of
from sandbox.program import NOT_RUN, Limits, Program, Result
from sandbox.run import run_program

MARGIN_S = 30.0


class Runner(Protocol):
    """Runs programs."""

    def run(self, programs: Sequence[Program], package: Mapping[str, bytes]) -> Sequence[Result]:
        """Return what came of each program.

        Args:
            programs: What to run, in order.
            package: Files that the programs may import, by path.

        Raises:
            NoAnswerError: Nothing was run, or nothing is known of it.
        """
        ...


@dataclass(frozen=True, slots=True)
class SandboxRunner:
    """Hands programs to the sandbox whose folders lie below `folder`."""

    folder: Path
    limits: Limits = field(default_factory=Limits)

    def run(self, programs: Sequence[Program], package: Mapping[str, bytes]) -> Sequence[Result]:
        """See `Runner`."""
        timeout_s = self.limits.total_s + self.limits.seconds + MARGIN_S
        return ask(Exchange.below(self.folder), request_of(programs, package), len(programs), timeout_s=timeout_s)


@dataclass(frozen=True, slots=True)
class LocalRunner:
    """Runs programs as oneself, in a temporary folder: for repositories that one would run anyway."""

    limits: Limits = field(default_factory=Limits)

    def run(self, programs: Sequence[Program], package: Mapping[str, bytes]) -> Sequence[Result]:
        """See `Runner`."""
        deadline = time.monotonic() + self.limits.total_s
        try:
            with tempfile.TemporaryDirectory(prefix="fondation-run-", ignore_cleanup_errors=True) as scratch:
                folder = Path(scratch)
                packages = folder / "package"
                for path, content in package.items():
                    target = packages / path
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(content)
                return [
                    run_program(program, folder / f"program-{number}", [packages], self.limits)
                    if time.monotonic() < deadline
                    else NOT_RUN
                    for number, program in enumerate(programs)
                ]
        except OSError as error:
            raise NoAnswerError(f"{error.filename}: {error.strerror}") from error
