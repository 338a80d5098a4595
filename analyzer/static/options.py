"""The options that a definition's documentation explains, as a table."""

import re
from typing import Final

from analyzer.code.model import Kind, Span, Symbol
from analyzer.concepts.model import Concept
from analyzer.documentation import prose
from analyzer.markup import cite, code, table
from analyzer.static.catalogue import Words
from analyzer.static.repository_map import RepositoryMap

ROWS_MAX: Final = 8
ROWS_MIN: Final = 2
_TAG: Final = re.compile(
    r"^@param\s+(?:\{[^}]*\}\s*)?(?:\[)?(?P<name>\$?[\w.]+)[^\s]*\s*-?\s*(?P<text>\S.*)$", re.MULTILINE
)


def options_table(repo_map: RepositoryMap, concept: Concept, words: Words) -> str:
    """The table of the concept's definition that explains most options; empty when none explains two."""
    best: tuple[int, Symbol, dict[str, str]] | None = None
    for symbol in repo_map.own_symbols(concept)[:5]:
        functions = [symbol]
        if symbol.kind is Kind.CLASS:
            functions += [m for m in repo_map.members(symbol) if m.is_public or m.name in {"__init__", "constructor"}]
        for function in functions:
            notes = _notes(function)
            if len(notes) >= ROWS_MIN and (best is None or len(notes) > best[0]):
                best = (len(notes), function, notes)
    if best is None:
        return ""
    _, function, notes = best
    defaults = {parameter.name: parameter.default for parameter in function.parameters}
    rows = []
    for name, text in list(notes.items())[:ROWS_MAX]:
        default = f" = {code(defaults[name], 24)}" if defaults.get(name) else ""
        rows.append([code(name) + default, prose.markdown(text)])
    head = [words("option-head", name=code(function.qualname)), words("option-says")]
    doc = function.doc
    source = f"\n\n{words('from', cite=cite(doc_span(function)))}" if doc is not None else ""
    return table(head, rows) + source


def doc_span(symbol: Symbol) -> Span:
    """The lines of a definition's documentation."""
    doc = symbol.doc
    return Span(path=symbol.span.path, start=doc.start, end=doc.end) if doc is not None else symbol.span


def _notes(symbol: Symbol) -> dict[str, str]:
    if symbol.doc is None:
        return {}
    known = {parameter.name for parameter in symbol.parameters}
    notes = prose.parameter_notes(symbol.doc.text)
    notes |= {match["name"]: match["text"] for match in _TAG.finditer(symbol.doc.text) if match["name"] not in notes}
    return {
        name: " ".join(prose.sentences(text)[:1])
        for name, text in notes.items()
        if name in known and len(text.split()) > 1
    }
