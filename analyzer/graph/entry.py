"""One way into a program: who enters, by which name, and what answers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from analyzer.code.model import Span, Symbol

REMOTE: Final = "rpc"  # what stands in place of a verb before a remote procedure
ROUTES_FROM: Final = 3  # what answers so many requests is run, not imported
MAINS: Final = frozenset(["main", "Main"])  # what a program of most languages starts with
_PARAMETER: Final = re.compile(r"[{<:*(\[$]")


class EntryKind(StrEnum):
    """Who enters: a request, someone at a terminal, a clock or a queue, the machine."""

    ROUTE = "route"
    COMMAND = "command"
    TASK = "task"
    PROGRAM = "program"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One way in: a route's path or a command's `name`, `span` where it is written, `handler` what answers, if known.

    `verb` is a route's method in capitals, empty where it says none.
    """

    kind: EntryKind
    name: str
    span: Span
    handler: Symbol | None
    verb: str = ""

    @property
    def label(self) -> str:
        """As people say it: `GET /owners/{id}`."""
        return f"{self.verb} {self.name}".strip()


def answers_requests(entries: Sequence[Entry]) -> bool:
    """Whether a program answers requests: some routes, or one where it also says that it starts."""
    answered = sum(entry.kind is EntryKind.ROUTE and entry.handler is not None for entry in entries)
    is_started = any(entry.kind is EntryKind.PROGRAM for entry in entries)
    return answered >= ROUTES_FROM or (is_started and answered > 0)


def is_parameter(segment: str) -> bool:
    """Whether a part of a route's path stands for a value: `{id}`, `:id`, `<int:id>`."""
    return _PARAMETER.search(segment) is not None


def joined(before: str, after: str) -> str:
    """A path below another: both with or without their slashes."""
    return "/" + "/".join(part for part in (before.strip("/"), after.strip("/")) if part)
