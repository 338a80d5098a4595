"""Reads one entry of a stack's history, in the two forms that Pulumi writes: its own file, and its command's output."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ops.stack.release import PARTIAL, REPLAY_NAMESPACE, UNREADABLE, Release, Secret, rollback_target
from ops.stack.state import State

# How an engine that was started by another program, instead of reading the checkout, describes itself.
_INLINE = "auto.inline"


def parse_entry(version: int, entry: Mapping[str, Any]) -> Release:
    """Return the update that an entry describes, without what only the state tells.

    Args:
        version: Its place in the history.
        entry: The content of a `.history.json` file, or an element of `pulumi stack history --json`.
    """
    try:
        environment = entry.get("environment") or {}
        message = str(entry.get("message") or "")
        return Release(
            version=version,
            kind=str(entry["kind"]),
            result=str(entry["result"]),
            message=message.partition("\n")[0],
            who=environment.get("exec.agent"),
            started_at=_time(entry.get("startTime")),
            ended_at=_time(entry.get("endTime")),
            revision=environment.get("git.head"),
            dirty=environment.get("git.dirty") == "true",
            configuration={
                key: _value(value)
                for key, value in (entry.get("config") or {}).items()
                if not key.startswith(f"{REPLAY_NAMESPACE}:")
            },
            changes={name: int(count) for name, count in (entry.get("resourceChanges") or {}).items()},
            partial=message.startswith(PARTIAL),
            rollback_of=rollback_target(message) if environment.get("exec.kind") == _INLINE else None,
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        return unreadable(version, f"it is not a history entry of Pulumi ({type(error).__name__}: {error})")


def unreadable(version: int, problem: str) -> Release:
    """Return the placeholder of an entry that cannot be read, so that the others keep their numbers."""
    return Release(version=version, kind="unknown", result=UNREADABLE, problem=problem)


def with_state(update: Release, state: State) -> Release:
    """Return the update with what the state beside it tells: its images and the release's name."""
    images = state.outputs.get("images")
    name = state.outputs.get("release")
    return replace(
        update,
        images={str(role): str(digest) for role, digest in images.items()} if isinstance(images, dict) else {},
        release=name if isinstance(name, str) else None,
    )


def with_source(update: Release, by_version: Mapping[int, Release]) -> Release:
    """Return a rollback with the revision of its source: that of the checkout it was started in says nothing."""
    source, seen = update, set[int]()
    while source.rollback_of is not None and source.version not in seen:
        seen.add(source.version)
        following = by_version.get(source.rollback_of)
        if following is None:
            return replace(update, revision=None, dirty=False)
        source = following
    return replace(update, revision=source.revision, dirty=source.dirty)


def _time(value: object) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, int):
        return datetime.fromtimestamp(value, UTC)
    return datetime.fromisoformat(str(value))


def _value(value: object) -> str | Secret:
    """A plain value, `{"secure": ciphertext}` in a file, or `{"value": …, "secret": true}` from the command."""
    if not isinstance(value, dict):
        return str(value)
    if "secure" in value:
        return Secret(ciphertext=str(value["secure"]))
    return Secret(ciphertext=None) if value.get("secret") else str(value.get("value", ""))
