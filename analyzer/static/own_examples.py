"""The programs that a project has for a concept among its examples: their parts, and what its list says about each."""

import re
from collections.abc import Iterator
from typing import Final

from analyzer.code.model import Role, Span
from analyzer.code.roles import EXAMPLE_FOLDERS
from analyzer.concepts.model import Concept
from analyzer.documentation import prose
from analyzer.static.excerpts import LINES_MAX, Example, cut
from analyzer.static.quotation import is_sayable, proved
from analyzer.static.repository_map import RepositoryMap

PARTS_MAX: Final = 3
HEAD_LINES: Final = 8
READMES: Final = ("README.md", "readme.md", "README")
_PREAMBLE: Final = re.compile(r"\s*(['\"]use strict['\"];?|#!|//|#(?!include)|/\*|\*)")


def own_examples(repo_map: RepositoryMap, concept: Concept) -> Iterator[Example]:
    """The first part of each, from its first statement on."""
    for path in concept.paths:
        yield from list(_parts(repo_map, path))[:1]


def further_parts(repo_map: RepositoryMap, example: Example) -> list[Example]:
    """What follows the first part of an example of the project, as far as a chapter shows it."""
    is_own = example.section is None and example.role is Role.EXAMPLE
    return (
        [part for part in _parts(repo_map, example.span.path) if part.span.start > example.span.start] if is_own else []
    )


def said_of(repo_map: RepositoryMap, path: str) -> str:
    """What the list of a project's examples says about one, quoted; empty where there is none."""
    parts = path.split("/")
    place = next((number for number, part in enumerate(parts[:-1]) if part.lower() in EXAMPLE_FOLDERS), None)
    if place is None:
        return ""
    folder, name = "/".join(parts[: place + 1]), parts[place + 1]
    link = rf"\[[^\]]*\]\((?:\./)?{re.escape(name)}(?:/[^)]*)?\)"
    listed = re.compile(rf"[-*] +{link}[ \t]*[-:\u2013\u2014]*[ \t]*(?P<said>\S.*)")
    for readme in READMES:
        for number, line in enumerate(repo_map.snapshot.files.get(f"{folder}/{readme}", ()), start=1):
            if (match := listed.match(line.strip())) and is_sayable(match["said"]):
                span = Span(path=f"{folder}/{readme}", start=number, end=number)
                return proved(repo_map, [f"> {prose.markdown(match['said'])}"], span)
    return ""


def _parts(repo_map: RepositoryMap, path: str) -> Iterator[Example]:
    """The first parts of an example's file, each cut where a blank line is."""
    module = repo_map.links.modules.get(path)
    if module is None or module.role is not Role.EXAMPLE:
        return
    lines = repo_map.snapshot.files.get(path, ())
    start = (module.doc.end if module.doc is not None and module.doc.start < HEAD_LINES else 0) + 1
    while start <= len(lines) and (not lines[start - 1].strip() or _PREAMBLE.match(lines[start - 1])):
        start += 1
    for _ in range(PARTS_MAX):
        end = len(lines) if len(lines) - start < LINES_MAX else cut(lines, start, start + LINES_MAX - 1)
        if end <= start:
            return
        yield Example(
            span=Span(path=path, start=start, end=end),
            language=module.language,
            text="\n".join(lines[start - 1 : end]),
            role=Role.EXAMPLE,
        )
        start = end + 1
        while start <= len(lines) and not lines[start - 1].strip():
            start += 1
