"""Mermaid diagrams with labels that the real parser accepts, whatever the repository's names are."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from analyzer.code.model import Symbol
from analyzer.static.calls import Step
from analyzer.static.course import Course

LABEL_MAX_CHARS: Final = 40
NODES_MAX: Final = 9
_ALLOWED: Final = re.compile(r"[^\w .,()/+-]")


def safe(text: str) -> str:
    """A label: letters, digits and a little punctuation; anything else becomes a space."""
    cleaned = " ".join(_ALLOWED.sub(" ", text).split())
    if len(cleaned) > LABEL_MAX_CHARS:
        cleaned = cleaned[: LABEL_MAX_CHARS - 1].rstrip() + "…"
    return cleaned or "unnamed"


def sequence(steps: Sequence[Step], caller: str) -> str:
    """The calls of a path between those who own them; empty when only one takes part."""
    owners = [_owner(step.symbol) for step in steps]
    names = list(dict.fromkeys(owners))
    if len(names) < 2 or len(names) >= NODES_MAX:  # noqa: PLR2004
        return ""
    ids = {name: f"p{number}" for number, name in enumerate(names)}
    lines = ["sequenceDiagram", f"    participant you as {safe(caller)}"]
    lines += [f"    participant {ids[name]} as {safe(name)}" for name in names]
    before = "you"
    for step, owner in zip(steps, owners, strict=True):
        lines.append(f"    {before}->>{ids[owner]}: {safe(step.symbol.name)}{step.parentheses}")
        before = ids[owner]
    return "\n".join(["```mermaid", *lines, "```"])


def _owner(symbol: Symbol) -> str:
    return symbol.parent.rpartition(".")[2] if symbol.parent else symbol.span.path.rpartition("/")[2]


def course_map(course: Course) -> str:
    """The first chapters as boxes, in order, with what each uses of earlier ones; empty for a single chapter."""
    entries = course.plan.order[:NODES_MAX]
    if len(entries) < 2:  # noqa: PLR2004
        return ""
    ids = {entry.index: f"c{entry.index}" for entry in entries}
    lines = ["flowchart TD", *(f'    {ids[entry.index]}["{safe(entry.name)}"]' for entry in entries)]
    arrows: list[str] = []
    for entry in entries:
        before, _ = course.needs(entry)
        arrows += [f"    {ids[other.index]} --> {ids[entry.index]}" for other in before[:2] if other.index in ids]
    for one, two in pairwise(entries):
        arrow = f"    {ids[one.index]} --> {ids[two.index]}"
        if not any(line.endswith(f"--> {ids[two.index]}") for line in arrows):
            arrows.append(arrow)
    return "\n".join(["```mermaid", *lines, *arrows, "```"])
