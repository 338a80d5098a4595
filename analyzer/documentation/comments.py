"""Pages that stand in source files: what a package says about itself in the comment at its top."""

import re
from collections.abc import Sequence
from typing import Final

from analyzer.documentation.markdown import read_markdown
from analyzer.documentation.model import Page

LINES_MIN: Final = 10
_INNER: Final = re.compile(r"^//! ?(?P<text>.*)$")
_LINE: Final = re.compile(r"^// ?(?P<text>.*)$")
_INCLUDED: Final = re.compile(r'^#!\[doc\s*=\s*include_str!\("(?P<path>[\w./-]+)"\)\]')


def read_comment(path: str, language: str, lines: Sequence[str]) -> Page | None:
    """The page in a file's own comment, its lines where they stand in the file; None where there is hardly one."""
    if language == "rust":
        text = [_of_rust(line) for line in lines]
    elif language == "go" and path.rpartition("/")[2] == "doc.go":
        text = _of_go(lines)
    else:
        return None
    return read_markdown(path, text) if sum(bool(line) for line in text) >= LINES_MIN else None


def _of_rust(line: str) -> str:
    if match := _INNER.match(line):
        return match["text"]
    # An example that the page takes from a file of its own.
    included = _INCLUDED.match(line)
    return f'--8<-- "{included["path"]}"' if included and included["path"].endswith(".rs") else ""


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
    return text
