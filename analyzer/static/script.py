"""A Python test as a program of its own: what it sets up, what it compares, and the lines that a learner fills in."""

import ast
import builtins
import re
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from analyzer.code.model import Import, Module, Span, Symbol
from analyzer.concepts.model import Concept
from analyzer.static.repository_map import RepositoryMap
from analyzer.static.snippet import Snippet, of_function, tests_of

UNSAFE: Final = frozenset(
    {"subprocess", "socket", "threading", "multiprocessing", "signal", "ssl", "http", "asyncio", "ctypes", "shutil",
     "tempfile", "webbrowser", "smtplib", "ftplib", "select", "resource", "pty", "tkinter"}
)  # fmt: skip
_NETWORK: Final = re.compile(
    r"\b(requests|httpx|urllib|client|session|http)\.(get|post|put|delete|request|send)\(", re.IGNORECASE
)


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

    @property
    def program(self) -> tuple[str, ...]:
        """The whole, which prints what the test compares."""
        return (*self.imports, "", *self.body, f"print({self.left})")

    def starter(self, mark: str) -> tuple[str, ...]:
        """The file that a learner begins with; `mark` says where something is missing."""
        start, end = self.gap
        return (*self.imports, "", *self.body[:start], f"...  # {mark}", *self.body[end:])

    @property
    def check(self) -> tuple[str, ...]:
        """The file that tells whether the gap is filled."""
        return ("from starter import *  # noqa: F403", *self.imports, "", *self.assertion)

    @property
    def solution(self) -> tuple[str, ...]:
        """The starting file as it should become."""
        return (*self.imports, "", *self.body)


def scripts_of(repo_map: RepositoryMap, concept: Concept) -> Iterator[Script]:
    """Python tests that can be printed as a program of their own."""
    for function in tests_of(repo_map, concept):
        module = repo_map.module(function)
        if module.language == "python" and (script := _script(repo_map, function, module)) is not None:
            yield script


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
        snippet=of_function(repo_map, function),
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
            or item.name.startswith(("*", "_"))
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
