"""Runs a program while watching the folder it fills: what grows too large or takes too long is killed at once."""

import asyncio
import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from worker.processes import Command, Finished, OnLine, run

_PAUSE_FIRST_S: Final = 0.05
_PAUSE_CAP_S: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much a program may write below a folder: bytes and directory entries."""

    max_bytes: int
    max_files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a folder holds."""

    size_bytes: int
    files: int


class TooLargeError(Exception):
    """The folder passed a bound; the text names the bound."""


async def run_watched(
    command: Command, *, folder: Path, bounds: Bounds, timeout_s: float | None, on_line: OnLine | None = None
) -> Finished:
    """Run a program to its end within bounds.

    Raises:
        TooLargeError: The folder passed a bound; the program was killed.
        TimeoutError: The time ran out; the program was killed.
    """
    async with asyncio.timeout(timeout_s):
        program = asyncio.create_task(run(command, on_line=on_line))
        try:
            pause = _PAUSE_FIRST_S
            while not program.done():
                await asyncio.wait([program], timeout=pause)
                await asyncio.to_thread(check, folder, bounds)
                pause = min(pause * 1.5, _PAUSE_CAP_S)
            return program.result()
        finally:
            if not program.done():
                program.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await program


def check(folder: Path, bounds: Bounds) -> None:
    """Raise TooLargeError when a folder passed a bound."""
    usage = measure(folder, bounds)
    if usage.size_bytes > bounds.max_bytes:
        raise TooLargeError(f"more than {bounds.max_bytes} bytes")
    if usage.files > bounds.max_files:
        raise TooLargeError(f"more than {bounds.max_files} files")


def measure(folder: Path, bounds: Bounds) -> Usage:
    """Return what a folder holds; counting ends once a bound is passed. Files may come and go meanwhile."""
    size = files = 0
    pending = [str(folder)]
    while pending:
        with contextlib.suppress(OSError), os.scandir(pending.pop()) as entries:
            for entry in entries:
                files += 1
                with contextlib.suppress(FileNotFoundError):
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
                    else:
                        size += entry.stat(follow_symlinks=False).st_size
                if size > bounds.max_bytes or files > bounds.max_files:
                    return Usage(size_bytes=size, files=files)
    return Usage(size_bytes=size, files=files)
