"""A conservative checker for the Mermaid diagrams that a course may hold: flowchart, sequenceDiagram, classDiagram.

It accepts less than the real parser does, so that what it accepts can be drawn. It renders nothing.
"""

import re
from collections.abc import Sequence
from typing import Final

_ID: Final = r"[A-Za-z][A-Za-z0-9_]*"
_TEXT: Final = r'[^"<>{}|`;#\\\n]+'
_FLOW: Final = (
    rf'{_ID}\["{_TEXT}"\](?::::{_ID})?',
    rf'{_ID}(?:\["{_TEXT}"\])? (?:-->|---|-\.->|==>)(?:\|"{_TEXT}"\|)? {_ID}(?:\["{_TEXT}"\])?',
    rf"style {_ID} [a-z-]+:[#\w-]+(?:,[a-z-]+:[#\w-]+)*",
    rf"classDef {_ID} [a-z-]+:[#\w-]+(?:,[a-z-]+:[#\w-]+)*",
    rf"subgraph {_ID}(?:\[\"{_TEXT}\"\])?",
    r"end",
)
_SEQUENCE: Final = (
    rf"(?:participant|actor) {_ID}(?: as [^;#<>\n]+)?",
    rf"{_ID}(?:->>|-->>|->|-->|-\)|-x)[+-]?{_ID}: [^;#<>\n]+",
    rf"Note (?:over|left of|right of) {_ID}(?:,{_ID})?: [^;#<>\n]+",
    r"(?:loop|alt|opt|else|par|and) [^;#<>\n]+",
    r"autonumber",
    r"end",
)
_CLASS: Final = (
    rf"class {_ID}(?:\[\"{_TEXT}\"\])?",
    rf"{_ID} (?:<\|--|--\|>|-->|<--|\*--|o--|\.\.>|\.\.\|>|--) {_ID}(?: : [^;#<>{{}}\n]+)?",
    rf"{_ID} : [^;#<>{{}}\n]+",
)
_HEADS: Final = {
    re.compile(r"(?:flowchart|graph) (?:LR|RL|TD|TB|BT)"): _FLOW,
    re.compile(r"sequenceDiagram"): _SEQUENCE,
    re.compile(r"classDiagram"): _CLASS,
}
RESERVED: Final = frozenset({"end", "graph", "flowchart", "subgraph", "style", "class", "classdef", "click", "default"})


def check_mermaid(text: str) -> str | None:
    """Return why a diagram would not be drawn, or None when it would."""
    lines = [line.strip() for line in text.split("\n") if line.strip() and not line.strip().startswith("%%")]
    if len(lines) < 2:  # noqa: PLR2004 - a head and something under it
        return "the diagram has no body" if lines else "the diagram is empty"
    forms = next((forms for head, forms in _HEADS.items() if head.fullmatch(lines[0])), None)
    if forms is None:
        return f"{lines[0][:40]!r} is not a diagram kind that is checked here"
    wrong = next((reason for line in lines[1:] if (reason := _check_line(line, forms))), None)
    if wrong is not None or forms is _CLASS:
        return wrong
    return _undeclared(lines[1:], sequence=forms is _SEQUENCE)


def _check_line(line: str, forms: Sequence[str]) -> str | None:
    if not any(re.fullmatch(form, line) for form in forms):
        return f"line {line[:60]!r} is not understood"
    if any(name.lower() in RESERVED for name in re.findall(rf"^({_ID})\s*(?:\[|--|->)", line)):
        return f"line {line[:60]!r} uses a reserved word as a name"
    return None


def _undeclared(lines: list[str], *, sequence: bool) -> str | None:
    """Every box and participant that an arrow names is declared, so none is drawn with a bare identifier."""
    declaration = rf"participant ({_ID})|actor ({_ID})" if sequence else rf'({_ID})\["'
    declared = {name for line in lines for found in re.findall(declaration, line) for name in _flat(found) if name}
    arrow = (
        rf"^({_ID})(?:->>|-->>|->|-->|-\)|-x)[+-]?({_ID}):"
        if sequence
        else rf"^({_ID})[^-]* (?:-->|---|-\.->|==>).* ({_ID})\S*$"
    )
    for line in lines:
        for found in re.findall(arrow, line):
            missing = [name for name in found if name not in declared]
            if missing:
                return f"{missing[0]} is not declared"
    return None


def _flat(found: str | tuple[str, ...]) -> tuple[str, ...]:
    return (found,) if isinstance(found, str) else found
