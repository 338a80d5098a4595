"""What an update of a stack was, as its entry in Pulumi's stack history and the state beside it tell."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

SUCCEEDED: Final = "succeeded"
UNREADABLE: Final = "unreadable"
# Keys that a replay adds to the configuration to have secrets decrypted; they are no part of a release.
REPLAY_NAMESPACE: Final = "fondation-replay"
_ROLLBACK: Final = re.compile(r"rollback to #(\d+)")
# An update that made a part of the stack only, so that its state is no release to go back to.
PARTIAL: Final = "part of a release:"
_UNCHANGED: Final = frozenset({"same", "read"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A secret value of the configuration: its ciphertext, or None where the history does not tell even that."""

    ciphertext: str | None = field(repr=False)

    def __str__(self) -> str:
        return "[secret]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One update in a stack's history.

    Attributes:
        version: Its place in the history, from 1.
        kind: `update`, `destroy`, `refresh` or another operation of Pulumi; only an update is a release.
        result: `succeeded`, `failed` or `unreadable`.
        message: What the operator, or git, said about it.
        who: `<user>@<host>`; None where the history does not tell.
        revision: Commit that the checkout was at; of a rollback, the one that its source was made from.
        dirty: Whether the checkout had changes on top of the revision.
        configuration: Values by full key, secrets as ciphertext.
        images: Content digest by role; empty when nothing was deployed or the state cannot be read.
        release: Short digest over all images.
        changes: Number of resources by operation.
        rollback_of: Version whose inputs it applied again; None for an ordinary update.
        partial: Whether it made a part of the stack only.
        problem: Why it cannot be read.
    """

    version: int
    kind: str
    result: str
    message: str = ""
    who: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    revision: str | None = None
    dirty: bool = False
    configuration: Mapping[str, str | Secret] = field(default_factory=dict)
    images: Mapping[str, str] = field(default_factory=dict)
    release: str | None = None
    changes: Mapping[str, int] = field(default_factory=dict)
    rollback_of: int | None = None
    partial: bool = False
    problem: str = ""

    @property
    def is_good(self) -> bool:
        """Whether it is an update of the whole stack that succeeded, so that it can be applied again."""
        return self.kind == "update" and self.result == SUCCEEDED and not self.partial

    @property
    def changed_nothing(self) -> bool:
        """Whether it left everything as it was."""
        return bool(self.changes) and set(self.changes) <= _UNCHANGED


def rollback_message(version: int) -> str:
    """Return the message with which a rollback enters the history."""
    return f"rollback to #{version}"


def rollback_target(message: str) -> int | None:
    """Return the version that a rollback's message names; None for any other message."""
    found = _ROLLBACK.match(message)
    return int(found[1]) if found else None


def origins(history: Sequence[Release]) -> Mapping[int, int]:
    """Return, by the version of each good release, the one that first had its inputs.

    A rollback has the inputs of its target, and an update that changed nothing those of the release before it.

    Args:
        history: All updates, oldest first.
    """
    found: dict[int, int] = {}
    before: int | None = None
    for update in history:
        if update.kind == "destroy":
            before = None
        if not update.is_good:
            # What a failed update left is no release: the next one is new even if it changes nothing.
            before = before if update.result == SUCCEEDED else None
            continue
        origin = update.version
        if update.rollback_of is not None:
            origin = found.get(update.rollback_of, update.version)
        elif update.changed_nothing and before is not None:
            origin = before
        found[update.version] = before = origin
    return found


def previous(history: Sequence[Release]) -> Release | None:
    """Return the newest good release with other inputs than what runs now; None where there is none.

    After a failed update or a destroy that is the last good release itself.

    Args:
        history: All updates, oldest first.
    """
    by_version = origins(history)
    # A refresh deploys nothing; what runs is still what the update before it made.
    last = next((update for update in reversed(history) if update.kind != "refresh"), None)
    current = by_version.get(last.version) if last else None
    good = [update for update in history if update.version in by_version]
    return next((update for update in reversed(good) if by_version[update.version] != current), None)


def kept(history: Sequence[Release], count: int) -> Sequence[Release]:
    """Return one release for each of the last `count` different sets of inputs, newest first.

    Args:
        history: All updates, oldest first.
        count: How many to keep.
    """
    by_version = origins(history)
    seen: dict[int, Release] = {}
    for update in reversed(history):
        origin = by_version.get(update.version)
        if origin is not None:
            seen.setdefault(origin, update)
    return list(seen.values())[:count]
