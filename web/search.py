"""Search in texts: their sections ranked by the words that are looked for, with the place where they stand.

Titles count more than headings, headings more than names in code, those more than text. A word is found by its
beginning, whatever its case and accents.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import islice
from typing import Final

from markupsafe import Markup, escape

from web.outline import Entry
from web.rendering import ANCHOR_PREFIX, heading_anchor

QUERY_MAX: Final = 200
WORDS_MAX: Final = 8
RESULTS_MAX: Final = 30
SNIPPET: Final = 220
_TITLE, _HEADING, _CODE, _TEXT = 12.0, 6.0, 2.0, 1.0
_ENOUGH: Final = 4  # a word that stands there more often says no more
_FENCE: Final = re.compile(r"^\s{0,3}(`{3,}|~{3,})")
_HEADING_LINE: Final = re.compile(r"^#{1,6}\s+(?P<text>.+?)\s*#*\s*$")
_LINK: Final = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKS: Final = re.compile(r"[*>|]+|<[^>]*>")
_WORD: Final = re.compile(r"\w+")
_ACCENT: Final = re.compile(f"[{''.join(filter(unicodedata.combining, map(chr, range(0x10000))))}]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a document under one heading; `anchor` is empty for what stands before the first.

    `source` is its Markdown without the heading.
    """

    entry: Entry
    heading: str
    anchor: str
    text: str
    code: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A section that has the words; `snippet` is safe HTML with the words marked."""

    section: Section
    snippet: Markup
    score: float


def words_of(query: str) -> list[str]:
    """Return the words of a query as they are compared, each once."""
    return list(dict.fromkeys(_WORD.findall(plain_text(query[:QUERY_MAX]))))[:WORDS_MAX]


def search(entries: Iterable[Entry], query: str, *, limit: int = RESULTS_MAX) -> list[Hit]:
    """Return the sections that have every word, best first; where none has them all, those that have most."""
    words = words_of(query)
    if not words:
        return []
    patterns = [re.compile(rf"(?<!\w){re.escape(word)}") for word in words]
    found: list[tuple[int, Hit]] = []
    for section in (section for entry in entries for section in sections_of(entry)):
        plain = _Plain.of(section)
        scores = [plain.score(pattern) for pattern in patterns]
        matched = sum(score > 0 for score in scores)
        if matched:
            found.append((matched, Hit(section=section, snippet=Markup(), score=sum(scores))))
    most = max((matched for matched, _ in found), default=0)
    best = sorted((hit for matched, hit in found if matched == most), key=lambda hit: -hit.score)[:limit]
    return [Hit(section=hit.section, snippet=_snippet(hit.section, patterns), score=hit.score) for hit in best]


def best_of(entry: Entry, query: str) -> Hit:
    """Return the section of a text that has most of the words; where none has any, its beginning."""
    found = search([entry], query, limit=1)
    section = next(sections_of(entry))
    return found[0] if found else Hit(section=section, snippet=_snippet(section, []), score=0.0)


def sections_of(entry: Entry) -> Iterator[Section]:
    """Yield the sections of a text, at least one."""
    heading, anchor, source, fence = "", "", [], ""
    used: dict[str, int] = {}
    for line in entry.document.content.splitlines():
        mark = _FENCE.match(line)
        found = None if mark or fence else _HEADING_LINE.match(line)
        fence = _fence_after(fence, mark)
        if found is None:
            source.append(line)
            continue
        if heading or source:
            yield _section(entry, heading, anchor, source)
        heading, source = _bare(found["text"]), []
        if line.startswith("# ") and not used:
            heading, anchor = "", ""  # the title: the page shows it in its own place
            used[""] = 0
            continue
        base = heading_anchor(unescape(_unmarked(found["text"]).replace("*", ""))) or "section"
        count = used[base] = used.get(base, -1) + 1
        anchor = ANCHOR_PREFIX + base + (f"-{count}" if count else "")
    yield _section(entry, heading, anchor, source)


def _section(entry: Entry, heading: str, anchor: str, source: Sequence[str]) -> Section:
    """A section of these lines: what stands between fences is code."""
    text, code, fence = [], [], ""
    for line in source:
        mark = _FENCE.match(line)
        before, fence = fence, _fence_after(fence, mark)
        if not before and not mark:
            text.append(line)
        elif before and fence:
            code.append(line)
    return Section(
        entry=entry,
        heading=heading,
        anchor=anchor,
        text=_bare("\n".join(text)),
        code="\n".join(code),
        source="\n".join(source).strip("\n"),
    )


def _fence_after(fence: str, mark: re.Match[str] | None) -> str:
    """The fence that is open after a line, which may open or close one."""
    if fence:
        return "" if mark and mark[1].startswith(fence) else fence
    return mark[1] if mark else ""


def _bare(text: str) -> str:
    return " ".join(unescape(_MARKS.sub(" ", _unmarked(text))).split())


def _unmarked(text: str) -> str:
    """Text without links, code marks and escapes; what looks like HTML is text, as on the page."""
    return _LINK.sub(r"\1", text).replace("`", "").replace("\\", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plain:
    """What a section has, as words are compared."""

    title: str
    heading: str
    code: str
    text: str

    @classmethod
    def of(cls, section: Section) -> "_Plain":
        return cls(
            title="" if section.anchor else plain_text(section.entry.name),
            heading=plain_text(section.heading),
            code=plain_text(section.code),
            text=plain_text(section.text),
        )

    def score(self, pattern: re.Pattern[str]) -> float:
        title = _TITLE if pattern.search(self.title) else 0.0
        heading = _HEADING if pattern.search(self.heading) else 0.0
        return title + heading + _CODE * _count(pattern, self.code) + _TEXT * _count(pattern, self.text)


def _count(pattern: re.Pattern[str], text: str) -> int:
    """How often a word stands there, as far as that says more."""
    return sum(1 for _ in islice(pattern.finditer(text), _ENOUGH))


def _snippet(section: Section, patterns: Sequence[re.Pattern[str]]) -> Markup:
    """What stands around the first word that is found, with all of them marked: text, else code."""
    options = [(text, plain_text(text)) for text in (section.text, " ".join(section.code.split())) if text]
    having = (pair for pair in options if any(pattern.search(pair[1]) for pattern in patterns))
    text, plain = next(having, options[0] if options else ("", ""))
    if len(plain) != len(text):  # comparing changed its length: places would be wrong
        return escape(text[:SNIPPET])
    places = sorted(match.start() for pattern in patterns for match in pattern.finditer(plain))
    begin = max(0, (places[0] if places else 0) - SNIPPET // 3)
    begin = text.rfind(" ", 0, begin) + 1 if begin else 0
    part = text[begin : begin + SNIPPET]
    spans = sorted(
        {
            (match.start(), _end_of_word(part, match.end()))
            for pattern in patterns
            for match in pattern.finditer(plain[begin : begin + SNIPPET])
        }
    )
    pieces: list[Markup] = [escape("…") if begin else Markup()]
    at = 0
    for start, end in spans:
        if start >= at:
            pieces += [escape(part[at:start]), Markup("<mark>{}</mark>").format(part[start:end])]
            at = end
    pieces.append(escape(part[at:]))
    if begin + SNIPPET < len(text):
        pieces.append(escape("…"))
    return Markup().join(pieces)


def _end_of_word(text: str, end: int) -> int:
    rest = _WORD.match(text, end)
    return rest.end() if rest else end


def plain_text(text: str) -> str:
    """Return a text as words of it are compared: in lower case, without accents."""
    if text.isascii():
        return text.lower()
    return _ACCENT.sub("", unicodedata.normalize("NFD", text.lower()))
