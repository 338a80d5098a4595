"""The one gate to other programs: own session, limits, bounded output, whole family killed.

Knows nothing of git or the CLI. Programs are argument lists; there is no shell.
"""

import asyncio
import contextlib
import json
import os
import secrets
import signal
import sys
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

OnLine = Callable[[str], None]

_MARK: Final = "FONDATION_PROCESS_MARK"
_GRACE_S: Final = 2.0
_KILL_ROUNDS: Final = 50
_KILL_PAUSE_S: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Resource limits of a program.

    `memory_bytes` bounds private writable memory (RLIMIT_DATA), not address space: Node reserves tens of GiB of
    address space that it never touches.
    """

    memory_bytes: int = 2 << 30
    file_bytes: int = 1 << 30
    processes: int = 512
    open_files: int = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A program to run: arguments, folder, whole environment, limits."""

    argv: tuple[str, ...]
    directory: Path
    environment: Mapping[str, str]
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """How a program ended: `code` is negative for a signal, as in `subprocess`; the texts are its streams' ends."""

    code: int
    stdout_tail: str
    stderr_tail: str


class LineSplitter:
    """Cuts a stream of bytes into lines of bounded length; what exceeds the bound is dropped, the line kept."""

    def __init__(self, max_line_bytes: int = 16_384) -> None:
        self._max = max_line_bytes
        self._rest = b""

    def feed(self, data: bytes) -> list[str]:
        """Return the lines that `data` completes."""
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest[: self._max]
        return [line[: self._max].decode("utf-8", "replace").rstrip("\r") for line in lines]

    def end(self) -> list[str]:
        """Return the last line if it had no line end."""
        rest, self._rest = self._rest, b""
        return [rest.decode("utf-8", "replace")] if rest else []


class Tail:
    """Keeps the last bytes of a stream."""

    def __init__(self, max_bytes: int = 65_536) -> None:
        self._max = max_bytes
        self._data = b""

    def feed(self, data: bytes) -> None:
        """Add data, forgetting what is too old."""
        self._data = (self._data + data)[-self._max :]

    def text(self) -> str:
        """Return what is kept."""
        return self._data.decode("utf-8", "replace")


def launch_argv(command: Command, *, parent: int, launcher: Path) -> list[str]:
    """Return the whole command line: this interpreter, the launcher, the limits, the program."""
    limits = {
        "parent": parent,
        "resources": {
            "RLIMIT_DATA": command.limits.memory_bytes,
            "RLIMIT_FSIZE": command.limits.file_bytes,
            "RLIMIT_NPROC": command.limits.processes,
            "RLIMIT_NOFILE": command.limits.open_files,
            "RLIMIT_CORE": 0,
        },
    }
    return [sys.executable, "-I", "-S", str(launcher), json.dumps(limits), "--", *command.argv]


async def run(command: Command, *, on_line: OnLine | None = None) -> Finished:
    """Run a program to its end; `on_line` gets each line of its standard output.

    However this ends (also by cancellation), no process that the program started is left, unless it changed its own
    session and its environment.
    """
    mark = secrets.token_hex(16)
    loop = asyncio.get_running_loop()
    transport, program = await loop.subprocess_exec(
        lambda: _Program(loop, on_line),
        *launch_argv(command, parent=os.getpid(), launcher=Path(__file__).with_name("launcher.py")),
        cwd=command.directory,
        env={**command.environment, _MARK: mark},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        # Shielded: a cancelled caller must not cancel what the clean-up below waits for.
        await asyncio.shield(program.exited)
    finally:
        try:
            await _to_the_end(_end(transport.get_pid(), program, mark))
        finally:
            transport.close()
    return program.finished(transport.get_returncode())


class _Program(asyncio.SubprocessProtocol):
    """Collects a program's streams and notes its end.

    `asyncio.subprocess.Process.wait` is not used: in some versions of Python it returns only once the streams are
    closed, which a process left behind by the program may put off for ever.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, on_line: OnLine | None) -> None:
        self.exited: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[None] = loop.create_future()
        self._open = 2
        self._tails = {1: Tail(), 2: Tail()}
        self._lines = LineSplitter()
        self._on_line = on_line

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self._tails[fd].feed(data)
        if fd == 1 and self._on_line is not None:
            for line in self._lines.feed(data):
                self._on_line(line)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        del fd, exc
        self._open -= 1
        if self._open == 0 and not self.closed.done():
            self.closed.set_result(None)

    def process_exited(self) -> None:
        if not self.exited.done():
            self.exited.set_result(None)

    def finished(self, code: int | None) -> Finished:
        """Return how the program ended, once it has."""
        if self._on_line is not None:
            for line in self._lines.end():
                self._on_line(line)
        return Finished(
            code=-signal.SIGKILL if code is None else code,
            stdout_tail=self._tails[1].text(),
            stderr_tail=self._tails[2].text(),
        )


async def _to_the_end(work: Coroutine[None, None, None]) -> None:
    """Do bounded work to its end, also when the caller is cancelled meanwhile; the cancellation comes after it."""
    task = asyncio.create_task(work)
    cancellation: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancellation = error
    if cancellation is not None:
        raise cancellation
    task.result()


async def _end(pid: int, program: _Program, mark: str) -> None:
    """Terminate what is left of the program's session, then kill it, then whatever carries the mark elsewhere."""
    if not program.exited.done():
        _signal_group(pid, signal.SIGTERM)
        await asyncio.wait([program.exited], timeout=_GRACE_S)
    _signal_group(pid, signal.SIGKILL)
    await program.exited
    for _ in range(_KILL_ROUNDS):
        strays = await asyncio.to_thread(marked_processes, mark)
        if not strays:
            break
        for stray in strays:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(stray, signal.SIGKILL)
        await asyncio.sleep(_KILL_PAUSE_S)
    await asyncio.wait([program.closed], timeout=_GRACE_S)


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def marked_processes(mark: str, proc: Path = Path("/proc")) -> list[int]:
    """Return the live processes whose environment at start carried the mark."""
    wanted = f"{_MARK}={mark}".encode()
    found: list[int] = []
    for entry in proc.iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
    return found
