"""One command at a time that brings a stack up on a daemon, whichever checkout it is started from.

Pulumi's own lock is in its state, so that two checkouts with states of their own do not see each other: both would find
the names free and make the same objects. This lock is of the machine; commands on several machines that use one daemon
are kept apart by the names of containers alone.
"""

import fcntl
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TextIO

from components.ownership import Owner
from ops.context import Context
from ops.errors import BusyError

_NAMED_S: Final = 2.0
_PAUSE_S: Final = 0.02
_PLACES: Final = (Path("/run/lock"), Path(tempfile.gettempdir()))


@contextmanager
def turn(context: Context) -> Iterator[None]:
    """Hold the turn for a stack on the daemon that the environment names, for a block.

    Raises:
        BusyError: Another command has it; says which.
    """
    file = lock_file(context.stack)
    descriptor = _opened(file)
    with os.fdopen(descriptor, "r+", encoding="utf-8") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(
                f"another command is at work on stack {context.stack} of this Docker daemon: {_holder(stream)};"
                f" wait for it, then run this again ({file})"
            ) from error
        stream.seek(0)
        stream.truncate()
        json.dump({"pid": os.getpid(), "checkout": str(context.folders.checkout)}, stream)
        stream.flush()
        try:
            yield
        finally:
            stream.seek(0)
            stream.truncate()  # whoever is next has another name


def remember(stack: str, owner: Owner) -> None:
    """Note on this machine who brought a stack up last: volumes of older releases do not say whose they are."""
    file = _note(stack)
    with suppress(OSError):  # another user's note, or no room: only the message of a refusal is less clear then
        file.write_text(json.dumps(owner.labels()), encoding="utf-8")


def last_owner(stack: str) -> Owner | None:
    """Return who brought a stack up last on this machine since it was started; None where that is not known."""
    try:
        return Owner.labelled(json.loads(_note(stack).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def lock_file(stack: str) -> Path:
    """Return the file that is locked: one for each stack's name and daemon."""
    daemon = hashlib.sha256(os.environ.get("DOCKER_HOST", "").encode()).hexdigest()[:8]
    folder = next(place for place in _PLACES if os.access(place, os.W_OK))
    return folder / f"fondation-{daemon}-{stack.rpartition('/')[2]}.lock"


def _note(stack: str) -> Path:
    return lock_file(stack).with_suffix(".owner")


def _opened(file: Path) -> int:
    """Open a file that every user of the daemon may lock; in a sticky folder another one's may not be created anew."""
    try:
        return os.open(file, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        os.fchmod(descriptor, 0o666)
        return descriptor


def _holder(stream: TextIO) -> str:
    """Who holds the lock of a file: it says so a moment after it has the lock."""
    deadline = time.monotonic() + _NAMED_S
    while True:
        stream.seek(0)
        try:
            content = json.loads(stream.read())
            return f"process {content['pid']} of the checkout {content['checkout']}"
        except (KeyError, TypeError, ValueError):
            if time.monotonic() >= deadline:
                return "a process that has not said its name yet"
        time.sleep(_PAUSE_S)
