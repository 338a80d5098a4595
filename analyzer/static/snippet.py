"""A piece of code to practise on: what it assigns, what it checks, which line can be left out.

It is read, never run.
"""

import ast
import builtins
import re
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from analyzer.code.model import Import, Kind, Module, Role, Span, Symbol
from analyzer.concepts.model import Concept
from analyzer.concepts.terms import terms_of
from analyzer.static.excerpts import NOT_PROGRAMS, TEST_LINES, Example, examples_in
from analyzer.static.repository_map import RepositoryMap

LINES: Final = (2, 24)
TEST_PREFIXES: Final[dict[str, tuple[str, ...]]] = {
    "python": ("test",), "go": ("Test", "Example", "Benchmark"), "php": ("test",), "swift": ("test",)
}  # fmt: skip
UNSAFE: Final = frozenset(
    {"subprocess", "socket", "threading", "multiprocessing", "signal", "ssl", "http", "asyncio", "ctypes", "shutil",
     "tempfile", "webbrowser", "smtplib", "ftplib", "select", "resource", "pty", "tkinter"}
)  # fmt: skip
_ASSIGNED: Final = re.compile(
    r"^\s*(?:(?:const|let|var|val|auto|final|my|local)\s+)?(?:[A-Z][\w<>\[\], ]*\s+)?\$?([A-Za-z_]\w*)"
    r"(?:\s*:\s*[\w<>\[\]., ]+)?\s*(?::=|=(?![=>]))\s*\S"
)
_LITERAL: Final = re.compile(r"(?<![\w])(\"[^\"\\\n]{1,30}\"|'[^'\\\n]{1,30}'|\b\d{1,6}\b)")
_ASSERTS: Final = re.compile(r"\b(assert\w*|expect|require|should|t\.(Error|Fatal)|is\.|CHECK|EXPECT_\w+|ASSERT_\w+)\b")
_NETWORK: Final = re.compile(
    r"\b(requests|httpx|urllib|client|session|http)\.(get|post|put|delete|request|send)\(", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """Lines of the repository in their language. `name` is the test's, or empty for an example."""

    span: Span
    lines: tuple[str, ...]
    language: str
    name: str = ""

    def gap(self) -> int | None:
        """The line (from 0) whose absence a later line notices: the last assignment of a name that is used again."""
        found = None
        for number, line in enumerate(self.lines):
            match = _ASSIGNED.match(line)
            if match and line.rstrip().endswith((")", ";", "]", "}", '"', "'")) and line.count("(") == line.count(")"):
                later = self.user_of(match[1], number)
                found = number if later is not None else found
        return found

    def assigned(self, number: int) -> str:
        """The name that a line assigns."""
        match = _ASSIGNED.match(self.lines[number])
        return match[1] if match else ""

    def user_of(self, name: str, number: int) -> int | None:
        """The first later line (from 0) that uses a name."""
        pattern = re.compile(rf"\b{re.escape(name)}\b")
        return next((n for n in range(number + 1, len(self.lines)) if pattern.search(self.lines[n])), None)

    def literal(self) -> tuple[str, int] | None:
        """A value that can be changed, and its line (from 0): none of an assertion or an import."""
        for number, line in enumerate(self.lines):
            if _ASSERTS.search(line) or re.match(r"\s*(import|from|use|require|#include|package)\b", line):
                continue
            if match := _LITERAL.search(line):
                return match[1], number
        return None

    def assertion(self) -> int | None:
        """The last line (from 0) that checks something."""
        return next((n for n in range(len(self.lines) - 1, -1, -1) if _ASSERTS.search(self.lines[n])), None)

    def cite(self, number: int) -> Span:
        """The lines of the repository that a line stands on."""
        return Span(path=self.span.path, start=self.span.start + number, end=self.span.start + number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A Python test that stands on its own: imports, statements, and the comparison that it ends with.

    `left` is what is compared, `right` what it has to be; `assertion` is the test's last statement. `gap` are the lines
    of the body (from, to, counted from 0) that make what it compares: without them a name is missing.
    """

    snippet: Snippet
    imports: tuple[str, ...]
    body: tuple[str, ...]
    assertion: tuple[str, ...]
    gap: tuple[int, int]
    left: str
    right: str
    right_span: Span


def snippet_of(repo_map: RepositoryMap, concept: Concept) -> Snippet | None:
    """What the tutorial practises on: a test of the concept, else an example of the documentation."""
    for function in tests_of(repo_map, concept):
        snippet = _of_function(repo_map, function)
        if snippet.gap() is not None:
            return snippet
    for section in concept.sections:
        for example in examples_in(repo_map, section):
            snippet = _of_example(example)
            if (
                example.language not in NOT_PROGRAMS
                and LINES[0] <= len(snippet.lines) <= LINES[1]
                and snippet.gap() is not None
            ):
                return snippet
    return None


def tests_of(repo_map: RepositoryMap, concept: Concept) -> Iterator[Symbol]:
    """Short tests and samples that use the concept's definitions, those of its first definitions first."""
    seen: set[str] = set()
    for symbol in repo_map.own_symbols(concept)[:6]:
        keys = repo_map.keys_with_members(symbol)
        found = [
            function
            for key in keys
            for link in repo_map.links.into(key, roles=(Role.TEST, Role.EXAMPLE))
            if (function := repo_map.symbol(link.source)) is not None and function.kind in {Kind.FUNCTION, Kind.METHOD}
        ]
        for function in sorted(
            found, key=lambda f: (not is_about(f, concept), abs(f.line_count - 8), f.span.path, f.span.start)
        ):
            if not is_shown_to_run(repo_map, function):
                continue
            if function.key not in seen and TEST_LINES[0] <= function.line_count <= TEST_LINES[1]:
                seen.add(function.key)
                yield function


def is_shown_to_run(repo_map: RepositoryMap, function: Symbol) -> bool:
    """Whether a function of a test file is a test, and not what tests share."""
    module = repo_map.module(function)
    prefix = TEST_PREFIXES.get(module.language)
    return module.role is not Role.TEST or prefix is None or function.name.startswith(prefix)


def is_about(function: Symbol, concept: Concept) -> bool:
    """Whether a test's name, or its file's, has the concept's term."""
    return not concept.term or concept.term in terms_of(f"{function.qualname} {function.span.path.rpartition('/')[2]}")


def scripts_of(repo_map: RepositoryMap, concept: Concept) -> Iterator[Script]:
    """Python tests that can be printed as a program of their own."""
    for function in tests_of(repo_map, concept):
        module = repo_map.module(function)
        if module.language == "python" and (script := _script(repo_map, function, module)) is not None:
            yield script


def _of_function(repo_map: RepositoryMap, function: Symbol) -> Snippet:
    lines = textwrap.dedent("\n".join(repo_map.lines(function.span))).split("\n")
    name = function.name if repo_map.module(function).role is Role.TEST else ""
    return Snippet(span=function.span, lines=tuple(lines), language=repo_map.module(function).language, name=name)


def _of_example(example: Example) -> Snippet:
    lines = textwrap.dedent(example.text).rstrip("\n").split("\n")
    return Snippet(span=example.span, lines=tuple(lines), language=example.language)


def _script(repo_map: RepositoryMap, function: Symbol, module: Module) -> Script | None:
    source = textwrap.dedent("\n".join(repo_map.lines(function.span)))
    if function.parameters or function.decorators or function.is_async or function.parent or _NETWORK.search(source):
        return None
    body = _body(source)
    last = body[-1] if body else None
    if not isinstance(last, ast.Assert) or not isinstance(last.test, ast.Compare):
        return None
    imports = _imports_for(repo_map, module, body)
    head = body[:-1]
    filled = _statement_to_fill(head, last)
    if imports is None or filled is None:
        return None
    lines = source.split("\n")
    parts = [_lines_of(lines, statement) for statement in head]
    start = sum(len(part) for part in parts[:filled])
    first = function.span.start - 1
    return Script(
        snippet=_of_function(repo_map, function),
        imports=imports,
        body=tuple(line for part in parts for line in part),
        assertion=tuple(_lines_of(lines, last)),
        gap=(start, start + len(parts[filled])),
        left=ast.unparse(last.test.left),
        right=ast.unparse(last.test.comparators[0]),
        right_span=Span(
            path=function.span.path, start=first + last.lineno, end=first + (last.end_lineno or last.lineno)
        ),
    )


def _statement_to_fill(head: Sequence[ast.stmt], last: ast.Assert) -> int | None:
    """The last statement that gives a name to what the comparison is made of; None when nothing does."""
    needed = {node.id for node in ast.walk(last) if isinstance(node, ast.Name)}
    for place in range(len(head) - 1, -1, -1):
        statement = head[place]
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if any(isinstance(node, ast.Name) and node.id in needed for target in targets for node in _named(target)):
            earlier = {node.id for other in head[:place] for node in ast.walk(other) if isinstance(node, ast.Name)}
            names = {node.id for target in targets for node in _named(target)}
            return place if not names & earlier else None
    return None


def _named(target: ast.expr) -> list[ast.Name]:
    """The names that an assignment binds itself: not those of attributes and items."""
    if isinstance(target, ast.Name):
        return [target]
    return [item for item in target.elts if isinstance(item, ast.Name)] if isinstance(target, ast.Tuple) else []


def _body(source: str) -> list[ast.stmt]:
    """The statements of a function that sets up, calls and ends by comparing two values; empty for any other."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    definition = tree.body[0] if tree.body else None
    body = definition.body if isinstance(definition, ast.FunctionDef) else []
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    last = body[-1] if body else None
    if not isinstance(last, ast.Assert) or not isinstance(last.test, ast.Compare):
        return []
    is_equality = len(last.test.ops) == 1 and isinstance(last.test.ops[0], ast.Eq)
    # One comparison only: an earlier one may use up what the last looks at.
    is_plain = all(isinstance(statement, ast.Assign | ast.Expr) for statement in body[:-1])
    return body if is_equality and is_plain else []


def _lines_of(lines: Sequence[str], statement: ast.stmt) -> list[str]:
    return textwrap.dedent("\n".join(lines[statement.lineno - 1 : statement.end_lineno])).split("\n")


def _imports_for(repo_map: RepositoryMap, module: Module, body: Sequence[ast.stmt]) -> tuple[str, ...] | None:
    """Import lines for every free name; None when one is no import, or an import that a script should not have."""
    loaded: set[str] = set()
    bound: set[str] = set()
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name):
                (loaded if isinstance(node.ctx, ast.Load) else bound).add(node.id)
            elif isinstance(node, ast.arg):
                bound.add(node.arg)
            elif isinstance(node, ast.Import | ast.ImportFrom | ast.Lambda | ast.Await | ast.Yield | ast.With):
                return None
    packages = {known.name.partition(".")[0] for known in repo_map.repository.subjects if known.name}
    known_imports = {item.alias or item.name or item.module.partition(".")[0]: item for item in module.imports}
    found: list[str] = []
    uses_package = False
    for name in sorted(loaded - bound):
        item = known_imports.get(name)
        if item is None:
            if hasattr(builtins, name) and name not in {"open", "input", "exit", "quit", "print", "eval", "exec"}:
                continue
            return None
        top = item.module.partition(".")[0]
        if (
            item.level
            or item.name == "*"
            or top in UNSAFE
            or (top not in packages and top not in sys.stdlib_module_names)
        ):
            return None
        uses_package = uses_package or top in packages
        found.append(_import_line(item))
    return tuple(found) if uses_package else None


def _import_line(item: Import) -> str:
    alias = f" as {item.alias}" if item.alias and item.alias != item.name else ""
    return f"from {item.module} import {item.name}{alias}" if item.name else f"import {item.module}{alias}"
