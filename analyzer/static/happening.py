"""What happens when an example runs: the way into the code, step by step, and the lines that lead on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from analyzer.code.model import Span
from analyzer.markup import cite, code
from analyzer.static import diagrams
from analyzer.static.calls import Step, path_from_a_way_in, path_inside, path_of_calls
from analyzer.static.excerpts import Example, telling_span
from analyzer.static.page import Page
from analyzer.static.quotation import sentence_of

BODY_MIN_LINES: Final = 3
BODY_MAX_LINES: Final = 22
LINES_AROUND: Final = (8, 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """The heading, who begins, the steps, and the lines to show with them."""

    title: str
    begins: str
    steps: tuple[Step, ...]
    shown: tuple[Span, str]


def what_happens(page: Page, example: Example | None) -> None:
    """The way from the example into the code, one line a step, with the lines that do the work.

    Of a program, the way from what answers a request. Where the example calls nothing that leads on, the same from
    what users meet of the concept's own definitions.
    """
    way = _from_a_way_in(page) or _from_an_example(page, example) or _from_inside(page)
    if way is None or (len(way.steps) == 1 and page.says(sentence_of(way.steps[0].symbol))):
        return
    page.add(f"## {way.title}")
    told: list[str] = []
    for number, step in enumerate(way.steps, start=1):
        said = sentence_of(step.symbol)
        where = cite(step.symbol.head)
        if not said and step.line is not None:
            called, line = page.course.repo_map.statement(step.line.path, step.line.start)
            said = code(called)
            where = f"{cite(line)} → {where}"
        name = code(step.symbol.qualname + step.parentheses)
        told.append(f"{number}. {name}: {said} ({where})" if said else f"{number}. {name} ({where})")
    page.add("\n".join(told))
    page.show(*way.shown)
    page.add(diagrams.sequence(way.steps, way.begins))


def _from_a_way_in(page: Page) -> _Way | None:
    """The most telling way from what answers a request or a command, with all of that shown first."""
    repo_map = page.course.repo_map
    entry, steps = path_from_a_way_in(repo_map, page.concept)
    if entry is None:
        return None
    handler = steps[0].symbol
    title = page.course.words("on-entry", name=code(entry.label))
    shown = (telling_span(handler), repo_map.module(handler).language)
    return _Way(title=title, begins=entry.label, steps=steps, shown=shown)


def _from_an_example(page: Page, example: Example | None) -> _Way | None:
    words = page.course.words
    steps = path_of_calls(page.course.repo_map, page.concept, example)
    if not steps:
        return None
    return _Way(title=words("happens"), begins=words("first-example"), steps=steps, shown=_work(page, steps))


def _from_inside(page: Page) -> _Way | None:
    words = page.course.words
    steps = path_inside(page.course.repo_map, page.concept)
    if not steps:
        return None
    title = words("inside", name=code(steps[0].symbol.qualname))
    return _Way(title=title, begins=words("caller"), steps=steps, shown=_work(page, steps))


def _work(page: Page, steps: Sequence[Step]) -> tuple[Span, str]:
    """The lines of the path that lead on: around the call of the step that says most, inside its caller."""
    hops = [
        step
        for step in steps
        if step.caller is not None and step.line is not None and step.caller.line_count > BODY_MIN_LINES
    ]
    if not hops:
        return telling_span(steps[-1].symbol), page.course.repo_map.module(steps[-1].symbol).language
    hop = max(
        hops,
        key=lambda step: (
            not step.symbol.name.startswith("__"),
            bool(step.symbol.doc),
            step.caller.line_count if step.caller else 0,
        ),
    )
    caller, line = hop.caller, hop.line
    if caller is None or line is None:
        raise ValueError("a hop has a caller and a line")
    language = page.course.repo_map.module(caller).language
    whole = telling_span(caller)
    if caller.line_count <= BODY_MAX_LINES and whole.start <= line.start <= whole.end:
        return whole, language
    first = caller.doc.end + 1 if caller.doc is not None and caller.doc.start > caller.head_start else caller.head_start
    start = max(first, line.start - LINES_AROUND[0])
    return Span(path=caller.span.path, start=start, end=min(caller.span.end, line.start + LINES_AROUND[1])), language
