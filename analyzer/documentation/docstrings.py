"""Docstrings as pages: reStructuredText with doctests, or Markdown where they have fences, line for line.

Projects write parameters in a dozen ways, all of them indented: only what is marked as an example is taken for one.
"""

import re
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from analyzer.code.model import Doc
from analyzer.documentation.markdown import read_markdown
from analyzer.documentation.model import BlockKind, Page, Section
from analyzer.documentation.restructured import read_restructured

_QUOTES: Final = re.compile(r"^\s*[rRuU]?(\"\"\"|'''|\"|')|(\"\"\"|'''|\"|')\s*$")


def read_docstring(path: str, lines: Sequence[str], doc: Doc) -> Page:
    """The page of a docstring; lines count from its first."""
    first, *rest = lines[doc.start - 1 : doc.end]
    dedented = textwrap.dedent("\n".join(rest)).split("\n") if rest else []
    texts = [first.strip(), *dedented]
    texts[0], texts[-1] = _QUOTES.sub("", texts[0]), _QUOTES.sub("", texts[-1])
    has_fences = any(text.lstrip().startswith("```") for text in texts)
    page = read_markdown(path, texts) if has_fences else read_restructured(path, texts)
    return replace(page, sections=tuple(_telling(section, is_first=not n) for n, section in enumerate(page.sections)))


def _telling(section: Section, *, is_first: bool) -> Section:
    """Its first paragraph, and the examples that are marked as such: what else is indented tells of parameters."""
    opening = [block for block in section.blocks[:1] if is_first and block.kind is BlockKind.PROSE]
    examples = [block for block in section.blocks if block.kind is BlockKind.CODE and block.language]
    return replace(section, blocks=(*opening, *examples))
