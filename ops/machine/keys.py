"""Secrets of the development stack: made once on this machine, readable by its user only."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from components.machine import MachineFolders

KEY_BYTES: Final = 32


def backend_key_file(folders: MachineFolders) -> Path:
    """Return where the development stack's backend key is kept; the program reads it there (`components.stack_keys`).

    Said again here because the program's module loads Pulumi, which takes longer than everything else in set-up.
    """
    return folders.home / "keys" / "backend.key"


def ensure_key(file: Path, *, make: Callable[[int], str] = secrets.token_urlsafe) -> bool:
    """Create a key unless it is there; return whether it was created.

    The file appears complete, with mode 0600; of two commands that run at once, the first one's key counts.
    """
    if file.is_file():
        return False
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(make(KEY_BYTES))
        os.link(temporary, file)
    except FileExistsError:
        return False
    finally:
        temporary.unlink()
    return True
