"""What code can prove about a course: citations, quotations, links, diagrams, headings. It mends nothing."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from analyzer.documentation.prose import GAP, quote_key
from analyzer.mermaid import check_mermaid
from course import citations
from course.citations import Citation, LinesOf
from course.folder import read_folder
from course.layout import REVIEWED_DIR, TUTORIALS_DIR

_SOURCE: Final = re.compile(r"^— (?P<label>.+#L\d+(?:-L\d+)?)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotation:
    """A block quote that names its source: its text and the citation below it."""

    text: str
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """How much of each kind was checked, and what failed: (kind, reason) in order."""

    citations: int
    excerpts: int
    quotations: int
    diagrams: int
    links: int
    headings: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one pass over a document's tokens finds; parsing is the cost of a check, so it is done once."""

    diagrams: tuple[tuple[int, str], ...]
    quotations: tuple[Quotation, ...]
    hrefs: tuple[str, ...]
    headings: tuple[int, ...]


def check_document(text: str, lines_of: LinesOf, slugs: Collection[str], slug: str) -> Findings:
    """Check one document; `slugs` are the documents that its links may lead to."""
    found = citations.citations(text)
    reading = read_document(text)
    problems = [reason for citation in found if (reason := citations.check_citation(citation, lines_of))]
    problems += [reason for quotation in reading.quotations if (reason := check_quotation(quotation, lines_of))]
    problems += [
        f"diagram at line {line}: {reason}" for line, diagram in reading.diagrams if (reason := check_mermaid(diagram))
    ]
    problems += check_hrefs(reading.hrefs, slugs, slug)
    problems += check_headings(reading.headings)
    return Findings(
        citations=sum(citation.quote is None for citation in found),
        excerpts=sum(citation.quote is not None for citation in found),
        quotations=len(reading.quotations),
        diagrams=len(reading.diagrams),
        links=len(reading.hrefs),
        headings=len(reading.headings),
        problems=tuple(problems),
    )


def check_course(folder: Path, lines_of: LinesOf) -> Sequence[str]:
    """Check every document of a course that has been reviewed, and that all files can be read.

    Drafts are not checked: their reviewed versions are what is promised to hold.
    """
    course = read_folder(folder)
    slugs = {document.slug for document in course.documents}
    problems = [str(problem) for problem in course.problems]
    for document in course.documents:
        if document.slug.startswith((f"{REVIEWED_DIR}/", f"{TUTORIALS_DIR}/")):
            found = check_document(document.content, lines_of, slugs, document.slug).problems
            problems += [f"{document.slug}: {problem}" for problem in found]
    return problems


def check_hrefs(hrefs: Sequence[str], slugs: Collection[str], slug: str) -> list[str]:
    """The links that lead nowhere, by the rules of `course.citations.check_links`."""
    only_links = "\n\n".join(f"[link](<{href}>)" for href in hrefs)
    return citations.check_links({**dict.fromkeys(slugs, ""), slug: only_links})


def read_document(text: str) -> Reading:
    """Diagrams, quotations, link targets and heading levels, each in order."""
    diagrams: list[tuple[int, str]] = []
    quotations: list[Quotation] = []
    hrefs: list[str] = []
    headings: list[int] = []
    paragraphs: list[str] = []
    depth = 0
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        if token.type == "fence" and token.info.split(" ")[0] == "mermaid":
            diagrams.append((token.map[0] + 1 if token.map else 1, token.content))
        elif token.type == "heading_open":
            headings.append(int(token.tag[1]))
        elif token.type == "blockquote_open":
            depth, paragraphs = depth + 1, []
        elif token.type == "blockquote_close":
            depth -= 1
            quotations += [quotation] if (quotation := _quotation(paragraphs)) is not None else []
        elif token.type == "inline":
            hrefs += [str(child.attrGet("href")) for child in token.children or () if child.type == "link_open"]
            paragraphs += [_plain(token)] if depth else []
    return Reading(diagrams=tuple(diagrams), quotations=tuple(quotations), hrefs=tuple(hrefs), headings=tuple(headings))


def check_quotation(quotation: Quotation, lines_of: LinesOf) -> str | None:
    """Why a quotation is not in the cited lines, or None; spelling counts, markup and white space do not."""
    label = quotation.citation.label
    lines = lines_of(quotation.citation.path)
    if lines is None:
        return f"{label}: no such file at the analysed commit"
    source = quote_key(_joined(lines[quotation.citation.start - 1 : quotation.citation.end]))
    place = 0
    for piece in quotation.text.split(GAP):
        found = source.find(quote_key(piece), place)
        if found < 0:
            return f"{label}: the quotation is not in these lines"
        place = found + len(quote_key(piece))
    return None


def check_headings(levels: Sequence[int]) -> list[str]:
    """One level-1 heading, the first; no level skipped on the way down."""
    if not levels or levels[0] != 1:
        return ["headings: the document does not begin with its title"]
    problems = ["headings: more than one title"] if levels.count(1) > 1 else []
    if any(below - above > 1 for above, below in pairwise(levels)):
        problems.append("headings: a level is skipped")
    return problems


def _joined(lines: Sequence[str]) -> str:
    return " ".join(line.strip().lstrip("#*/ ") for line in lines)


def _quotation(paragraphs: Sequence[str]) -> Quotation | None:
    match = _SOURCE.match(paragraphs[-1]) if len(paragraphs) > 1 else None
    if match is None:
        return None
    cited = citations.citations(f"`{match['label']}`")
    # Paragraphs and list items are found one after the other: what stands between them is markup, or was left out.
    return Quotation(text=GAP.join(paragraphs[:-1]), citation=cited[0]) if cited else None


def _plain(inline: Token) -> str:
    breaks = {"softbreak", "hardbreak"}
    return "".join(" " if child.type in breaks else child.content for child in inline.children or [])
