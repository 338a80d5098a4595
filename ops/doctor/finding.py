"""What a check says: one fact about one thing, how bad it is, and what to do. No I/O."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


_MARKS: Final = {Level.OK: "ok  ", Level.WARNING: "warn", Level.FAILURE: "FAIL"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fact.

    Attributes:
        check: What was looked at, in one or two words.
        level: How bad it is.
        fact: What was seen.
        remedy: What to do; empty when all is well.
    """

    check: str
    level: Level
    fact: str
    remedy: str = ""

    @property
    def lines(self) -> list[str]:
        """The finding as people read it: the fact, and the remedy below it."""
        first, *rest = self.fact.splitlines() or [""]
        shown = [f"{_MARKS[self.level]}  {self.check:14} {first}"]
        shown += [f"{'':20} {line}" for line in rest]
        shown += [f"{'':20} → {line}" for line in self.remedy.splitlines()]
        return shown

    def as_data(self) -> dict[str, str]:
        """The finding for a program; levels are the words of `Level`."""
        return {key: str(value) for key, value in asdict(self).items()}


def ok(check: str, fact: str) -> Finding:
    """Return a finding that needs nothing."""
    return Finding(check=check, level=Level.OK, fact=fact)


def warning(check: str, fact: str, remedy: str) -> Finding:
    """Return a finding that will be a failure some day."""
    return Finding(check=check, level=Level.WARNING, fact=fact, remedy=remedy)


def failure(check: str, fact: str, remedy: str) -> Finding:
    """Return a finding that stops something from working."""
    return Finding(check=check, level=Level.FAILURE, fact=fact, remedy=remedy)


def count(findings: Sequence[Finding], level: Level) -> int:
    """Return how many findings are of a level."""
    return sum(finding.level is level for finding in findings)
