"""The sandbox's one process that stays: it takes requests, runs their programs one by one and answers.

It is the container's first process, so nothing that it runs can end it, and it can end everything else. Only when it is
alone again does it write an answer, and it leaves nothing of a request for the next one.
"""

import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TextIO

from sandbox.exchange import ALIVE, ANSWER, LOST, OPENED, PACKAGE, PROGRAMS, REQUEST, Exchange
from sandbox.program import NOT_RUN, Limits, Program, Result, dump_results, load_programs
from sandbox.run import run_program

REQUEST_MAX_BYTES: Final = 48 << 20
OPENED_WITHIN_S: Final = 5.0
_POLL_S: Final = 0.1
_UNREADABLE: Final = (OSError, ValueError, zipfile.BadZipFile, NotImplementedError, RuntimeError)
_SWEEPS: Final = 50
_PR_SET_DUMPABLE: Final = 4


class NotCleanError(Exception):
    """Something of a request is still there; a new container has nothing of it."""


@dataclass(slots=True, kw_only=True)
class Server:
    """Answers requests.

    Attributes:
        exchange: Where they come in and answers go out.
        scratch: Folders whose content programs may have made; emptied after each request.
        limits: What programs may use.
        end_others: Ends every process but this one.
        say: Takes a line for the log.
    """

    exchange: Exchange
    scratch: Sequence[Path]
    limits: Limits
    end_others: Callable[[], None]
    say: Callable[[str], None]
    _done: str = field(default="", init=False)

    def serve_once(self) -> bool:
        """Answer the request that waits; False when there is none.

        Raises:
            NotCleanError: What its programs left behind could not be removed.
        """
        self.alive()
        waiting = sorted(self.exchange.inbox.glob(f"*{REQUEST}"))
        if not waiting or waiting[0].name == self._done:
            return False
        request = waiting[0]
        self._done = request.name
        if request.with_suffix(OPENED).exists():
            # Of a sandbox that its programs ended: there is nothing to write its answer into any more.
            self.say("request refused: it ended the sandbox before")
            self._write(f"{request.stem}{LOST}", "")
            return True
        self._clean()
        place = self.exchange.outbox / f"{request.stem}{ANSWER}"
        with create(place) as answer:
            if self._is_opened(request):
                place.unlink()
                self._serve(request, answer)
        self.alive()
        return True

    def _serve(self, request: Path, answer: TextIO) -> None:
        started = time.monotonic()
        results = self._results(request)
        self._clean()
        answer.write(dump_results(results) + "\n")
        ran = sum(result is not NOT_RUN for result in results)
        self.say(f"{ran} of {len(results)} programs run in {time.monotonic() - started:.1f} s")

    def _is_opened(self, request: Path) -> bool:
        """Wait until whoever asks has the answer's file open."""
        deadline = time.monotonic() + OPENED_WITHIN_S
        while not request.with_suffix(OPENED).exists():
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_S / 10)
        return True

    def alive(self) -> None:
        """Tell the health check that requests are taken."""
        self._write(ALIVE, f"{time.time():.0f}\n")

    def _results(self, request: Path) -> list[Result]:
        """Run a request's programs, each in a place that has nothing of the one before."""
        try:
            programs = programs_in(request)
        except _UNREADABLE as error:
            self.say(f"request refused: {error}")
            return []
        deadline = time.monotonic() + self.limits.total_s
        results: list[Result] = []
        for program in programs:
            self._clean()
            self.alive()
            results.append(self._result(request, program) if time.monotonic() < deadline else NOT_RUN)
        return results

    def _result(self, request: Path, program: Program) -> Result:
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=self.scratch[0]))
        try:
            package = unpack(request, folder)
        except _UNREADABLE as error:
            self.say(f"package refused: {error}")
            return NOT_RUN
        return run_program(program, folder / "program", [package], self.limits)

    def _clean(self) -> None:
        """End what runs and remove what was written."""
        self.end_others()
        for folder in (*self.scratch, self.exchange.outbox):
            empty(folder)

    def _write(self, name: str, text: str) -> None:
        """Put a file in place of whatever has its name; called only while no program runs."""
        for attempt in range(2):
            try:
                with create(self.exchange.outbox / f".{name}") as stream:
                    stream.write(text)
                (self.exchange.outbox / f".{name}").replace(self.exchange.outbox / name)
            except OSError as error:
                if attempt:
                    raise NotCleanError(f"{error.filename}: {error.strerror}") from error
                empty(self.exchange.outbox)
            else:
                return


def programs_in(request: Path) -> list[Program]:
    """The programs of a request.

    Raises:
        ValueError: It is no request, or too large.
    """
    with zipfile.ZipFile(request) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
        if size > REQUEST_MAX_BYTES:
            raise ValueError(f"{size} bytes unpacked, at most {REQUEST_MAX_BYTES}")
        try:
            return load_programs(archive.read(PROGRAMS).decode("utf-8"))
        except KeyError as error:
            raise ValueError(f"no {PROGRAMS} in it") from error


def unpack(request: Path, folder: Path) -> Path:
    """Unpack what a request's programs may import; returns its folder.

    Names that lead out of the folder lose that part (`extractall` sees to it), and no links are made.
    """
    package = folder / PACKAGE
    package.mkdir()
    with zipfile.ZipFile(request) as archive:
        archive.extractall(folder, [name for name in archive.namelist() if name.startswith(f"{PACKAGE}/")])
    return package


def create(path: Path) -> TextIO:
    """Make a file that is new and open it: a pipe or a link that has its name is removed, not opened."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    return open(descriptor, "w", encoding="utf-8")  # noqa: PTH123 - a descriptor, not a path


def empty(folder: Path) -> None:
    """Remove everything in a folder, however deep and whatever its mode.

    Raises:
        NotCleanError: Something is still there.
    """
    for command in (["chmod", "-R", "u+rwX"], ["rm", "-rf"]):
        # By rm, which can go deeper than Python's own.
        if left := sorted(folder.iterdir()):
            subprocess.run(["/bin/" + command[0], *command[1:], "--", *left], stderr=subprocess.DEVNULL, check=False)
    if any(folder.iterdir()):
        raise NotCleanError(f"{folder} cannot be emptied")


def end_all_others() -> None:
    """End every process that this one may signal, as the first process of a container: every other one there."""
    for _ in range(_SWEEPS):
        try:
            os.kill(-1, signal.SIGKILL)
        except ProcessLookupError:
            reap()
            return
        reap()
        time.sleep(0.002)
    raise NotCleanError("processes do not end")


def reap() -> None:
    """Take the exit status of every process that has ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def keep_to_itself() -> None:
    """Let no process of the same user look into this one's memory or open files."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def serve(exchange: Exchange) -> int:
    """Serve until told to stop; returns the exit status."""
    if os.getpid() != 1:
        sys.stderr.write(
            "sandbox: it ends every other process it may, so it runs only as a container's first process\n"
        )
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
    keep_to_itself()
    server = Server(
        exchange=exchange,
        scratch=[Path("/tmp"), Path("/dev/shm"), Path("/dev/mqueue")],  # noqa: S108 - the container's own
        limits=Limits(memory_bytes=384 << 20),
        end_others=end_all_others,
        say=_say,
    )
    try:
        while True:
            if not server.serve_once():
                time.sleep(_POLL_S)
    except NotCleanError as error:
        sys.stderr.write(f"sandbox: {error}; starting anew\n")
        return 1
