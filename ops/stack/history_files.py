"""The history of a stack in a self-managed backend: which files it is, and what is in them.

Pulumi writes two per update, `<stack>-<nanoseconds>.history.json` and `<stack>-<nanoseconds>.checkpoint.json`, and
may compress them.
"""

import gzip
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ops.stack.state_files import Files

_HISTORY: Final = re.compile(r".*-(?P<time>\d+)\.history\.json(\.gz|\.zst)?")
_GZIP: Final = b"\x1f\x8b"
_ZSTANDARD: Final = b"\x28\xb5\x2f\xfd"


class ContentError(ValueError):
    """A file of the history is not what it should be."""


def history_names(files: Files) -> Sequence[str]:
    """Return the names of the history's entries, oldest first."""
    found = [(int(match["time"]), name) for name in files.names() if (match := _HISTORY.fullmatch(name))]
    return [name for _, name in sorted(found)]


def checkpoint_name(history_name: str) -> str:
    """Return the name of the state beside an entry."""
    before, _, after = history_name.rpartition(".history.")
    return f"{before}.checkpoint.{after}"


def read_json(files: Files, name: str) -> Mapping[str, Any]:
    """Return the JSON object in a file, which may be compressed.

    Raises:
        ContentError: It is missing, truncated or something else; the message names it.
    """
    try:
        content = files.read(name)
        if content.startswith(_GZIP):
            content = gzip.decompress(content)
        if content.startswith(_ZSTANDARD):
            raise ContentError(
                f"{files.place(name)} is compressed with Zstandard, which this project does not read: unpack it with"
                f" `zstd -d`, and write history with gzip or uncompressed (PULUMI_DIY_BACKEND_ZSTD)"
            )
        found = json.loads(content)
    except (OSError, EOFError) as error:
        raise ContentError(f"{files.place(name)} cannot be read: {error}") from error
    except ValueError as error:
        if isinstance(error, ContentError):
            raise
        raise ContentError(f"{files.place(name)} is damaged: {error}") from error
    if not isinstance(found, dict):
        raise ContentError(f"{files.place(name)} is damaged: it holds no JSON object")
    return found
