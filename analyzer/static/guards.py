"""What a program refuses, or does otherwise, before it goes on: a condition and what comes of it, in any language."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from analyzer.code.model import Kind, Span, Symbol
from analyzer.concepts.model import Concept
from analyzer.graph.answers import LINE_CHARACTERS
from analyzer.static.repository_map import RepositoryMap

BODY_LINES: Final = 4
CONDITION_MAX: Final = 80
OUTCOME_MAX: Final = 120
HANDLERS_MAX: Final = 8
OWN_MAX: Final = 5
MEMBERS_MAX: Final = 20
_IF: Final = re.compile(r"^\s*(?:\}\s*)?(?:else\s+|el)?(?:if|unless)\b\s*(?P<condition>\S.*?)\s*(?:\{|:|\bthen)?\s*$")
_ONE_LINE: Final = re.compile(r"^\s*if\s*\((?P<condition>[^{}]+?)\)\s*(?P<outcome>(?:return|throw)\b[^{}]*;?)\s*$")
_AFTER: Final = re.compile(
    r"^\s*(?P<outcome>(?:return|raise|redirect_to|render|head)\b.*?)\s+if\s+(?P<condition>(?:(?!\belse\b)[^,])+)$"
)
_ENDS: Final = re.compile(r"^\s*(?:return|throw|raise|panic!?|abort|redirect\w*|render|head|continue|exit|die)\b")
_PLAIN: Final = re.compile(
    r"^(?:return|continue)?\s*(?:nil|null|None|false|true|False|True|err|undefined|\[\]|\{\})?(?:,\s*(?:nil|err|false))*;?$"
)
_ASSIGNS: Final = re.compile(r"(?<![=!<>(\"'])=(?!=)")
# That something failed before says nothing of what is refused here.
_PASSED_ON: Final = re.compile(r"^!?\(?\s*(?:\w+(?::)?=.*;\s*)?(?:\w*[eE]rr(?:or)?|e|ok)\b|__name__|TYPE_CHECKING")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """`condition` and `outcome` as written, on one line each; `span` are their lines."""

    function: Symbol
    condition: str
    outcome: str
    span: Span


def guards_about(repo_map: RepositoryMap, concept: Concept) -> Iterator[Guard]:
    """What answers the requests of a subject and its own definitions, in this order; each condition once.

    Of a library and of the first steps none.
    """
    if concept.is_start or not repo_map.entries:
        return
    seen: set[str] = set()
    handlers = [entry.handler for entry in repo_map.entries_about(concept)[:HANDLERS_MAX] if entry.handler is not None]
    functions = list(handlers)
    for symbol in repo_map.own_symbols(concept)[:OWN_MAX]:
        functions += [symbol, *(repo_map.members(symbol)[:MEMBERS_MAX] if symbol.kind is Kind.CLASS else ())]
    for function in dict.fromkeys(functions):
        if function.kind is not Kind.CLASS:
            for guard in guards_of(repo_map, function):
                if guard.condition not in seen:
                    seen.add(guard.condition)
                    yield guard


def guards_of(repo_map: RepositoryMap, function: Symbol) -> Iterator[Guard]:
    """The conditions of a function under which it does not go on."""
    lines = repo_map.lines(function.span)
    first = function.head_end - function.span.start
    for offset, line in enumerate(lines):
        if offset < first or len(line) > LINE_CHARACTERS:
            continue
        if match := _ONE_LINE.match(line) or _AFTER.match(line):
            found, last = (match["condition"], match["outcome"]), offset
        elif match := _IF.match(line):
            outcome, last = _body(lines, offset)
            found = (_unwrapped(match["condition"]), outcome)
        else:
            continue
        condition, outcome = found[0].strip(), found[1].strip().rstrip(";")
        if _says(condition, outcome):
            start = function.span.start + offset
            span = Span(path=function.span.path, start=start, end=function.span.start + last)
            yield Guard(function=function, condition=condition, outcome=outcome, span=span)


def _body(lines: Sequence[str], offset: int) -> tuple[str, int]:
    """What is done under a condition before the function ends, and the line where that begins."""
    depth = _depth(lines[offset])
    body: list[tuple[int, str]] = []
    for number in range(offset + 1, min(len(lines), offset + 1 + BODY_LINES)):
        if lines[number].strip() and _depth(lines[number]) <= depth:
            break
        if lines[number].strip() and not lines[number].lstrip().startswith(("//", "#", "/*", "*")):
            body.append((number, lines[number].strip()))
    base = [(number, text) for number, text in body if _depth(lines[number]) == _depth(lines[body[0][0]])]
    ends = next(((number, text) for number, text in base if _ENDS.match(text)), None)
    if ends is None:
        return "", offset
    if not _PLAIN.match(ends[1]):
        return ends[1], ends[0]
    before = next(((number, text) for number, text in base if number < ends[0] and not _ASSIGNS.search(text)), None)
    return (before[1], before[0]) if before is not None else ("", offset)


def _depth(line: str) -> int:
    return len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip())


def _unwrapped(condition: str) -> str:
    """A condition without the brackets around all of it."""
    text = condition.strip()
    if text.startswith("(") and text.endswith(")"):
        depth = 0
        for place, character in enumerate(text):
            depth += (character == "(") - (character == ")")
            if depth == 0:
                return text[1:-1] if place == len(text) - 1 else text
    return text


def _says(condition: str, outcome: str) -> bool:
    is_whole = all(sum(map(text.count, "([")) == sum(map(text.count, ")]")) for text in (condition, outcome))
    is_short = len(condition) <= CONDITION_MAX and len(outcome) <= OUTCOME_MAX
    return (
        bool(condition and outcome)
        and is_whole
        and is_short
        and not _PLAIN.match(outcome)
        and not _PASSED_ON.search(condition)
        and not outcome.endswith(("{", "(", ","))
    )
