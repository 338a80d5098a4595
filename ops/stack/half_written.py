"""What a killed Pulumi leaves half written in a state that is a folder of this machine.

Pulumi replaces a file in one step, but writes the note beside it (`<file>.attrs`: type and hash) in place. Killed in
between it leaves an empty note, and from then on refuses the file that is whole: `failed to load checkpoint: EOF`. A
file without a note is read as it is.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from components.machine import MachineFolders
from ops.context import Report
from ops.stack.locks import PROJECT
from ops.stack.state_files import local_folder

_NOTE: Final = ".attrs"
_KINDS: Final = ("stacks", "locks", "history", "backups")


def mend(folders: MachineFolders, stack: str, report: Report) -> bool:
    """Remove a stack's notes that are not whole; return whether there was one. Nothing else is written.

    Only while no process works on the stack: a note is not whole while it is being written, either.
    """
    root = local_folder(folders, stack)
    broken = [] if root is None else [*_broken(root / ".pulumi", stack.rpartition("/")[2])]
    for note in broken:
        note.unlink(missing_ok=True)
        report("state", f"the note beside {note.name.removesuffix(_NOTE)} was half written, and is taken away")
    return bool(broken)


def _broken(root: Path, stack: str) -> Iterator[Path]:
    for kind in _KINDS:
        for note in (root / kind).rglob(f"*{_NOTE}"):
            parts = note.relative_to(root / kind).parts
            ours = PROJECT in parts and (stack in parts or note.name.startswith(f"{stack}."))
            if ours and not _is_written(note):
                yield note


def is_whole(file: Path) -> bool:
    """Return whether Pulumi would read a file of its state: no note beside it is half written."""
    return _is_written(file.with_name(file.name + _NOTE))


def _is_written(note: Path) -> bool:
    try:
        return isinstance(json.loads(note.read_bytes()), dict)
    except ValueError:
        return False
    except OSError:
        return True  # gone meanwhile, or not ours to judge
