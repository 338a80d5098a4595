"""How programs come into the sandbox and results out of it: two folders, one file in each.

A request is a ZIP file: `programs.json`, and below `package/` what they may import. Whoever asks holds a lock, so that
there is never more than one request: what one job's programs can see is that job's.

An answer is a JSON file that no program can reach: the sandbox makes it while nothing runs, whoever asks opens it and
says so, and the sandbox takes away its name before it runs anything. What comes is read bounded, as data.
"""

import fcntl
import io
import os
import secrets
import stat
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from sandbox.program import OUTPUT_MAX_BYTES, Program, Result, dump_programs, load_results

PROGRAMS: Final = "programs.json"
PACKAGE: Final = "package"
REQUEST: Final = ".zip"
ANSWER: Final = ".json"
OPENED: Final = ".opened"
LOST: Final = ".lost"
ALIVE: Final = "alive"
_LOCK: Final = "lock"
_POLL_S: Final = 0.05
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
# A character may be written as twelve (a pair of escapes).
ANSWER_MAX_BYTES: Final = 64 * 12 * OUTPUT_MAX_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """The two folders: requests go into `inbox`, answers come out of `outbox`."""

    inbox: Path
    outbox: Path

    @classmethod
    def below(cls, folder: Path) -> "Exchange":
        """The folders as containers have them, below one."""
        return cls(inbox=folder / "in", outbox=folder / "out")


class NoAnswerError(Exception):
    """The sandbox did not answer; the message says why."""


def request_of(programs: Sequence[Program], package: Mapping[str, bytes]) -> bytes:
    """A request: the programs, and the files that they may import by their path."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(zipfile.ZipInfo(PROGRAMS, _EPOCH), dump_programs(programs))
        for path, content in package.items():
            archive.writestr(zipfile.ZipInfo(f"{PACKAGE}/{path}", _EPOCH), content)
    return buffer.getvalue()


def ask(
    exchange: Exchange, request: bytes, count: int, *, timeout_s: float, clock: Callable[[], float] = time.monotonic
) -> list[Result]:
    """Hand a request over and wait for its answer.

    Args:
        exchange: The sandbox's folders.
        request: What `request_of` made.
        count: How many programs are in it.
        timeout_s: Time until the answer, the wait for other requests included.
        clock: Seconds of a clock that never goes back.

    Raises:
        NoAnswerError: The folders are not there, the sandbox does not answer in time or answers nonsense.
    """
    deadline = clock() + timeout_s
    try:
        with _turn(exchange.inbox, deadline, clock):
            _clear(exchange.inbox)
            try:
                text = _answer(exchange, secrets.token_hex(16), request, deadline, clock)
            finally:
                _clear(exchange.inbox)
    except OSError as error:
        raise NoAnswerError(f"{error.filename or exchange.inbox}: {error.strerror or error}") from error
    results = load_results(text, count)
    if results is None:
        raise NoAnswerError("the sandbox's answer is not one")
    return results


def _clear(inbox: Path) -> None:
    for path in inbox.iterdir():
        if path.name != _LOCK:
            path.unlink(missing_ok=True)


@contextmanager
def _turn(inbox: Path, deadline: float, clock: Callable[[], float]) -> Iterator[None]:
    """Wait until nobody else has a request in the sandbox."""
    with (inbox / _LOCK).open("wb") as lock:
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            if clock() > deadline:
                raise NoAnswerError("other programs did not leave the sandbox in time")
            time.sleep(_POLL_S)
        yield


def _answer(exchange: Exchange, name: str, request: bytes, deadline: float, clock: Callable[[], float]) -> str:
    """Put a request into place, open the file that the answer will be in, and wait for it."""
    partial = exchange.inbox / f".{name}"
    partial.write_bytes(request)
    partial.rename(exchange.inbox / f"{name}{REQUEST}")
    lost = exchange.outbox / f"{name}{LOST}"
    with _opened(exchange.outbox / f"{name}{ANSWER}", deadline, clock) as stream:
        (exchange.inbox / f"{name}{OPENED}").touch()
        while True:
            content = os.pread(stream.fileno(), ANSWER_MAX_BYTES + 1, 0)
            if content.endswith(b"\n"):
                return content.decode("utf-8", "replace") if len(content) <= ANSWER_MAX_BYTES else ""
            if lost.exists():
                raise NoAnswerError("its programs ended the sandbox")
            if clock() > deadline:
                raise NoAnswerError("the sandbox did not answer in time")
            time.sleep(_POLL_S)


def _opened(path: Path, deadline: float, clock: Callable[[], float]) -> IO[bytes]:
    while True:
        if (stream := open_regular(path)) is not None:
            return stream
        if clock() > deadline:
            raise NoAnswerError("the sandbox did not answer in time")
        time.sleep(_POLL_S)


def open_regular(path: Path) -> IO[bytes] | None:
    """Open a regular file; None when there is none, or it is a link or a pipe."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    stream = open(descriptor, "rb")  # noqa: PTH123, SIM115 - a descriptor, not a path; whoever calls closes it
    if stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
        return stream
    stream.close()
    return None


def read_bounded(path: Path, most: int = ANSWER_MAX_BYTES) -> str | None:
    """The text of a regular file; None when there is none, or it is a link, a pipe, too large or not UTF-8."""
    stream = open_regular(path)
    if stream is None:
        return None
    with stream:
        content = stream.read(most + 1)
    try:
        return content.decode("utf-8") if len(content) <= most else None
    except UnicodeDecodeError:
        return None
