"""Runs one program within limits, in a folder of its own, and takes what it wrote.

The limits keep accidents small. They are no wall: what a program may reach is decided by where this runs.
"""

import os
import resource
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from sandbox.program import NOT_RUN, OUTPUT_MAX_BYTES, Ending, Limits, Program, Result

_STEP_S: Final = 0.05
_READ_BYTES: Final = 65_536
_FIRST_TO_DIE: Final = b"1000"


def run_program(program: Program, folder: Path, packages: Sequence[Path], limits: Limits) -> Result:
    """Write the program into a new folder, run it with this interpreter and return what came of it.

    Args:
        program: What to run.
        folder: A folder that does not exist yet; whoever calls removes it.
        packages: Folders that it may import from.
        limits: What it may use.
    """
    try:
        folder.mkdir(mode=0o700)
        for name, text in program.files.items():
            (folder / name).write_text(text, encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, "-B", program.main],
            cwd=folder,
            env=_environment(folder, packages),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: _confine(limits),  # noqa: PLW1509 - whoever runs programs has one thread
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return NOT_RUN
    try:
        return _watch(process, limits)
    finally:
        _end(process)


def _environment(folder: Path, packages: Sequence[Path]) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": os.fspath(folder),
        "TMPDIR": os.fspath(folder),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join(map(os.fspath, packages)),
        "NO_COLOR": "1",
    }


def _confine(limits: Limits) -> None:
    """In the child: limits that hold for it and whatever it starts."""
    seconds = max(1, round(limits.seconds))
    for kind, value in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (value, value))
    # Where memory ends for all, the program goes, not whoever watches it.
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_bytes(_FIRST_TO_DIE)


def _watch(process: subprocess.Popen[bytes], limits: Limits) -> Result:
    """Read what the program writes until it has ended; what it left behind may hold the pipe open."""
    assert process.stdout is not None  # noqa: S101 - asked for above
    deadline = time.monotonic() + limits.seconds
    written = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        os.set_blocking(process.stdout.fileno(), False)
        is_open = True
        while True:
            over = process.poll() is not None
            if is_open and selector.select(0 if over else _STEP_S):
                is_open = _take(process.stdout, written)
            elif over:
                return Result(ending=Ending.ENDED, status=process.returncode, output=_text(written))
            elif not is_open:
                time.sleep(_STEP_S)
            if len(written) > OUTPUT_MAX_BYTES:
                return Result(ending=Ending.TOO_LOUD, output=_text(written))
            if time.monotonic() > deadline:
                return Result(ending=Ending.TOO_LONG, output=_text(written))


def _take(stream: IO[bytes], written: bytearray) -> bool:
    """Read what is there; False at the end."""
    try:
        read = os.read(stream.fileno(), _READ_BYTES)
    except BlockingIOError:
        return True
    written += read
    return bool(read)


def _text(written: bytearray) -> str:
    return bytes(written[:OUTPUT_MAX_BYTES]).decode("utf-8", "replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
