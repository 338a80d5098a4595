"""The values that parsers produce and everything else reads: modules, symbols, imports, calls.

Lines are counted from 1, both ends included. Texts are as written in the source, on one line where noted.
"""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a file is to the project; only `source` becomes chapters, the others serve as evidence."""

    SOURCE = "source"
    TEST = "test"
    EXAMPLE = "example"
    TOOLING = "tooling"
    DOC = "doc"
    CONFIG = "config"


class Kind(StrEnum):
    """What a symbol is; `other` is a definition that a language names differently (struct, trait, type)."""

    CLASS = "class"
    FUNCTION = "function"
    METHOD = "method"
    PROPERTY = "property"
    CONSTANT = "constant"
    OTHER = "definition"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Lines of a file; its label is a citation."""

    path: str
    start: int
    end: int

    @property
    def label(self) -> str:
        """`path#L3-L9`, or `path#L3` for one line."""
        return f"{self.path}#L{self.start}" + (f"-L{self.end}" if self.end != self.start else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Doc:
    """A docstring or leading comment, dedented, with its lines."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter as written; `annotation` and `default` are empty when absent."""

    name: str
    annotation: str = ""
    default: str = ""
    keyword_only: bool = False
    star: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call by its written name (`helper`, `self.send`, `Client.get`), and its line."""

    name: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Raise:
    """A `raise` with a named exception; `condition` is the nearest enclosing `if`'s test, on one line, or empty."""

    name: str
    condition: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A definition. `qualname` is unique in its module; `head_start` and `head_end` are its signature's lines.

    `is_declared_public` is what the language's own words say (`pub`, `export`, an upper-case name).
    """

    name: str
    qualname: str
    kind: Kind
    span: Span
    head_start: int
    head_end: int
    parent: str = ""
    doc: Doc | None = None
    signature: str = ""
    parameters: tuple[Parameter, ...] = ()
    returns: str = ""
    decorators: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    is_async: bool = False
    is_generator: bool = False
    calls: tuple[Call, ...] = ()
    raises: tuple[Raise, ...] = ()
    attribute_types: tuple[tuple[str, str], ...] = ()
    value: str = ""
    is_declared_public: bool = True

    @property
    def key(self) -> str:
        """Unique in the repository: `path::qualname`."""
        return f"{self.span.path}::{self.qualname}"

    @property
    def owner_key(self) -> str:
        """The key of the type that a member stands in, in the same file."""
        return f"{self.span.path}::{self.parent}"

    @property
    def head(self) -> Span:
        """The lines of its signature."""
        return Span(path=self.span.path, start=self.head_start, end=max(self.head_start, self.head_end))

    @property
    def line_count(self) -> int:
        """How many lines the definition spans."""
        return self.span.end - self.span.start + 1

    @property
    def is_public(self) -> bool:
        """No part of the name begins with an underscore; `__init__` and its like are not public."""
        return self.is_declared_public and not any(part.startswith("_") for part in self.qualname.split("."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """`import module as alias` (name empty) or `from module import name as alias`; `*` imports everything.

    `level` counts the leading dots of a relative import.
    """

    module: str
    name: str
    alias: str
    level: int
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One file: `name` is its dotted import name when the language has one, else empty."""

    path: str
    language: str
    role: Role
    line_count: int
    name: str = ""
    title: str = ""
    doc: Doc | None = None
    symbols: tuple[Symbol, ...] = ()
    imports: tuple[Import, ...] = ()
    exports: tuple[str, ...] | None = None
    has_syntax_errors: bool = False

    @property
    def span(self) -> Span:
        """The whole file."""
        return Span(path=self.path, start=1, end=max(1, self.line_count))

    def symbol(self, qualname: str) -> Symbol | None:
        """The symbol of that qualified name, or None."""
        return next((symbol for symbol in self.symbols if symbol.qualname == qualname), None)
