"""Lines of a clone's files as citations count them. Follows no link and reads nothing outside the clone."""

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Final

FILE_BYTES_MAX: Final = 5 << 20


def lines_of(clone: Path, path: str) -> Sequence[str] | None:
    """Return a file's lines; None where there is no such regular file of text in the clone."""
    parts = path.split("/")
    if path.startswith("/") or not all(part not in {"", ".", "..", ".git"} for part in parts):
        return None
    descriptor = os.open(clone, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for number, part in enumerate(parts, start=1):
            kind = os.O_DIRECTORY if number < len(parts) else os.O_NONBLOCK
            inner = os.open(part, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | kind, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > FILE_BYTES_MAX:
            return None
        with os.fdopen(os.dup(descriptor), "rb") as file:
            text = file.read(FILE_BYTES_MAX).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError, ValueError):
        return None
    finally:
        os.close(descriptor)
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    return lines[:-1] if lines[-1] == "" else lines
