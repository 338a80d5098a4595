"""Pages that stand in source files: what a package says about itself in the comment at its top."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from analyzer.documentation.markdown import read_markdown
from analyzer.documentation.model import BlockKind, Page, Section

LINES_MIN: Final = 10
_INNER: Final = re.compile(r"^//! ?(?P<text>.*)$")
_LINE: Final = re.compile(r"^// ?(?P<text>.*)$")
# What Go took for a heading before it had a mark for one: a paragraph of one line without a sentence's marks.
_HEADING: Final = re.compile(r"[A-Z][^.;:!?+*/=\[\]{}_^°&§~%#@<\">\\]{0,69}")
# In a Go comment whatever is indented is an example, unless it is an item of a list.
_EXAMPLE: Final = re.compile(r"[ \t]+(?![-*+•] |\d+[.)] )\S")
_INCLUDED: Final = re.compile(r'^#!\[doc\s*=\s*include_str!\("(?P<path>[\w./-]+)"\)\]')


def read_comment(path: str, language: str, lines: Sequence[str]) -> Page | None:
    """The page in a file's own comment, its lines where they stand in the file; None where there is hardly one."""
    if language == "rust":
        text = _of_rust(lines)
    elif language == "go" and path.rpartition("/")[2] == "doc.go":
        text = _of_go(lines)
    else:
        return None
    if sum(bool(line) for line in text) < LINES_MIN:
        return None
    page = read_markdown(path, text)
    return replace(page, sections=tuple(_in_language(section, language) for section in page.sections))


def _in_language(section: Section, language: str) -> Section:
    """A section whose examples are the file's language where they say no other."""
    blocks = (
        replace(block, language=language) if block.kind is BlockKind.CODE and not block.language else block
        for block in section.blocks
    )
    return replace(section, blocks=tuple(blocks))


def _of_rust(lines: Sequence[str]) -> list[str]:
    """What a file says of itself: line by line, or in a block that begins it; examples from files of their own."""
    text: list[str] = []
    is_block = False
    for line in lines:
        if line.startswith("/*!"):
            is_block, line = True, line[3:].strip()  # noqa: PLW2901 - without its mark
        if is_block:
            before, end, _ = line.partition("*/")
            text.append(before)
            is_block = not end
            continue
        match, included = _INNER.match(line), _INCLUDED.match(line)
        is_example = included is not None and included["path"].endswith(".rs")
        text.append(match["text"] if match else f'--8<-- "{included["path"]}"' if included and is_example else "")
    return text


def _of_go(lines: Sequence[str]) -> list[str]:
    """The comment before the package clause, as a block or line by line."""
    text: list[str] = []
    is_block = False
    for line in lines:
        if line.startswith("package "):
            break
        if line.startswith("/*"):
            is_block, line = True, line[2:]  # noqa: PLW2901 - without its mark
        match = _LINE.match(line)
        text.append(line.replace("*/", "") if is_block else match["text"] if match else "")
        is_block = is_block and "*/" not in line
    return [f"    {line}" if _EXAMPLE.match(line) else _as_heading(text, n) for n, line in enumerate(text)]


def _as_heading(text: Sequence[str], number: int) -> str:
    """A line of a Go comment; with a mark where it stands alone before a paragraph, as a heading does."""
    before, line, after, then = ["", *text, "", ""][number : number + 4]
    is_alone = number > 0 and not before and not after and then[:1].strip() != ""
    return f"# {line}" if is_alone and _HEADING.fullmatch(line) else line
