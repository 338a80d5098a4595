"""Facts about files that have no parser here: leading comment, headings, definitions found by regular expressions.

Deliberately simple: what is reported is a line that looks like a definition, never a claim about its meaning.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from analyzer.code.model import Doc, Import, Kind, Module, Role, Span, Symbol

SYMBOLS_MAX: Final = 400
COMMENT_LINES_MAX: Final = 40
_BRACED: Final = frozenset({"vue", "svelte", "dart", "zig", "perl", "css", "scss", "hcl", "protobuf"})
_SQL: Final = (
    r"(?i)^create\s+(?:or\s+replace\s+)?(?:table|view|function|procedure|trigger|type)\s+(?:if\s+not\s+exists\s+)?"
)
_ARROW: Final = (
    r"^(?:export\s+)?(?:const|let|var)\s+(?P<name>[A-Za-z_$][\w$]*)[^=]*=\s*(?:async\s*)?"
    r"(?:function\b|\([^)]*\)\s*(?::[^=]+)?=>|[A-Za-z_$][\w$]*\s*=>)"
)
_Patterns = tuple[tuple[Kind, str], ...]
_JS: Final[_Patterns] = (
    (Kind.CLASS, r"^(?:export\s+)?(?:default\s+)?(?:abstract\s+)?class\s+(?P<name>[A-Za-z_$][\w$]*)"),
    (Kind.FUNCTION, r"^(?:export\s+)?(?:default\s+)?(?:async\s+)?function\s*\*?\s+(?P<name>[A-Za-z_$][\w$]*)"),
    (Kind.FUNCTION, _ARROW),
    (Kind.OTHER, r"^(?:export\s+)?(?:declare\s+)?(?:interface|type|enum|namespace)\s+(?P<name>[A-Za-z_$][\w$]*)"),
    (Kind.CONSTANT, r"^export\s+const\s+(?P<name>[A-Za-z_$][\w$]*)"),
)
_PATTERNS: Final[dict[str, _Patterns]] = {
    **dict.fromkeys(("vue", "svelte"), _JS),
    "perl": ((Kind.FUNCTION, r"^sub\s+(?P<name>\w+)"),),
    "lua": ((Kind.FUNCTION, r"^(?:local\s+)?function\s+(?P<name>[\w.:]+)"),),
    "elixir": (
        (Kind.CLASS, r"^defmodule\s+(?P<name>[\w.]+)"),
        (Kind.FUNCTION, r"^\s{0,2}defp?\s+(?P<name>\w+[?!]?)"),
    ),
    "sql": ((Kind.OTHER, _SQL + r"[\"`]?(?P<name>[\w.]+)"),),
    "protobuf": ((Kind.OTHER, r"^(?:message|service|enum)\s+(?P<name>\w+)"),),
    "hcl": ((Kind.OTHER, r"^(?:resource|module|variable|output|data)\s+(?P<name>\"[\w-]+\"(?:\s+\"[\w-]+\")?)"),),
    "makefile": ((Kind.FUNCTION, r"^(?P<name>[A-Za-z][\w.-]*)\s*:(?!=)"),),
    "dockerfile": ((Kind.OTHER, r"^FROM\s+(?P<name>\S+)"),),
    "markdown": ((Kind.OTHER, r"^#{1,3}\s+(?P<name>\S.*?)\s*#*$"),),
    "toml": ((Kind.OTHER, r"^\[(?P<name>[^\]\[]+)\]"),),
    "ini": ((Kind.OTHER, r"^\[(?P<name>[^\]]+)\]"),),
    "yaml": ((Kind.OTHER, r"^(?P<name>[A-Za-z_][\w.-]*):"),),
    "json": ((Kind.OTHER, r"^ {1,4}\"(?P<name>[^\"]+)\"\s*:"),),
    "css": ((Kind.OTHER, r"^(?P<name>[.#@]?[A-Za-z][^{;]*?)\s*\{"),),
}
_IMPORTS: Final[dict[str, str]] = dict.fromkeys(
    ("vue", "svelte"), r"""(?:from\s+|require\(\s*|import\s+|import\(\s*)["'](?P<module>\.{1,2}/[^"']+)["']"""
)
_COMMENT: Final = re.compile(
    r"^\s*(?:#(?!!)|//+!?|--|;+|/\*+|\*(?!/)|<!--|%+|\"\"\")\s?(?P<text>.*?)\s*(?:\*/|-->)?\s*$"
)
_LICENCE: Final = re.compile(
    r"copyright|licen[sc]e|spdx|all rights reserved|-\*-|vim?:|eslint|shellcheck", re.IGNORECASE
)


def parse_module(path: str, language: str, role: Role, lines: tuple[str, ...]) -> Module:
    """Describe one file from its lines."""
    symbols = tuple(_symbols(path, language, lines))
    return Module(
        path=path,
        language=language,
        role=role,
        line_count=len(lines),
        title=_title(language, lines),
        doc=leading_comment(lines, 0),
        symbols=symbols,
        imports=tuple(_imports(language, lines)),
    )


def _title(language: str, lines: tuple[str, ...]) -> str:
    if language == "markdown":
        return next((line.lstrip("# ").strip() for line in lines if line.startswith("# ")), "")
    if language == "rst":
        for above, below in pairwise(lines):
            if above.strip() and len(set(below.strip())) == 1 and below[:1] in "=-~#*" and len(below) >= len(above):
                return above.strip()
    return ""


def _symbols(path: str, language: str, lines: tuple[str, ...]) -> Iterator[Symbol]:
    patterns = [(kind, re.compile(pattern)) for kind, pattern in _PATTERNS.get(language, ())]
    starts: list[tuple[int, Kind, str, str]] = []
    in_fence = False
    for number, line in enumerate(lines, start=1):
        if language == "markdown" and line.lstrip().startswith(("```", "~~~")):
            in_fence = not in_fence
        if in_fence or len(starts) >= SYMBOLS_MAX:
            continue
        for kind, pattern in patterns:
            match = pattern.match(line)
            if match:
                starts.append((number, kind, match["name"].strip('"'), match.groupdict().get("parent") or ""))
                break
    seen: set[str] = set()
    for position, (number, kind, name, parent) in enumerate(starts):
        qualname = f"{parent}.{name}" if parent else name
        if qualname in seen:
            continue
        seen.add(qualname)
        limit = starts[position + 1][0] - 1 if position + 1 < len(starts) else len(lines)
        end = _end(language, lines, number, limit)
        head = lines[number - 1].strip()
        yield Symbol(
            name=name,
            qualname=qualname,
            kind=kind,
            span=Span(path=path, start=number, end=end),
            head_start=number,
            head_end=number,
            parent=parent,
            doc=_comment_above(lines, number),
            signature=head,
        )


def _end(language: str, lines: tuple[str, ...], start: int, limit: int) -> int:
    """Where a definition ends: its closing brace in the first column, else before the next definition."""
    if language in _BRACED:
        indent = len(lines[start - 1]) - len(lines[start - 1].lstrip())
        for number in range(start, limit + 1):
            line = lines[number - 1]
            if line.strip().startswith(("}", ")")) and len(line) - len(line.lstrip()) <= indent:
                return number
    end = limit
    while end > start and not lines[end - 1].strip():
        end -= 1
    return end


def leading_comment(lines: tuple[str, ...], begin: int) -> Doc | None:
    """The first comment block of the file, without licence and editor lines."""
    number = begin
    while number < len(lines) and (not lines[number].strip() or lines[number].startswith("#!")):
        number += 1
    texts: list[str] = []
    start = number + 1
    while number < len(lines) and len(texts) < COMMENT_LINES_MAX:
        match = _COMMENT.match(lines[number])
        if match is None:
            break
        texts.append(match["text"])
        number += 1
    text = "\n".join(texts).strip()
    if not text or _LICENCE.search(text):
        return None
    return Doc(text=text, start=start, end=number)


def _comment_above(lines: tuple[str, ...], number: int) -> Doc | None:
    end = number - 1
    texts: list[str] = []
    while end - len(texts) >= 1 and len(texts) < COMMENT_LINES_MAX:
        match = _COMMENT.match(lines[end - len(texts) - 1])
        if match is None:
            break
        texts.append(match["text"])
    text = "\n".join(reversed(texts)).strip()
    return Doc(text=text, start=end - len(texts) + 1, end=end) if text and not _LICENCE.search(text) else None


def _imports(language: str, lines: tuple[str, ...]) -> Iterator[Import]:
    written = _IMPORTS.get(language)
    if written is None:
        return
    pattern = re.compile(written)
    for number, line in enumerate(lines, start=1):
        if match := pattern.search(line):
            yield Import(module=match["module"], name="", alias="", level=0, line=number)
