"""Runs one command: quietly, bounded, or with its progress reported."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

_TICK_S = 5.0
_KEPT_LINES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """How a command ended; `lines` are the last ones of both streams."""

    code: int
    lines: tuple[str, ...]

    def tail(self, count: int = 15) -> str:
        """The last lines, indented."""
        return "\n".join(f"  {line}" for line in self.lines[-count:])


def output_of(argv: Sequence[str], *, timeout_s: float, environment: Mapping[str, str] | None = None) -> str | None:
    """A short command's standard output, or None when it cannot be run, fails, or takes too long."""
    try:
        done = subprocess.run(
            list(argv),
            env=None if environment is None else dict(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            timeout=timeout_s,
            check=True,
            text=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def run_long(
    argv: Sequence[str],
    *,
    directory: Path,
    environment: Mapping[str, str],
    describe: Callable[[Sequence[str]], str],
    progress: Callable[[str], None],
    kept_lines: int = _KEPT_LINES,
) -> Finished:
    """Run a long command; every 5 s `progress` gets `describe(all lines so far)` with the elapsed seconds.

    The command gets its own process group, which is ended when this call is interrupted.
    """
    lines: list[str] = []
    started = time.monotonic()
    with subprocess.Popen(
        list(argv),
        cwd=directory,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        reader = threading.Thread(target=_collect, args=(process, lines), daemon=True)
        reader.start()
        try:
            while reader.is_alive():
                reader.join(_TICK_S)
                if reader.is_alive():
                    progress(f"{describe(lines)} ({time.monotonic() - started:.0f} s)")
            code = process.wait()
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise
    return Finished(code=code, lines=tuple(lines[-kept_lines:]))


def _collect(process: subprocess.Popen[str], lines: list[str]) -> None:
    lines.extend(line.rstrip() for line in process.stdout or ())
