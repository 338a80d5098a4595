"""Reads progress from the lines that a CLI prints.

Understands our CLI's JSON lines, lines marked `[FONDATION_STEP_n/m]`, and the plain messages of the existing CLI
(contract, section 4.2). Anything else is no progress and no error.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from course.steps import STEPS, TOTAL_STEPS, Step, step_number, step_title

_MARKED: Final = re.compile(r"\[FONDATION_STEP_(\d{1,3})/(\d{1,3})\]\s*(.*)")
_TITLES: Final = {step_title(step).lower(): step for step in STEPS}
_TEXT_MAX: Final = 1000
_COUNT_MAX: Final = 1e12
_TAKEN: Final = ("calls", "inputTokens", "outputTokens", "costUsd")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted:
    """The CLI began a step."""

    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """The CLI reported an error; `remedy` is empty when it gave none, `retry_after_s` None when it named no time."""

    message: str
    remedy: str = ""
    retry_after_s: float | None = None

    def __str__(self) -> str:
        """Return message and remedy in one line."""
        return f"{self.message}; {self.remedy}" if self.remedy else self.message


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """The CLI said something that belongs into the job's log."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a model's answers took: calls made, tokens, US dollars by the CLI's estimate; `text` says it."""

    text: str
    calls: int
    input_tokens: int
    output_tokens: int
    usd: float


def parse_line(line: str) -> StepStarted | Complaint | Usage | Note | None:
    """Return what a line of the CLI's standard output says."""
    fields = _json_object(line)
    message = str(fields.get("msg", ""))[:_TEXT_MAX] if fields is not None else line[:_TEXT_MAX]
    if fields is not None and fields.get("level") == "error":
        error = fields.get("error")
        details = error if isinstance(error, dict) else {}
        return Complaint(
            message=message,
            remedy=str(details.get("remedy") or "")[:_TEXT_MAX],
            retry_after_s=_seconds(details.get("retryAfterS")),
        )
    if fields is not None and (said := _said(message, fields)):
        return said
    if fields is not None and (step := _numbered(fields.get("step"), fields.get("totalSteps", TOTAL_STEPS))):
        return StepStarted(step=step)
    if match := _MARKED.search(message):
        step = _numbered(int(match[1]), int(match[2]))
        return StepStarted(step=step) if step else None
    if fields is not None and (named := _TITLES.get(message.strip().lower())):
        return StepStarted(step=named)
    return None


def _said(message: str, fields: Mapping[str, object]) -> Usage | Note | None:
    """What the CLI said beside its steps."""
    taken = fields.get("taken")
    if isinstance(taken, dict):
        return _usage(message, taken)
    return Note(text=message) if fields.get("note") is True else None


def _usage(text: str, taken: Mapping[str, object]) -> Usage:
    amounts = {name: min(_seconds(taken.get(name)) or 0.0, _COUNT_MAX) for name in _TAKEN}
    return Usage(
        text=text,
        calls=int(amounts["calls"]),
        input_tokens=int(amounts["inputTokens"]),
        output_tokens=int(amounts["outputTokens"]),
        usd=amounts["costUsd"],
    )


class StepTracker:
    """Follows the steps of one run; only a step beyond the last one counts, so a bar never runs back."""

    def __init__(self) -> None:
        self.current: Step | None = None

    def advance(self, step: Step) -> bool:
        """Return whether the step is new."""
        if self.current is not None and step_number(step) <= step_number(self.current):
            return False
        self.current = step
        return True


def _json_object(line: str) -> dict[str, object] | None:
    if not line.lstrip().startswith("{"):
        return None
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _numbered(number: object, total: object) -> Step | None:
    if isinstance(number, bool) or not isinstance(number, int) or total != TOTAL_STEPS:
        return None
    return STEPS[number - 1] if 1 <= number <= TOTAL_STEPS else None


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        return None
    return float(value)
