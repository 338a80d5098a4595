"""Pages in AsciiDoc, line by line: sections, paragraphs, listings, items, admonitions."""

import re
from collections.abc import Sequence
from typing import Final

from analyzer.documentation.draft import PageDraft
from analyzer.documentation.model import BlockKind, Page

_HEADING: Final = re.compile(r"^(?P<mark>={1,6}|#{1,6})\s+(?P<title>\S.*?)\s*$")
_SOURCE: Final = re.compile(r"^\[(?:source|%?\w*source)?[,%]?(?:source)?,?\s*(?P<language>[\w+-]+)?.*\]$")
_ITEM: Final = re.compile(r"^(?:[*-]+|\.+|\d+\.)\s+(?P<text>\S.*)$")
_NOTE: Final = re.compile(r"^(?P<label>NOTE|TIP|WARNING|IMPORTANT|CAUTION):\s+(?P<text>\S.*)$")
_SKIP: Final = re.compile(r"^(?:\[|:[\w!-]+:|//|include::|image::|toc::|\.[A-Za-z]|'''|<<<|ifdef|endif|ifndef)")
_XREF: Final = re.compile(r"xref:(?P<target>[^\[\]]+\.adoc)")
_FENCES: Final = ("----", "....", "```", "|===", "____", "====", "****")


def read_asciidoc(path: str, lines: Sequence[str]) -> Page:
    """Read one AsciiDoc page."""
    draft = PageDraft(path=path, lines=lines)
    place = 0
    language = ""
    while place < len(lines):
        line = lines[place].rstrip()
        draft.leads_to += [match["target"] for match in _XREF.finditer(line)] if _ITEM.match(line) else []
        if match := _HEADING.match(line):
            draft.heading(match["title"], len(match["mark"]), place + 1)
            place += 1
        elif line.startswith(_FENCES):
            place, language = _fenced(draft, place, line, language), ""
        elif line.startswith("[") and line.endswith("]"):
            match = _SOURCE.match(line)
            language = (match["language"] or "").lower() if match and "source" in line else ""
            place += 1
        elif not line.strip() or _SKIP.match(line):
            place += 1
        else:
            place = _paragraph(draft, place)
    return draft.page()


def _fenced(draft: PageDraft, place: int, mark: str, language: str) -> int:
    """A delimited block: a listing is kept, a table or a sidebar is passed over, an example block is entered."""
    lines = draft.lines
    closing = mark[:3] if mark.startswith("```") else mark
    end = next((n for n in range(place + 1, len(lines)) if lines[n].rstrip() == closing), len(lines))
    if mark.startswith(("====", "****", "____")) and not language:
        return place + 1
    if mark.startswith(("----", "....", "```")):
        written = language or mark.removeprefix("```").strip() if mark.startswith("```") else language
        draft.add(BlockKind.CODE, place + 2, end, "\n".join(lines[place + 1 : end]) + "\n", language=written)
    return end + 1


def _paragraph(draft: PageDraft, place: int) -> int:
    lines = draft.lines
    end = place + 1
    while (
        end < len(lines) and lines[end].strip() and not lines[end].startswith(_FENCES) and not _ITEM.match(lines[end])
    ):
        end += 1
    text = " ".join(line.strip() for line in lines[place:end])
    if match := _NOTE.match(text):
        draft.add(BlockKind.NOTE, place + 1, end, match["text"], label=match["label"].lower())
    elif match := _ITEM.match(text):
        draft.add(BlockKind.ITEM, place + 1, end, match["text"])
    else:
        draft.add(BlockKind.PROSE, place + 1, end, text)
    return end
