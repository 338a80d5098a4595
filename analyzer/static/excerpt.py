"""Excerpts: short, telling, and exactly the lines that they cite."""

from typing import Final

from analyzer.code.model import Kind, Span, Symbol
from analyzer.static.repository_map import RepositoryMap
from analyzer.static.text import fence, quotable

EXCERPT_MAX_LINES: Final = 25
EXCERPT_MIN_LINES: Final = 2
WIDTH_MAX: Final = 160


def excerpt(repo_map: RepositoryMap, span: Span, language: str = "") -> str:
    """The fence for a span, or nothing where Markdown could not hold the lines exactly as they are."""
    lines = list(repo_map.lines(span))
    while lines and not lines[-1].strip():
        lines.pop()
    kept = Span(path=span.path, start=span.start, end=span.start + len(lines) - 1)
    module = repo_map.module(span.path)
    if not lines or module is None or not quotable(lines) or any(len(line) > WIDTH_MAX for line in lines):
        return ""
    return fence(f"{language or module.language} {kept.label}", lines)


def whole_or_core(repo_map: RepositoryMap, symbol: Symbol) -> Span | None:
    """The most telling lines of a definition, at most `EXCERPT_MAX_LINES`.

    The whole of it when it is short; else its head with the first statements; where the docstring is long, what
    follows it.
    """
    span = symbol.span
    if symbol.line_count <= EXCERPT_MAX_LINES:
        return span
    if symbol.kind is Kind.CLASS:
        return _class_core(repo_map, symbol)
    body = symbol.doc.end + 1 if symbol.doc and symbol.doc.start > symbol.head_end else symbol.head_end + 1
    if body - span.start + 6 <= EXCERPT_MAX_LINES:
        return _cut(repo_map, Span(path=span.path, start=span.start, end=span.end))
    return _cut(repo_map, Span(path=span.path, start=body, end=span.end))


def _class_core(repo_map: RepositoryMap, symbol: Symbol) -> Span | None:
    """A short constructor; else the best short method; else the fields and the head of the class."""
    members = [member for member in repo_map.members(symbol) if member.line_count <= EXCERPT_MAX_LINES]
    made = next((member for member in members if member.name == "__init__" and member.line_count >= 4), None)  # noqa: PLR2004
    if made is not None:
        return made.span
    first = min((member.span.start for member in repo_map.members(symbol)), default=symbol.span.end + 1)
    body = symbol.doc.end + 1 if symbol.doc else symbol.head_end + 1
    if first - body >= 4:  # noqa: PLR2004 - fields
        return _cut(repo_map, Span(path=symbol.span.path, start=body, end=first - 1))
    public = [m for m in members if m.is_public and m.line_count >= 4 and m.kind is not Kind.PROPERTY]  # noqa: PLR2004
    if public:
        return max(
            public, key=lambda member: (_fan_out(repo_map, member), repo_map.score(member), -member.span.start)
        ).span
    return _cut(repo_map, Span(path=symbol.span.path, start=symbol.span.start, end=symbol.span.end))


def _fan_out(repo_map: RepositoryMap, symbol: Symbol) -> int:
    """How many of the repository's definitions a function reaches: what it can teach about the rest."""
    return len(
        {target.key for call in symbol.calls if (target := repo_map.links.resolve_call(symbol, call)) is not None}
    )


def _cut(repo_map: RepositoryMap, span: Span) -> Span:
    """The first lines of a span, ended before a line that would be cut from what belongs to it."""
    lines = repo_map.snapshot.files[span.path]
    start = span.start
    while start < span.end and not lines[start - 1].strip():
        start += 1
    end = min(span.end, start + EXCERPT_MAX_LINES - 1)
    if end < span.end:
        base = _indent(lines[start - 1])
        level = base + 4 if lines[start - 1].lstrip().startswith(("def ", "class ", "async def ", "@")) else base
        for number in range(end, start + EXCERPT_MIN_LINES, -1):
            following = lines[number] if number < len(lines) else ""
            if not following.strip() or (
                _indent(following) <= level and not following.lstrip().startswith((")", "]", "}"))
            ):
                end = number
                break
    while end > start and not lines[end - 1].strip():
        end -= 1
    return Span(path=span.path, start=start, end=end)


def _indent(line: str) -> int:
    expanded = line.expandtabs(4)
    return len(expanded) - len(expanded.lstrip())
