"""The history as people and programs read it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from components.machine import MachineFolders
from ops.stack.history import completed, open_history, updates
from ops.stack.release import Release, Secret

_HEAD = ("#", "when (UTC)", "result", "release", "revision", "who", "changes", "message")
_SHORT = 12
_MESSAGE_MAX = 60


def lines(folders: MachineFolders, stack: str, *, limit: int, as_json: bool) -> Iterator[str]:
    """Yield the history's lines: a table with the newest first, or one JSON document with the oldest first.

    Raises:
        StackError: The backend cannot be read.
    """
    history = open_history(folders, stack)
    all_updates = updates(history)
    found = [completed(history, update) for update in all_updates[-limit:]]
    if as_json:
        yield json.dumps([document(update) for update in found], indent=2)
    elif not found:
        yield f"Nothing was deployed to stack {stack} yet: `bin/fondation up` does that."
    else:
        yield from table(found, all_updates)


def table(shown: Sequence[Release], history: Sequence[Release]) -> Iterator[str]:
    """Yield a table of updates, newest first, with the configuration that each changed below it.

    Args:
        shown: The updates to show, oldest first.
        history: All of them.
    """
    shown = list(reversed(shown))
    rows = [_HEAD, *(_row(update) for update in shown)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    yield _line(_HEAD, widths)
    by_version = {update.version: update for update in history}
    for update, row in zip(shown, rows[1:], strict=True):
        yield _line(row, widths)
        earlier = by_version.get(update.version - 1)
        if earlier is not None:
            yield from (f"    {change}" for change in configuration_changes(earlier, update))
    if len(shown) < len(history):
        yield f"{len(history) - len(shown)} older: --limit {len(history)} shows all"


def configuration_changes(earlier: Release, later: Release) -> Iterator[str]:
    """Yield what differs in the configuration of two updates; of a secret, only that it does."""
    for key in sorted(earlier.configuration.keys() | later.configuration.keys()):
        old, new = earlier.configuration.get(key), later.configuration.get(key)
        if old == new:
            continue
        if isinstance(old, Secret) and isinstance(new, Secret):
            yield f"{key}: another secret"
        else:
            yield f"{key}: {_shown(old)} -> {_shown(new)}"


def document(update: Release) -> Mapping[str, Any]:
    """Return an update as JSON has it. Secrets are null."""
    return {
        "version": update.version,
        "kind": update.kind,
        "result": update.result,
        "message": update.message,
        "who": update.who,
        "startedAt": _iso(update.started_at),
        "endedAt": _iso(update.ended_at),
        "revision": update.revision,
        "dirty": update.dirty,
        "rollbackOf": update.rollback_of,
        "release": update.release,
        "images": dict(update.images),
        "configuration": {
            key: None if isinstance(value, Secret) else value for key, value in update.configuration.items()
        },
        "secrets": sorted(key for key, value in update.configuration.items() if isinstance(value, Secret)),
        "changes": dict(update.changes),
        "problem": update.problem or None,
    }


def _row(update: Release) -> tuple[str, ...]:
    what = update.result if update.kind == "update" else f"{update.kind} {update.result}"
    revision = f"{update.revision[:_SHORT]}{'+' if update.dirty else ''}" if update.revision else "-"
    changes = ", ".join(f"{count} {name}" for name, count in update.changes.items() if name != "same")
    message = update.problem or update.message
    return (
        str(update.version),
        update.started_at.strftime("%Y-%m-%d %H:%M:%S") if update.started_at else "-",
        what,
        update.release or "-",
        revision,
        update.who or "-",
        changes or ("none" if update.changes else "-"),
        message if len(message) <= _MESSAGE_MAX else f"{message[:_MESSAGE_MAX]}…",
    )


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _shown(value: str | Secret | None) -> str:
    return "not set" if value is None else str(value)


def _iso(time: datetime | None) -> str | None:
    return time.isoformat() if time else None
