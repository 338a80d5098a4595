"""The folder that Claude Code runs in: an empty home, an empty working directory, the prompt.

It is gone when the call is over. A run that is killed leaves its folder, which the next one removes: whoever uses a
folder holds a lock on it.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from analyzer.errors import OutputNotWritableError

PREFIX: Final = "fondation-claude-"


@contextlib.contextmanager
def room() -> Iterator[Path]:
    """A folder with an empty `home` and an empty `empty`, for the length of the block.

    Raises:
        OutputNotWritableError: There is no room for it.
    """
    try:
        _remove_left_behind()
        folder, lock = _locked()
    except OSError as error:
        raise _no_room(error) from error
    try:
        try:
            for name in ("home", "empty"):
                (folder / name).mkdir()
                (folder / name / "probe").write_bytes(b"x")
                (folder / name / "probe").unlink()
        except OSError as error:
            raise _no_room(error) from error
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _locked() -> tuple[Path, int]:
    """A new folder and the lock on it."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        with contextlib.suppress(FileNotFoundError):  # another run took it for left behind: make one more
            lock = _open(folder)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.is_dir():
                return folder, lock
            os.close(lock)


def _remove_left_behind() -> None:
    """Remove the folders of this user that nobody holds."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            lock = _open(folder)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(lock).st_uid == os.geteuid():
                    shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)


def _open(folder: Path) -> int:
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)


def _no_room(error: OSError) -> OutputNotWritableError:
    return OutputNotWritableError(
        f"there is no place for Claude Code's home: {error}", remedy="make the folder that TMPDIR names writable"
    )
