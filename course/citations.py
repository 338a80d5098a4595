"""Citations of source lines in a course, and the rules by which code proves them.

A citation is written in one of two forms, with a path relative to the repository's root:

- inline code: `src/app.py#L3-L9` or `src/app.py#L3`;
- an excerpt: a fence whose info string is `<language> src/app.py#L3-L9` and whose content is exactly those lines;
  where all of them are lines of a comment (`//`, `///`, `//!`, ` *`, in Ruby `#`), without these marks and what all
  are indented by, and in Rust without the lines that its documentation hides.

Reading the repository is the caller's part: `lines_of` returns a file's lines without line ends, or None.
"""

import posixpath
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from course import markdown

_LABEL: Final = re.compile(r"^(?P<path>[^\s#][^#\n]*)#L(?P<start>[1-9]\d{0,8})(?:-L(?P<end>[1-9]\d{0,8}))?$")

_COMMENT: Final = re.compile(r"^\s*//[!/]? ?(?P<text>.*)$")
_IN_BLOCK: Final = re.compile(r"^\s*\*(?!/) ?(?P<text>.*)$")
_HASHED: Final = re.compile(r"^\s*# ?(?P<text>.*)$")
_HIDDEN: Final = re.compile(r"\s*#(?:\s|$)")
# In prose these marks are lists.
_PROSE: Final = (".md", ".markdown", ".mdx", ".rst", ".txt", ".adoc", ".asciidoc")

LinesOf = Callable[[str], Sequence[str] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """Lines `start` to `end` (counted from 1, both included) of `path`; `quote` is an excerpt's text, None inline.

    `line` is where the citation stands in the course text.
    """

    path: str
    start: int
    end: int
    quote: str | None
    line: int

    @property
    def label(self) -> str:
        """The citation as it is written: `path#L3-L9`, or `path#L3` for a single line."""
        return f"{self.path}#L{self.start}" + (f"-L{self.end}" if self.end != self.start else "")


def citations(text: str) -> list[Citation]:
    """Return every citation of a Markdown text: excerpts first, then inline ones, each in order."""
    found: list[Citation] = []
    for fence in markdown.fences(text):
        _, _, label = fence.info.partition(" ")
        if match := _LABEL.match(label.strip()):
            found.append(_citation(match, quote=fence.content, line=fence.line))
    for content, line in markdown.inline_code(text):
        if match := _LABEL.match(content):
            found.append(_citation(match, quote=None, line=line))
    return found


def check_citation(citation: Citation, lines_of: LinesOf) -> str | None:
    """Return why a citation does not resolve, or None when it does."""
    path = citation.path
    if path.startswith("/") or ".." in path.split("/"):
        return f"{citation.label}: the path leaves the repository"
    lines = lines_of(path)
    if lines is None:
        return f"{citation.label}: no such file at the analysed commit"
    if citation.end < citation.start:
        return f"{citation.label}: the range ends before it begins"
    if citation.end > len(lines):
        return f"{citation.label}: the file has {len(lines)} lines"
    if citation.quote is not None:
        quoted = citation.quote.removesuffix("\n").split("\n")
        cited = [line.rstrip("\r") for line in lines[citation.start - 1 : citation.end]]
        if quoted != cited and _dedented(quoted) != uncommented(cited, path):
            return f"{citation.label}: the quoted text differs from the file"
    return None


def uncommented(lines: Sequence[str], path: str) -> list[str] | None:
    """The lines of a documentation comment without its marks and common indentation; None when one has no mark.

    Args:
        lines: Some lines of a file.
        path: The file: which marks there are depends on its kind.
    """
    marks = [_COMMENT]
    if not path.lower().endswith(_PROSE):
        marks += [_HASHED] if path.endswith(".rb") else [_IN_BLOCK]
    for mark in marks:
        matches = [mark.match(line) for line in lines]
        texts = [match["text"] for match in matches if match]
        if lines and len(texts) == len(lines):
            return _dedented([text for text in texts if not (path.endswith(".rs") and _HIDDEN.match(text))])
    return None


def _dedented(lines: Sequence[str]) -> list[str]:
    """The lines without the indentation that all of them have."""
    return textwrap.dedent("\n".join(lines)).split("\n")


def check_links(documents: Mapping[str, str]) -> list[str]:
    """Return one line per relative link between documents that leads nowhere.

    Args:
        documents: Markdown texts by slug (`chapters/chapter_0_x.md`); links resolve relative to the slug's folder.
    """
    problems: list[str] = []
    for slug, text in documents.items():
        for link in markdown.links(text):
            target = urlsplit(link.href)
            if target.scheme or target.netloc or not target.path:
                continue
            resolved = posixpath.normpath(posixpath.join(posixpath.dirname(slug), unquote(target.path)))
            if resolved not in documents:
                problems.append(f"{slug}: {link.href}: no such document")
    return problems


def _citation(match: re.Match[str], *, quote: str | None, line: int) -> Citation:
    start = int(match["start"])
    return Citation(path=match["path"], start=start, end=int(match["end"] or start), quote=quote, line=line)
