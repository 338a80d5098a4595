"""A piece of code to practise on: what it assigns, what it checks, which line can be left out; read, never run."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from analyzer.code.model import Kind, Role, Span, Symbol
from analyzer.concepts.model import Concept
from analyzer.concepts.terms import terms_of
from analyzer.languages.table import TABLES
from analyzer.static.excerpts import NOT_PROGRAMS, TEST_LINES, Example, examples_in, telling_span
from analyzer.static.own_examples import own_examples
from analyzer.static.repository_map import RepositoryMap

LINES: Final = (2, 24)
TELLING_CHARS: Final = 10
TEST_PREFIXES: Final[dict[str, tuple[str, ...]]] = {
    "python": ("test",), "go": ("Test", "Example", "Benchmark"), "php": ("test",), "swift": ("test",)
}  # fmt: skip
_ASSIGNED: Final = re.compile(
    r"^\s*(?:(?:const|let|var|val|auto|final|my|local)\s+)?(?:[A-Z][\w<>\[\], ]*\s+)?\$?([A-Za-z_]\w*)"
    r"(?:\s*:\s*[\w<>\[\]., ]+)?\s*(?::=|=(?![=>]))\s*\S"
)
_LITERAL: Final = re.compile(r"(?<![\w])(\"[^\"\\\n]{1,30}\"|'[^'\\\n]{1,30}'|\b\d{1,6}\b)")
_CALL: Final = re.compile(r"\w[\w.:>!-]*\(")
_NO_STATEMENT: Final = re.compile(
    r"\s*(def|func|fn|fun|class|struct|interface|enum|trait|impl|public|private|protected|internal|static|async|export|"
    r"override|if|elif|else|for|foreach|while|switch|match|when|catch|except|with|import|from|use|using|require|package|"
    r"namespace|@|#|//|/\*|\*|--|\}|\)|<)"
)
_ASSERTS: Final = re.compile(r"\b(assert\w*|expect|require|should|t\.(Error|Fatal)|is\.|CHECK|EXPECT_\w+|ASSERT_\w+)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """Lines of the repository in their language. `name` is the test's, or empty for an example."""

    span: Span
    lines: tuple[str, ...]
    language: str
    name: str = ""

    def gap(self) -> int | None:
        """The line (from 0) to leave out: the last assignment of a name that is used again, else the last call."""
        found = None
        for number, line in enumerate(self.lines):
            match = _ASSIGNED.match(line)
            if match and line.rstrip().endswith((")", ";", "]", "}", '"', "'")) and line.count("(") == line.count(")"):
                later = self.user_of(match[1], number)
                found = number if later is not None else found
        return next((number for number in (found, self._last_call(), self._longest()) if number is not None), None)

    def _last_call(self) -> int | None:
        """The last line that is one whole call, or returns one."""
        for number in range(len(self.lines) - 1, 0, -1):
            line = self.lines[number]
            if _CALL.search(line) and not _NO_STATEMENT.match(line) and all(
                line.count(opening) == line.count(closing) for opening, closing in ("()", "[]", "{}")
            ):  # fmt: skip
                return number
        return None

    def _longest(self) -> int | None:
        """The longest line but the first that says something."""
        numbers = [
            number
            for number, line in enumerate(self.lines)
            if number and len(line.strip()) >= TELLING_CHARS and not _NO_STATEMENT.match(line)
        ]
        return max(numbers, key=lambda number: (len(self.lines[number].strip()), -number), default=None)

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


def snippet_of(repo_map: RepositoryMap, concept: Concept) -> Snippet | None:
    """What the tutorial practises on: a test of the concept, an example of the documentation, else its own source."""
    for function in tests_of(repo_map, concept):
        snippet = of_function(repo_map, function)
        if snippet.gap() is not None:
            return snippet
    for section in concept.sections:
        for example in examples_in(repo_map, section):
            snippet = _of_example(example)
            is_program = example.language not in NOT_PROGRAMS and len(snippet.lines) >= LINES[0]
            if is_program and snippet.gap() is not None:
                return snippet
    shown = (_of_example(example) for example in own_examples(repo_map, concept))
    return next((snippet for snippet in (*shown, *_of_source(repo_map, concept)) if snippet.gap() is not None), None)


def _of_source(repo_map: RepositoryMap, concept: Concept) -> Iterator[Snippet]:
    """The telling lines of the concept's definitions and their members, where one of them can be left out."""
    known = [s for s in repo_map.symbols_of(concept) if repo_map.module(s).language in {"python", *TABLES}]
    for symbol in known[:6]:
        for definition in (symbol, *repo_map.members(symbol)[:12]):
            span = telling_span(definition)
            lines = textwrap.dedent("\n".join(repo_map.lines(span))).split("\n")
            snippet = Snippet(span=span, lines=tuple(lines), language=repo_map.module(definition).language)
            if definition.kind is not Kind.CONSTANT and len(lines) > LINES[0] and snippet.gap() is not None:
                yield snippet


def tests_of(repo_map: RepositoryMap, concept: Concept) -> Iterator[Symbol]:
    """Short tests and samples that use the concept's definitions, those of its first definitions first."""
    seen: set[str] = set()
    number = repo_map.concepts.index(concept) if concept in repo_map.concepts else -1
    for symbol in repo_map.own_symbols(concept)[:6]:
        keys = repo_map.keys_with_members(symbol)
        is_own = repo_map.owner.get(symbol.key) == number or concept.is_start
        found = [
            function
            for key in keys
            for link in repo_map.links.into(key, roles=(Role.TEST, Role.EXAMPLE))
            if (function := repo_map.symbol(link.source)) is not None and function.kind in {Kind.FUNCTION, Kind.METHOD}
        ]
        for function in sorted(
            found, key=lambda f: (not is_about(f, concept), abs(f.line_count - 8), f.span.path, f.span.start)
        ):
            # What the concept only borrows is practised where the test's name is about the concept.
            if not is_shown_to_run(repo_map, function) or not (is_own or is_about(function, concept)):
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


def of_function(repo_map: RepositoryMap, function: Symbol) -> Snippet:
    """A function as a snippet."""
    lines = textwrap.dedent("\n".join(repo_map.lines(function.span))).split("\n")
    name = function.name if repo_map.module(function).role is Role.TEST else ""
    return Snippet(span=function.span, lines=tuple(lines), language=repo_map.module(function).language, name=name)


def _of_example(example: Example) -> Snippet:
    lines = textwrap.dedent(example.text).rstrip("\n").split("\n")[: LINES[1]]
    span = Span(path=example.span.path, start=example.span.start, end=example.span.start + len(lines) - 1)
    return Snippet(span=span, lines=tuple(lines), language=example.language)
