"""How a program keeps what it is about: the tables that its schemas and migrations create, in SQL, Prisma and Rails."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from analyzer.code.model import Role, Span
from analyzer.code.roles import language_of, role_of
from analyzer.graph.answers import LINE_CHARACTERS

LINES_MAX: Final = 120  # of one table
_SQL: Final = re.compile(
    r"\bcreate\s+(?:unlogged\s+)?table\s+(?:if\s+not\s+exists\s+)?(?:[\"`\[]?\w+[\"`\]]?\.)?[\"`\[]?(?P<name>\w+)[\"`\]]?\s*"
    r"(?:\(|$)",
    re.IGNORECASE,
)
_PRISMA: Final = re.compile(r"^model\s+(?P<name>\w+)\s*\{")
_RAILS: Final = re.compile(r"^(?P<indent>\s*)create_table\s*\(?\s*[\"':](?P<name>\w+).*\bdo\b")
_ROLES: Final = frozenset({Role.SOURCE, Role.CONFIG})
_KEPT: Final = re.compile(r"\.(sql|prisma|rb|go|py|php|[cm]?[jt]s|rs|java|kt|cs)$")
_STEP: Final = re.compile(r"(^|/)[\w-]*migrat[\w-]*(/|\.\w+$)", re.IGNORECASE)
_WHOLE: Final = re.compile(r"(^|/)[\w-]*(schema|latest)[\w-]*\.\w+$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table by the name that its creation gives it, and the lines of that."""

    name: str
    span: Span

    @property
    def is_step(self) -> bool:
        """Whether these are lines of a migration, which later ones may have changed."""
        return _STEP.search(self.span.path) is not None and _WHOLE.search(self.span.path) is None


def tables_of(files: Mapping[str, Sequence[str]]) -> tuple[Table, ...]:
    """What is created in a repository, schemas before single steps, these in order; `files` are the lines by path."""
    kept = [path for path in files if _KEPT.search(path) and role_of(path, language_of(path)) in _ROLES]
    found = [table for path in kept for table in _in_file(path, files[path])]
    return tuple(sorted(found, key=lambda t: (t.is_step, t.span.path.count("/"), t.span.path, t.span.start)))


def _in_file(path: str, lines: Sequence[str]) -> Iterator[Table]:
    is_prisma, is_ruby = path.endswith(".prisma"), path.endswith(".rb")
    for number, line in enumerate(lines, start=1):
        if not (is_prisma or "table" in line or "TABLE" in line) or len(line) > LINE_CHARACTERS:
            continue
        match = _PRISMA.match(line) if is_prisma else _RAILS.match(line) if is_ruby else _SQL.search(line)
        if match is None:
            continue
        following = lines[number : number + LINES_MAX]
        if is_prisma or is_ruby:
            closing = "}" if is_prisma else f"{match['indent']}end"
            after = next((place for place, text in enumerate(following, 1) if text.rstrip() == closing), None)
        else:
            after = _closed_after(line[match.start() :], following)
        if after is not None:
            yield Table(name=match["name"], span=Span(path=path, start=number, end=number + after))


def _closed_after(line: str, following: Sequence[str]) -> int | None:
    """How many lines below the bracket of a statement is closed; nothing where it never is."""
    depth, is_open = 0, False
    for place, text in enumerate((line, *following)):
        depth += text.count("(") - text.count(")")
        is_open = is_open or "(" in text
        if is_open and depth <= 0:
            return place
    return None
