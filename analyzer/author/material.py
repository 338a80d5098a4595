"""What the model is given to write a chapter from: pieces of the repository with marks, places and numbered lines.

What comes first is what matters most; what does not fit any more is left out, however large the repository.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from analyzer.author.prompts import harmless
from analyzer.code.model import Kind, Span, Symbol
from analyzer.code.roles import PROSE, language_of
from analyzer.concepts.model import Concept
from analyzer.documentation import prose
from analyzer.documentation.model import Block, BlockKind, Section
from analyzer.static.calls import called_in, path_from_a_way_in, path_inside, path_of_calls
from analyzer.static.excerpts import DRAWINGS, Example, example_language, first_example, sample
from analyzer.static.failures import raises_of
from analyzer.static.quotation import is_sayable, quote_blocks
from analyzer.static.repository_map import RepositoryMap

MATERIAL_CHARS: Final = 14_000
KNOWN_SHARE: Final = 0.25
BESIDE_PERCENT: Final = 80
PIECE_LINES: Final = 40
EXAMPLE_LINES: Final = 70
SECTIONS: Final = 8
SYMBOLS: Final = 8
MEMBERS: Final = 4
CALLED: Final = 6
FIRST: Final = 3
WAYS_IN: Final = 4
RAISES: Final = 4
LINE_CHARS: Final = 180
PARAGRAPH_CHARS: Final = 900
QUOTE_WORDS: Final = 150
_WORD: Final = re.compile(r"\w")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Lines of the repository. `block` with its `section` is set for prose of a page, which can be quoted."""

    span: Span
    language: str
    what: str
    section: Section | None = None
    block: Block | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """The pieces of one chapter, in the order of their marks: the first is E1."""

    pieces: tuple[Piece, ...]
    left_out: int = 0

    def piece(self, number: int) -> Piece | None:
        """The piece of a mark."""
        return self.pieces[number - 1] if 0 < number <= len(self.pieces) else None


def material_of(repo_map: RepositoryMap, concept: Concept, limit: int = MATERIAL_CHARS) -> Material:
    """The pieces that fit, the most important first; none of which hardly a line is new."""
    pieces: list[Piece] = []
    seen: dict[str, set[int]] = {}
    used = left_out = 0
    shares = [(_pieces(repo_map, concept), limit), (_beside(repo_map, concept), limit * BESIDE_PERCENT // 100)]
    for piece, share in ((piece, share) for found, share in shares for piece in found):
        lines = _telling_lines(repo_map, piece.span)
        known = seen.setdefault(piece.span.path, set())
        if len(lines - known) <= len(lines) * KNOWN_SHARE:
            continue
        size = len(_shown(repo_map, piece, len(pieces) + 1))
        if used + size > share and pieces:
            left_out += 1
            continue
        pieces.append(piece)
        used += size
        known |= lines
    return Material(pieces=tuple(pieces), left_out=left_out)


def _telling_lines(repo_map: RepositoryMap, span: Span) -> set[int]:
    """The numbers of the lines that have a word."""
    return {number for number, line in enumerate(repo_map.lines(span), start=span.start) if _WORD.search(line)}


def as_text(repo_map: RepositoryMap, material: Material) -> str:
    """The material as the prompt shows it."""
    return "\n\n".join(_shown(repo_map, piece, number) for number, piece in enumerate(material.pieces, start=1))


def numbered_lines(repo_map: RepositoryMap, span: Span) -> str:
    """Lines with their numbers, long ones cut; a paragraph of prose may stand in one line."""
    most = PARAGRAPH_CHARS if language_of(span.path) in PROSE else LINE_CHARS
    return "\n".join(
        f"{number:>5} {harmless(line[:most])}" for number, line in enumerate(repo_map.lines(span), start=span.start)
    )


def _shown(repo_map: RepositoryMap, piece: Piece, number: int) -> str:
    place = harmless(f"{piece.span.path}#L{piece.span.start}-L{piece.span.end}")
    return f"E{number} — {harmless(piece.what)} — {place}\n{numbered_lines(repo_map, piece.span)}"


def _pieces(repo_map: RepositoryMap, concept: Concept) -> Iterator[Piece]:
    """Everything, in order of weight: the concept's own section and example, its definitions, the way into the code."""
    sections = list(concept.sections[:SECTIONS])
    example = first_example(repo_map, concept)
    if example is not None:
        yield Piece(
            span=_bounded(example.span, EXAMPLE_LINES),
            language=example.language,
            what="an example" if example.section is not None else f"an example in a {example.role.value}",
        )
    for section in sections[:2]:
        yield from _of_section(repo_map, section)
    for entry in repo_map.entries_about(concept)[:WAYS_IN]:
        answer = f", answered by {entry.handler.qualname}" if entry.handler is not None else ""
        yield Piece(span=entry.span, language=language_of(entry.span.path), what=f"a way in, {entry.label}{answer}")
    for symbol in _definitions(repo_map, concept, example):
        yield from _of_symbol(repo_map, symbol)
    for function, raised in islice(raises_of(repo_map, concept), RAISES):
        start, end = max(function.span.start, raised.line - 4), min(function.span.end, raised.line + 2)
        around = Span(path=function.span.path, start=start, end=end)
        yield Piece(span=around, language=repo_map.module(function).language, what=f"an error in {function.qualname}")
    for section in sections[2:]:
        yield from _of_section(repo_map, section)
    for symbol in _further(repo_map, concept):
        yield from _of_symbol(repo_map, symbol)
    if (other := sample(repo_map, concept)) is not None:
        yield Piece(span=_bounded(other.span), language=other.language, what=f"a use in a {other.role.value}")


def _definitions(repo_map: RepositoryMap, concept: Concept, example: Example | None) -> Iterator[Symbol]:
    """What the concept is made of first, then the way from a request or the example into the code, then other calls."""
    yield from repo_map.own_symbols(concept)[:FIRST]
    _, way = path_from_a_way_in(repo_map, concept)
    for step in way or path_of_calls(repo_map, concept, example) or path_inside(repo_map, concept):
        yield step.symbol
    yield from islice(called_in(repo_map, concept, example.text if example is not None else ""), CALLED)


def _further(repo_map: RepositoryMap, concept: Concept) -> Iterator[Symbol]:
    """The concept's other definitions, and the methods that the documentation names most."""
    symbols = repo_map.own_symbols(concept)[:SYMBOLS]
    yield from symbols[FIRST:]
    for symbol in symbols[:2]:
        members = [m for m in repo_map.members(symbol) if m.is_public] if symbol.kind is Kind.CLASS else []
        members.sort(key=lambda m: -len(repo_map.evidence.mentioned_in.get(m.name, ())))
        yield from members[:MEMBERS]


def _beside(repo_map: RepositoryMap, concept: Concept) -> Iterator[Piece]:
    """What stands in the files of the concept's first definitions and what that calls, where there is little else.

    Last what stands in the files of those that it only uses.
    """
    own = _functions_beside(repo_map, repo_map.own_symbols(concept)[:FIRST])
    reached = dict.fromkeys(symbol.key for symbol in own)
    for key in list(reached):
        for link in repo_map.links.outgoing.get(key, ()):
            reached.setdefault(link.target)
            for onward in repo_map.links.outgoing.get(link.target, ()):
                reached.setdefault(onward.target)
    reached |= dict.fromkeys(symbol.key for symbol in _functions_beside(repo_map, repo_map.symbols_of(concept)[:FIRST]))
    for key in reached:
        if (symbol := repo_map.symbol(key)) is not None:
            yield from _of_symbol(repo_map, symbol)


def _functions_beside(repo_map: RepositoryMap, symbols: Sequence[Symbol]) -> list[Symbol]:
    """The functions and methods of the files that some definitions stand in."""
    return [
        symbol
        for path in dict.fromkeys(known.span.path for known in symbols)
        for symbol in repo_map.links.modules[path].symbols
        if symbol.kind in {Kind.FUNCTION, Kind.METHOD}
    ]


def _of_section(repo_map: RepositoryMap, section: Section) -> Iterator[Piece]:
    heading = f"“{section.title}”" if section.title else section.path
    for block in section.blocks:
        span = section.span(block)
        if block.kind is BlockKind.CODE and block.language not in DRAWINGS:
            language = example_language(repo_map, block)
            yield Piece(span=_bounded(span), language=language, what=f"example under {heading}")
        elif block.kind is not BlockKind.CODE and is_sayable(block.text):
            kind = "prose" if quote_of(repo_map, section, block) else "words"
            yield Piece(span=span, language="", what=f"{kind} under {heading}", section=section, block=block)


def quote_of(repo_map: RepositoryMap, section: Section | None, block: Block | None) -> str:
    """A block of prose as a quotation; empty when it cannot be one.

    A last sentence that announces something is left out: what it announces would stand somewhere else.
    """
    if section is None or block is None:
        return ""
    told = [text for text in prose.sentences(block.text) if not text.rstrip("*_ ").endswith(":")]
    return quote_blocks(repo_map, section, [replace(block, text=" ".join(told))], words=QUOTE_WORDS)


def _of_symbol(repo_map: RepositoryMap, symbol: Symbol) -> Iterator[Piece]:
    """A definition with its documentation; of one that is too long for one piece, what it does as another."""
    doc, language = symbol.doc, repo_map.module(symbol).language
    start = min(symbol.head_start, doc.start) if doc is not None else symbol.head_start
    whole = Span(path=symbol.span.path, start=start, end=max(symbol.span.end, start))
    what = f"{symbol.kind} {symbol.qualname}"
    is_callable = symbol.kind is not Kind.CLASS
    if doc is None or not is_callable or doc.start <= symbol.head_start or whole.end < start + PIECE_LINES:
        yield Piece(span=_bounded(whole), language=language, what=what)
        return
    told, body = replace(whole, end=doc.end), replace(whole, start=min(doc.end + 1, whole.end))
    yield Piece(span=_bounded(told), language=language, what=what)
    yield Piece(span=_bounded(body), language=language, what=f"what {symbol.qualname} does")


def _bounded(span: Span, limit: int = PIECE_LINES) -> Span:
    return Span(path=span.path, start=span.start, end=min(span.end, span.start + limit - 1))


def cited_lines(repo_map: RepositoryMap, spans: Sequence[Span], limit: int = MATERIAL_CHARS) -> dict[Span, str]:
    """The lines that a text cites, by file, each once, with two lines around them, up to a size.

    Each run of them with how a prompt shows it.
    """
    wanted: dict[str, set[int]] = {}
    for span in spans:
        count = len(repo_map.snapshot.files.get(span.path, ()))
        numbers = range(max(1, span.start - 2), min(count, span.end + 2, span.start + PIECE_LINES) + 1)
        wanted.setdefault(span.path, set()).update(numbers)
    parts: dict[Span, str] = {}
    size = 0
    for path, numbers_ in wanted.items():
        for run in _runs(sorted(numbers_)):
            span = Span(path=path, start=run[0], end=run[-1])
            part = f"{harmless(path)}#L{span.start}-L{span.end}\n{numbered_lines(repo_map, span)}"
            if size + len(part) > limit and parts:
                return parts
            parts[span] = part
            size += len(part)
    return parts


def _runs(numbers: Sequence[int]) -> Iterator[list[int]]:
    """Numbers that follow one another, as one run each."""
    run: list[int] = []
    for number in numbers:
        if run and number != run[-1] + 1:
            yield run
            run = []
        run.append(number)
    if run:
        yield run
