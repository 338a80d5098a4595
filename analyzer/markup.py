"""Markdown from untrusted text: everything that comes out of a repository passes through here before it is written."""

import re
from collections.abc import Sequence
from typing import Final

from analyzer.code.model import Span

CODE_MAX_CHARS: Final = 90
_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#|~$&])")
_RUNS: Final = re.compile(r"`+")
# Characters that Markdown parsers or line counters treat as line ends or replace; no excerpt may contain them.
_UNQUOTABLE: Final = re.compile("[\r\x00\x0b\x0c\x1c-\x1e\x85\u2028\u2029\ufeff\u202a-\u202e\u2066-\u2069]")
_LINE_START: Final = re.compile(r"^(\s*)([-+=]|\d{1,9}[.)])(?=\s|$|[-+=])")


def one_line(text: str) -> str:
    """White space collapsed, control and direction-changing characters dropped."""
    return " ".join("".join(c if c.isprintable() or c.isspace() else "" for c in _UNQUOTABLE.sub(" ", text)).split())


def escape(text: str) -> str:
    """Plain text as Markdown that shows exactly that text, on one line."""
    escaped = _SPECIAL.sub(r"\\\1", one_line(text))
    escaped = re.sub(r"(?<=[A-Za-z0-9])\\_(?=[A-Za-z0-9])", "_", escaped)  # inside a word it is no emphasis
    escaped = re.sub(r"(?i)\b(https?|ftp):(?=//)", r"\1&#58;", escaped)  # no automatic links
    return (
        _LINE_START.sub(r"\1\\\2", escaped)
        if not escaped[:1].isdigit()
        else re.sub(r"^(\d+)([.)])", r"\1\\\2", escaped)
    )


def code(text: str, limit: int = CODE_MAX_CHARS) -> str:
    """Inline code, its fence longer than any run of backticks inside; long text is cut and marked."""
    content = one_line(text)
    if not content:
        return "`…`"
    if len(content) > limit:
        content = content[: limit - 1].rstrip() + "…"
    longest = max((len(run) for run in _RUNS.findall(content)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if content.startswith("`") or content.endswith("`") else ""
    return f"{fence}{pad}{content}{pad}{fence}"


def cite(span: Span) -> str:
    """A citation in inline code."""
    return f"`{span.label}`"


def quotable(lines: Sequence[str]) -> bool:
    """Whether a fence can hold these lines exactly as they are."""
    return not any(_UNQUOTABLE.search(line) for line in lines)


def fence(info: str, lines: Sequence[str]) -> str:
    """A fenced block, the fence longer than any run of backticks in the lines."""
    longest = max((len(run) for line in lines for run in _RUNS.findall(line)), default=0)
    mark = "`" * max(3, longest + 1)
    return "\n".join([f"{mark}{info}", *lines, mark])


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of cells that are Markdown of one line each."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(text) for text in cells)} |" for cells in lines)


def _cell(text: str) -> str:
    return text.replace("\\|", "|").replace("|", "\\|")
