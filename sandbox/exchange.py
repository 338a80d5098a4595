"""How programs come into the sandbox and results out of it: two folders, one file in each.

A request is a ZIP file: `programs.json`, and below `package/` what they may import. Whoever asks holds a lock, so that
there is never more than one request: what one job's programs can see is that job's. An answer is a JSON file. What the
sandbox can write it may have written to deceive, so an answer is read bounded, without following a link, as data.
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
from typing import Final

from sandbox.program import OUTPUT_MAX_BYTES, Program, Result, dump_programs, load_results

PROGRAMS: Final = "programs.json"
PACKAGE: Final = "package"
REQUEST: Final = ".zip"
ANSWER: Final = ".json"
ALIVE: Final = "alive"
STARTED: Final = ".started"
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
    name = secrets.token_hex(16)
    try:
        with _turn(exchange.inbox, deadline, clock):
            for left in exchange.inbox.glob(f"*{REQUEST}"):
                left.unlink(missing_ok=True)
            target = exchange.inbox / f"{name}{REQUEST}"
            try:
                partial = exchange.inbox / f".{name}"
                partial.write_bytes(request)
                partial.rename(target)
                return _answer(exchange.outbox / f"{name}{ANSWER}", count, deadline, clock)
            finally:
                target.unlink(missing_ok=True)
    except OSError as error:
        raise NoAnswerError(f"{error.filename or exchange.inbox}: {error.strerror or error}") from error


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


def _answer(path: Path, count: int, deadline: float, clock: Callable[[], float]) -> list[Result]:
    while True:
        text = read_bounded(path)
        if text is not None:
            results = load_results(text, count)
            if results is None:
                raise NoAnswerError("the sandbox's answer is not one")
            return results
        if clock() > deadline:
            raise NoAnswerError("the sandbox did not answer in time")
        time.sleep(_POLL_S)


def read_bounded(path: Path, most: int = ANSWER_MAX_BYTES) -> str | None:
    """The text of a regular file; None when there is none, or it is a link, a pipe, too large or not UTF-8."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with open(descriptor, "rb") as stream:  # noqa: PTH123 - a descriptor, not a path
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            return None
        content = stream.read(most + 1)
    try:
        return content.decode("utf-8") if len(content) <= most else None
    except UnicodeDecodeError:
        return None
