"""RDoc, in which projects in Ruby write: as Markdown on the same lines."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from analyzer.documentation.markdown import read_markdown
from analyzer.documentation.model import BlockKind, Page, Section

_HEADING: Final = re.compile(r"^(={1,6})\s+(?P<title>\S.*)$")
_LABEL: Final = re.compile(r"^(?:\[(?P<bracketed>[^\]]+)\]|(?P<colons>\S[^:]*)::)(?:\s+|$)")
_BULLET: Final = re.compile(r"^\s*(?:[-*]|\d+\.)\s")
_LINK: Final = re.compile(r"\{(?P<text>[^{}]+)\}\[(?P<target>[^\[\]]+)\]")
_CODE: Final = re.compile(r"(?<![\w+])\+(?P<plus>[^\s+`]+)\+(?![\w+])|<(?P<tag>tt|code)>(?P<tagged>.*?)</(?P=tag)>")
_IMAGE: Final = re.compile(r"^rdoc-image:\S+$")
CODE_INDENT: Final = 4


def read_rdoc(path: str, lines: Sequence[str]) -> Page:
    """Read one page of RDoc; its examples are in Ruby."""
    page = read_markdown(path, _as_markdown(lines))
    return replace(page, sections=tuple(_in_ruby(section) for section in page.sections))


def _in_ruby(section: Section) -> Section:
    return replace(
        section,
        blocks=tuple(
            replace(block, language="ruby") if block.kind is BlockKind.CODE and not block.language else block
            for block in section.blocks
        ),
    )


def _as_markdown(lines: Sequence[str]) -> list[str]:
    found: list[str] = []
    is_code = False
    is_item = False
    for line in lines:
        is_indented = line[:1] in {" ", "\t"}
        starts = not found or not found[-1].strip()
        if not line.strip():
            found.append("")
            continue
        is_code = is_indented and not _BULLET.match(line) and (is_code or (starts and not is_item))
        is_item = _BULLET.match(line) is not None or _LABEL.match(line) is not None or (is_item and is_indented)
        found.append(" " * CODE_INDENT + line if is_code else _plain(line))
    return found


def _plain(line: str) -> str:
    """A line of prose, a heading or a list's item."""
    if match := _HEADING.match(line):
        return f"{'#' * len(match[1])} {_inline(match['title'])}"
    if _IMAGE.match(line):
        return ""
    if match := _LABEL.match(line):
        return f"* **{(match['bracketed'] or match['colons']).strip('*')}**: {_inline(line[match.end() :])}"
    return _inline(line)


def _inline(text: str) -> str:
    coded = _CODE.sub(lambda match: f"`{match['plus'] or match['tagged']}`", text)
    return _LINK.sub(r"[\g<text>](\g<target>)", coded)
