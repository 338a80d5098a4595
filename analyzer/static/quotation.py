"""Quotations: what the project says, trimmed and attributed, as Markdown that code can prove."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from analyzer.checks import Quotation, check_quotation
from analyzer.code.model import Span, Symbol
from analyzer.documentation import prose
from analyzer.documentation.model import Block, BlockKind, Section
from analyzer.static.repository_map import RepositoryMap
from course.citations import citations

WORDS_MIN: Final = 4
_SHOWN: Final = frozenset({BlockKind.CODE, BlockKind.TABLE})  # what is no prose
_NOISE: Final = re.compile(
    r"!\[|<(?:img|a|p|div|br|h\d|table|details|summary|picture|sub|kbd|script)\b|\[!\[|^\[\^|^\|\w+\||^<[A-Z]\w*[\s/>]|\{%|\{\{|</?\w+>\s*$",
    re.IGNORECASE,
)
_LINKS_ONLY: Final = re.compile(
    r"^(?:[-*•|\s]*(?:\[[^\]]*\]\([^)]*\)|https?://\S+|<https?://[^>]*>|`[^`]*<[^>]*>`_+)[.,|\s]*)+$"
)
_ROW: Final = re.compile(r"(?:[^·|]{2,60} [·|] ){3}")  # of links or badges
_SEE: Final = re.compile(
    r"^((please )?see|for more|read more|refer to|check out|visit|click|more (info|details|on)|"
    r"note that you can find)\b",
    re.IGNORECASE,
)
# Leads away from the page, to what a course does not quote.
_ELSEWHERE: Final = re.compile(
    r"^\W*(?:read|learn) more\b.{0,80}$|\b(?:check out|take a look at|read more|(?:more|further) (?:details|"
    r"information)) .{0,80}[.!]?$|^see .{0,60}for .{0,40}$|"
    r"\bsee the (?:section|page|documentation|guide) (?:on|about)\b|"
    r"\b(?:has|have) (?:its|their) own (?:\w+ )?(?:page|section|chapter|documentation|guide)\b",
    re.IGNORECASE,
)
_UNRESOLVED: Final = re.compile(r"\|\w+\|_?|\[\w+\]_|:ref:|`[^`]+`__?\b")

# What announces something without a colon.
_HERE_IS: Final = re.compile(r"(here(['\u2019]s| is| are)|below (is|are)|this is how)\b[^.!?]{0,80}", re.IGNORECASE)
# What a sentence begins with that is about the one before it.
_LEANS: Final = re.compile(
    r"^\W*(this|that|these|those|it|its|they|their|here|such|he|she|also|however|therefore|thus|hence|then|but|and|or|so|"
    r"otherwise|similarly|likewise|instead|(in|for|with|because of) (this|that|these|those|such|both)|"
    r"as (above|before|shown)|the (former|latter|above|following)|note that (this|it|that|these))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A sentence of the project and where it stands."""

    text: str
    span: Span


def is_sayable(text: str) -> bool:
    """Whether a paragraph is prose that reads well out of its page."""
    return (
        len(text.split()) >= WORDS_MIN
        and not _NOISE.search(text)
        and not _LINKS_ONLY.match(text)
        and not _ROW.search(text)
        and not _SEE.match(text)
        and text.count("`") % 2 == 0
    )


def stands_alone(text: str) -> bool:
    """Whether a sentence says what it is about, so that it can be read without the one before it."""
    return _LEANS.match(text) is None


def quote_blocks(
    repo_map: RepositoryMap, section: Section, blocks: Sequence[Block], *, words: int, announced: bool = False
) -> str:
    """Quote prose and items of a section up to a number of words; empty when nothing of it can be proved.

    `announced` says that what the last block announces is shown next.
    """
    chosen = _announcing_nothing(_chosen(blocks, words), blocks, announced=announced)
    if not chosen:
        return ""
    span = Span(path=section.path, start=chosen[0][0].start, end=chosen[-1][0].end)
    lines: list[str] = []
    for place, (block, told) in enumerate(chosen):
        text = prose.markdown(" ".join(told))
        gap = place > 0 and block.start > chosen[place - 1][0].end + 2
        mark = "- " if block.kind is BlockKind.ITEM else ""
        follows_item = place > 0 and mark and chosen[place - 1][0].kind is BlockKind.ITEM
        lines += ([] if place == 0 or follows_item else [">"]) + [
            f"> {mark}{prose.GAP + ' ' if gap and not mark else ''}{text}"
        ]
    return proved(repo_map, lines, span)


def _chosen(blocks: Sequence[Block], words: int) -> list[tuple[Block, list[str]]]:
    """The blocks that read well out of their page, each with its sentences, up to a number of words."""
    chosen: list[tuple[Block, list[str]]] = []
    total = 0
    for block in blocks:
        if block.kind in _SHOWN or not is_sayable(block.text):
            continue
        told = _trimmed(block.text, words - total)
        if not told and not chosen:
            continue
        if not told:
            break
        chosen.append((block, told))
        total += sum(len(sentence.split()) for sentence in told)
        if total >= words:
            break
    return chosen


def _announcing_nothing(
    chosen: list[tuple[Block, list[str]]], blocks: Sequence[Block], *, announced: bool
) -> list[tuple[Block, list[str]]]:
    """The same without what announces something that is not quoted; what stands before it in its paragraph stays."""
    for block, told in chosen[:-1]:
        if blocks[blocks.index(block) + 1].kind in _SHOWN and _announces(told):
            told.pop()
    chosen = [(block, told) for block, told in chosen if told]
    if announced and chosen and chosen[-1][0] is blocks[-1]:
        return chosen
    while chosen and _announces(chosen[-1][1]):
        chosen[-1][1].pop()
        if not chosen[-1][1]:
            chosen.pop()
    return chosen


def _announces(told: Sequence[str]) -> bool:
    last = told[-1].rstrip("*_ ")
    return last.endswith(":") or _HERE_IS.fullmatch(last) is not None


def quote_doc(repo_map: RepositoryMap, symbol: Symbol, *, chars: int = 700) -> str:
    """Quote the opening of a definition's documentation comment."""
    if symbol.doc is None:
        return ""
    text = prose.opening(symbol.doc.text, chars)
    if not text or not is_sayable(text):
        return ""
    span = Span(path=symbol.span.path, start=symbol.doc.start, end=symbol.doc.end)
    return proved(repo_map, [f"> {prose.markdown(text)}"], span)


def sentence_of(symbol: Symbol) -> str:
    """The first sentence of a definition's documentation, as Markdown; empty when it has none worth printing."""
    if symbol.doc is None:
        return ""
    text = prose.first_sentence(symbol.doc.text)
    if citations(text):  # an example of a citation is not one of ours
        return ""
    text = text.lstrip("*_ ") if text.count("*") % 2 or (text.startswith("**") and text.count("**") == 1) else text
    return prose.markdown(text) if text and len(text.split()) >= WORDS_MIN - 1 and not _NOISE.search(text) else ""


def sentences_of(section: Section) -> list[Said]:
    """Every sentence of a section's prose, items and notes, with its lines."""
    found: list[Said] = []
    is_after_code = False
    for block in section.blocks:
        goes_on = is_after_code and block.text[:1].islower()  # a sentence that an example interrupts
        is_after_code = block.kind is BlockKind.CODE
        if block.kind in _SHOWN or not is_sayable(block.text):
            continue
        found += [
            Said(text=text, span=section.span(block))
            for text in prose.sentences(prose.without_links(block.text))[goes_on:]
            if WORDS_MIN < len(text.split()) <= 40 and not _UNRESOLVED.search(text)  # noqa: PLR2004
        ]
    return found


def _trimmed(text: str, words: int) -> list[str]:
    """Whole sentences up to a number of words; at least one, unless it is far too long."""
    chosen: list[str] = []
    total = 0
    known = prose.sentences(text)
    while known and _ELSEWHERE.search(known[-1]):
        known.pop()
    while known and _ELSEWHERE.search(known[0]):
        known.pop(0)
    for sentence in known:
        length = len(sentence.split())
        if chosen and total + length > words:
            break
        if not chosen and length > max(words, 60):
            return []
        chosen.append(sentence)
        total += length
    return chosen if prose.markdown(" ".join(chosen)) else []


def proved(repo_map: RepositoryMap, lines: Sequence[str], span: Span) -> str:
    """Return a quotation's lines with its source, or nothing when it is not in the cited lines."""
    plain = prose.GAP.join(re.sub(r"^> ?(?:- )?", "", line) for line in lines if line != ">")
    cited = citations(f"`{span.label}`")
    if not cited or check_quotation(Quotation(text=_unescaped(plain), citation=cited[0]), repo_map.snapshot.lines):
        return ""
    return "\n".join([*lines, ">", f"> — `{span.label}`"])


def _unescaped(text: str) -> str:
    return re.sub(r"&#58;", ":", re.sub(r"\\([\\`*_{}\[\]<>#|~$&.)+=-])", r"\1", text))
