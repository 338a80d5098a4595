"""The report as facts: what its Markdown and its JSON are both made from.

Field names are those of the JSON form; `docs/operations/preview.schema.json` is derived from these classes.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from pydantic import TypeAdapter

UNKNOWN: Final = "(known after the deployment)"
SECRET: Final = "(secret)"  # noqa: S105 - what is shown in place of one


class Operation(StrEnum):
    """What happens to a resource; `other` is an engine's operation that this version does not know."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One property that differs.

    Attributes:
        path: The property, such as `memory`, `envs.CONVEX_URL` or `labels.org.fondation.digest`.
        before: Its recorded value as text; None where it was not set; "(secret)" for a secret.
        after: Its new value as text; None where it is no longer set; "(known after the deployment)" if unknown yet.
        replaces: Whether this difference is why the resource is replaced.
    """

    path: str
    before: str | None
    after: str | None
    replaces: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What happens to one resource.

    Attributes:
        kind: Its type's last part, such as `Container`.
        name: Its name in the program.
        object: The name that it has in Docker; None where it has none.
        urn: Its full name in the state.
        causes: The properties that differ; none for a resource that is created or deleted.
        gone: Whether it is created because it was removed behind Pulumi's back; only a refresh can tell.
        runs: Whether it is a container or service that runs, so that its replacement interrupts something.
        data: Whether it keeps data that is lost with it.
        component: Whether it only groups others.
    """

    operation: Operation
    kind: str
    name: str
    object: str | None
    urn: str
    causes: tuple[Cause, ...] = ()
    gone: bool = False
    runs: bool = False
    data: bool = False
    component: bool = False

    @property
    def label(self) -> str:
        """The name that an operator knows it by."""
        return self.object or self.name


class FileState(StrEnum):
    """What became of a file that an image is made from."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageChange:
    """An image whose digest changes.

    Attributes:
        role: The image's folder below `images/`.
        before: Its recorded digest; None for a new image.
        after: Its new digest; None for one that is no longer made.
        files: What it is made from that differs, by name; None where the recorded release does not say.
    """

    role: str
    before: str | None
    after: str | None
    files: Mapping[str, FileState] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingChange:
    """A key of the stack's configuration that differs from the last deployment's; a secret's value is never here."""

    key: str
    before: str | None
    after: str | None
    secret: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What a reader must know, by the names that things have in Docker.

    Attributes:
        starts: Containers that are created and run.
        restarts: Running containers that are replaced.
        stops: Running containers that are removed.
        deletes: Everything that is removed and not replaced.
        loses: Volumes whose data is lost, because they are removed or replaced.
    """

    starts: tuple[str, ...] = ()
    restarts: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    deletes: tuple[str, ...] = ()
    loses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A preview of one stack.

    Attributes:
        stack: Its name.
        summary: One sentence: what restarts, what is deleted, whether data is lost.
        deployed: Whether there is something deployed to compare with.
        counts: Number of resources by operation, unchanged ones as `same`.
        release: Name of the release that is deployed and of the one that would be.
        notes: What the report could not find out, and other remarks.
        failure: Why there is no preview; everything else is empty then.
    """

    stack: str
    summary: str
    deployed: bool = True
    counts: Mapping[str, int] = field(default_factory=dict)
    effects: Effects = field(default_factory=Effects)
    changes: tuple[Change, ...] = ()
    images: tuple[ImageChange, ...] = ()
    settings: tuple[SettingChange, ...] = ()
    release: tuple[str | None, str | None] = (None, None)
    notes: tuple[str, ...] = ()
    failure: str | None = None

    @property
    def changed(self) -> int:
        """How many resources change."""
        return len(self.changes)


_ADAPTER: Final = TypeAdapter(Report)


def as_json(report: Report) -> str:
    """Return the report's JSON form, indented, with a final newline."""
    return _ADAPTER.dump_json(report, indent=2).decode() + "\n"


def json_schema() -> dict[str, object]:
    """Return the JSON Schema of the JSON form."""
    return _ADAPTER.json_schema(mode="serialization")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(json_schema(), indent=2) + "\n")
