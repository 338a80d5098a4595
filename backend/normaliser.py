"""Brings Markdown into one form without touching code.

Line ends become LF, a heading gets a blank line before it, runs of blank lines shrink to one, the text ends with one
line feed, a fence left open is closed. Lines inside fences and indented code stay as they are.
"""

import re
from dataclasses import dataclass
from typing import Final

_FENCE: Final = re.compile(r"^ {0,3}(`{3,}|~{3,})(.*)$")
_HEADING: Final = re.compile(r"^#{1,6} ")


@dataclass(frozen=True, slots=True)
class _Fence:
    mark: str

    def closed_by(self, line: str) -> bool:
        """Whether the line is a closing fence of at least this length (CommonMark 0.31, 4.5)."""
        match = _FENCE.match(line)
        return match is not None and match[1].startswith(self.mark) and not match[2].strip()


def normalise(text: str) -> str:
    """Return the normalised text; normalising again changes nothing."""
    lines: list[str] = []
    fence: _Fence | None = None
    blank_lines = 0
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if fence is not None:
            lines.append(line)
            fence = None if fence.closed_by(line) else fence
            continue
        if not line.strip():
            blank_lines += 1
            continue
        lines.extend([""] * _gap(line, blank_lines, first=not lines))
        blank_lines = 0
        lines.append(line)
        fence = _opening(line)
    if fence is not None:
        while lines[-1] == "":
            lines.pop()
        lines.append(fence.mark)
    return "\n".join(lines) + "\n"


def _gap(line: str, blank_lines: int, *, first: bool) -> int:
    """Return how many blank lines go before the line."""
    if first:
        return 0
    if line.startswith(("    ", "\t")):
        # Possibly indented code, where blank lines count.
        return blank_lines
    return 1 if blank_lines or _HEADING.match(line) else 0


def _opening(line: str) -> _Fence | None:
    match = _FENCE.match(line)
    if match is None or (match[1].startswith("`") and "`" in match[2]):
        return None
    return _Fence(match[1])
