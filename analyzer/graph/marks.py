"""What marks add up to: a type's path before its methods', one route of two marks, none where others mark so."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from analyzer.code.model import Kind, Symbol
from analyzer.graph.entry import REMOTE, Entry, EntryKind, joined

_ANSWERS: Final = re.compile(r"(Controller|Resource|Endpoint|Api|Handler|Hub)s?$")


def under_their_types(found: Sequence[Entry]) -> list[Entry]:
    """Routes of methods with the path that their type is marked with before them; a type alone is no way in."""
    of_types = {
        (entry.span.path, entry.handler.qualname): entry.name
        for entry in found
        if entry.kind is EntryKind.ROUTE and entry.handler is not None and _is_marked(entry, entry.handler)
    }
    kept: list[Entry] = []
    for entry in _with_verbs(found):
        handler = entry.handler
        if handler is not None and _is_marked(entry, handler):
            continue
        if entry.kind is EntryKind.ROUTE and entry.verb != REMOTE:
            if handler is not None and not entry.name and not _is_in_a_controller(entry, handler, of_types):
                continue
            before = of_types.get((entry.span.path, handler.parent), "") if handler is not None else ""
            path = joined(before, entry.name)
            if handler is not None and path == "/" and entry.span.path.endswith(".cs"):  # as ASP.NET has it unless told
                path = "/[controller]/[action]"
            if handler is not None:  # what ASP.NET puts in place of these
                path = path.replace("[controller]", handler.parent.removesuffix("Controller"))
                path = path.replace("[action]", handler.name)
            entry = replace(entry, name=path)  # noqa: PLW2901 - the same entry
        kept.append(entry)
    return kept


def _with_verbs(found: Sequence[Entry]) -> Iterator[Entry]:
    """The same, but one for two marks of which one has the path and the other the verb: `[Route("x")] [HttpPost]`."""
    held: Entry | None = None
    for entry in found:
        if (
            held is not None
            and held.kind is entry.kind is EntryKind.ROUTE
            and held.handler is entry.handler is not None
        ):
            named, other = (held, entry) if held.name else (entry, held)
            if named.name and not named.verb and other.verb and not other.name:
                held = replace(named, verb=other.verb)
                continue
        if held is not None:
            yield held
        held = entry
    if held is not None:
        yield held


def _is_marked(entry: Entry, handler: Symbol) -> bool:
    """Whether a type itself has the mark: it says where its methods' paths begin."""
    is_above = entry.span.path == handler.span.path and entry.span.start <= handler.head_end
    return entry.kind is EntryKind.ROUTE and handler.kind is Kind.CLASS and is_above and entry.span != handler.head


def _is_in_a_controller(entry: Entry, handler: Symbol, of_types: Mapping[tuple[str, str], str]) -> bool:
    """Whether a mark without a path is one of a route: `@Delete` means other things elsewhere."""
    return (entry.span.path, handler.parent) in of_types or _ANSWERS.search(handler.parent) is not None
