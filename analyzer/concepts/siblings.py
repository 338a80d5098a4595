"""Headings side by side that share a noun: what tells each from the others is what it is about."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from analyzer.concepts.terms import EMPTY, stem, terms_of, words_of
from analyzer.concepts.wording import clean_title
from analyzer.documentation.model import Page, PageRole, Section

KIND_FROM: Final = 3
_SERIES: Final = re.compile(r"(?P<series>[^:\u2013\u2014]+?)\s*(?::\s|\s[-\u2013\u2014]\s)\s*(?P<own>\S.*)")
_MEANS: Final = re.compile(r"\s(?:with|using|via|through)\s")
# Words that stand for no subject among others, but tell pages on one subject apart.
DEGREES: Final = frozenset(["custom", "customizing", "customization", "built", "builtin", "default", "common"])


def kinds_of(pages: Sequence[Page]) -> Mapping[str, frozenset[str]]:
    """What pages side by side call their subjects, by path: the terms that end the titles of several, or begin them.

    What begins them stands before a mark: "Common tasks: Cache", "Common tasks: Processor".
    """
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for page in pages:
        first = next((section.title for section in page.sections if section.title), "")
        terms = terms_of(clean_title(first))
        words = words_of(first)
        ends = page.role is PageRole.GUIDE and bool(terms) and stem(words[-1]) == terms[-1]
        for place in range(1, len(terms) if ends else 0):
            found.setdefault((page.path.rpartition("/")[0], terms[place:]), []).append(page.path)
        series, _ = split_title(first)
        if page.role is PageRole.GUIDE and terms_of(series):
            found.setdefault((page.path.rpartition("/")[0], terms_of(series)), []).append(page.path)
    shared = sorted((kind for kind, paths in found.items() if len(paths) >= KIND_FROM), key=lambda kind: len(kind[1]))
    return {path: frozenset(kind[1]) for kind in shared for path in found[kind]}


def variants_of(pages: Sequence[Page]) -> Mapping[str, str]:
    """What headings side by side on a page begin with that only differ in the means, by section's key.

    "Signing tokens with HS256" and "Signing tokens with RS256" are two ways of signing tokens.
    """
    found: dict[tuple[str, int, str], list[Section]] = {}
    for page in pages:
        for section in page.sections:
            head, *means = _MEANS.split(clean_title(section.title), maxsplit=1)
            if means and len(words_of(head)) > 1 and terms_of(head):
                found.setdefault((page.path, section.level, head), []).append(section)
    return {section.key: head for (_, _, head), same in found.items() if len(same) > 1 for section in same}


def split_title(title: str) -> tuple[str, str]:
    """A title as the series that it is part of and its own; the first is empty where it has no mark between."""
    match = _SERIES.match(title)
    return (match["series"], match["own"]) if match else ("", title)


def told_apart(
    headings: Iterable[Section], subject: Callable[[Section], str], own: frozenset[str], enough: int
) -> Mapping[str, str]:
    """The terms of headings that are about what `enough` of them are about, but for the plainest; by section's key.

    A heading with nothing but the shared noun, or the first of those with more, keeps it.
    """
    groups: dict[str, list[Section]] = {}
    for section in headings:
        groups.setdefault(subject(section), []).append(section)
    found: dict[str, str] = {}
    for term, sections in groups.items():
        if not term or len(sections) < enough:
            continue
        tellings = [_telling(section.title, own | {term}) for section in sections]
        known = Counter(telling for telling in tellings if telling)
        keeps = None if term in own else tellings.index("") if "" in tellings else 0
        found.update(
            (section.key, telling)
            for number, (section, telling) in enumerate(zip(sections, tellings, strict=True))
            if telling and known[telling] == 1 and number != keeps
        )
    return found


def _telling(title: str, shared: frozenset[str]) -> str:
    """The term of the first word before those that a heading shares, else of the last after; empty without others."""
    words = [word for word in words_of(clean_title(title)) if len(word) > 1]
    told = [stem(word) for word in words if word.lower() not in EMPTY or word.lower() in DEGREES]
    after = [term for term in reversed(told) if term not in shared]
    return told[0] if told and told[0] not in shared else next(iter(after), "")
