"""Examples that a page takes from another file: `literalinclude`, and the snippets of MkDocs."""

import posixpath
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from analyzer.documentation.model import Block, Page

_SNIPPET: Final = re.compile(r"^(?:\{[*!]>?\s*|-{2,}8<-{2,}\s*[\"'])(?P<path>[\w./-]+\.\w+)")
_RANGE: Final = re.compile(r"^(\d+)(?:-(\d*))?")
LINES_MAX: Final = 60


def snippet_path(text: str) -> str:
    """The file that a snippet's line names; empty for any other text."""
    match = _SNIPPET.match(text.strip())
    return match["path"] if match and text.strip().count("\n") == 0 else ""


def with_included(page: Page, texts: Mapping[str, Sequence[str]]) -> Page:
    """The page with the lines of the files that it includes; what is not there, or too long, is left out."""
    if not any(block.source for section in page.sections for block in section.blocks):
        return page
    sections = tuple(
        replace(section, blocks=tuple(found for block in section.blocks if (found := _filled(page.path, block, texts))))
        for section in page.sections
    )
    return replace(page, sections=sections)


def _filled(page: str, block: Block, texts: Mapping[str, Sequence[str]]) -> Block | None:
    if not block.source:
        return block
    path = _found(page, block.source, texts)
    if path is None:
        return None
    lines = texts[path]
    match = _RANGE.match(block.label)
    start = int(match[1]) if match else 1
    end = int(match[2]) if match and match[2] else start if match and match[2] is None else len(lines)
    while start < end and start <= len(lines) and not lines[start - 1].strip():
        start += 1
    end = min(end, len(lines))
    while end > start and not lines[end - 1].strip():
        end -= 1
    text = textwrap.dedent("\n".join(lines[start - 1 : end])).strip("\n")
    if not text.strip() or end - start >= LINES_MAX:
        return None
    return replace(block, source=path, label="", start=start, end=end, text=text)


def _found(page: str, written: str, texts: Mapping[str, Sequence[str]]) -> str | None:
    """The file that is meant: beside the page, else by its path without the steps upwards."""
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(page), written.lstrip("/")))
    plain = re.sub(r"^(?:\.\./|\./|/)+", "", written)
    return next((path for path in (beside, plain, f"docs/{plain}") if path in texts), None)
