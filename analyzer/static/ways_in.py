"""How a program is entered: all of its routes, commands and tasks in short, or those that one chapter is about."""

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final

from analyzer.concepts.layers import domain_term, domain_terms
from analyzer.graph.entry import REMOTE, Entry, EntryKind, is_parameter
from analyzer.markup import cite, code, table
from analyzer.static.page import Page
from analyzer.static.quotation import sentence_of

SHOWN_MAX: Final = 8
GROUPS_MAX: Final = 12
_VERSION: Final = re.compile(r"api|rest|v?\d+")
_HEADS: Final[Mapping[EntryKind, str]] = {
    EntryKind.PROGRAM: "ways-programs",
    EntryKind.COMMAND: "ways-commands",
    EntryKind.ROUTE: "ways-routes",
    EntryKind.TASK: "ways-tasks",
}


def ways_in(page: Page) -> None:
    """The ways in, for the first chapter all of them by what they lead to, else those that the chapter is about."""
    repo_map, words = page.course.repo_map, page.course.words
    if page.course.position(page.entry) == 0:
        told = _overview(page)
        if told:
            page.add(f"## {words('ways-in')}", *told)
        return
    entries = repo_map.entries_about(page.concept)[:SHOWN_MAX]
    if entries:
        page.add(f"## {words('ways-in')}", _table(page, entries))


def _overview(page: Page) -> list[str]:
    """Each kind of way in with what it leads to; routes by the first part of their paths."""
    words, repo_map = page.course.words, page.course.repo_map
    told: list[str] = []
    for kind, head_of in _HEADS.items():
        ranked = repo_map.entries_about(page.concept) if kind is EntryKind.PROGRAM and page.concept.is_start else ()
        entries = [entry for entry in ranked or repo_map.entries if entry.kind is kind]
        if not entries:
            continue
        if kind is EntryKind.ROUTE and len(entries) > SHOWN_MAX:
            head = [words("way-first"), words("way-chapter"), words("way-where")]
            shown = table(head, [_group(page, name, found) for name, found in _by_first_part(entries)][:GROUPS_MAX])
        else:
            shown = _table(page, entries[:SHOWN_MAX])
        told += [words(head_of, count=len(entries)), shown]
    return told


def _by_first_part(entries: Sequence[Entry]) -> list[tuple[str, list[Entry]]]:
    """Routes by the first part of their path that says something, the largest groups first."""

    def first(entry: Entry) -> str:
        if entry.verb == REMOTE:
            return domain_term(entry.name) or entry.name
        parts = [part for part in entry.name.split("/") if part and not is_parameter(part)]
        told = [part for part in parts if not _VERSION.fullmatch(part)] or parts
        return told[0] if told else "/"

    groups = [(name, list(found)) for name, found in groupby(sorted(entries, key=first), key=first)]
    return sorted(groups, key=lambda group: (-len(group[1]), group[0]))


def _group(page: Page, name: str, entries: Sequence[Entry]) -> list[str]:
    """How many requests are about a thing, where they are answered, and the chapter on it."""
    course, terms = page.course, domain_terms(name)
    numbers = (number for number, concept in enumerate(course.repo_map.concepts) if concept.term in terms)
    chapters = (course.entry(number) for number in numbers)
    chapter = next((course.link(entry) for entry in chapters if entry is not None), "")
    places = list(dict.fromkeys(entry.handler.span.path for entry in entries if entry.handler is not None))
    first = entries[0]
    where = ", ".join([*(code(path) for path in places[:2]), cite(first.span)])
    return [f"{code(name)} ({len(entries)})", chapter, where]


def _table(page: Page, entries: Sequence[Entry]) -> str:
    words = page.course.words
    return table([words("way-label"), words("way-answer"), words("way-where")], [_row(entry) for entry in entries])


def _row(entry: Entry) -> list[str]:
    """What is asked for, what answers, in its own words where it has any, and where both stand."""
    handler = entry.handler
    if handler is None:
        return [code(entry.label), "", cite(entry.span)]
    said = sentence_of(handler)
    where = cite(handler.head) if entry.span.path == handler.span.path else f"{cite(entry.span)} → {cite(handler.head)}"
    answer = code(handler.qualname) if handler.qualname != entry.label else ""
    return [code(entry.label), ": ".join(part for part in (answer, said) if part), where]
