"""What a language's table says, and the tables of all languages.

A table is a query in `queries/<name>.scm` with these captures: `class`, `type`, `function`, `method`, `property`,
`constant`, `module`, `mixin` and `prototype` for definitions, `scope` for a block whose members belong to a type that
is defined elsewhere, `test` for a test case that is a call; `call`, `base`, `import`, `raise` for what a definition
uses; `export` for names that a file hands out. Names that begin with `_` are for predicates. The rest is said by the
fields below.
"""

import importlib
import re
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Final, Literal

from tree_sitter import Language, Parser, Query

from analyzer.languages import packed


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Everything that is particular to a language.

    `public` and `private` are patterns on a definition's first lines, up to its body; `public_name` is one on its name.
    `comment` begins a line of a comment that documents what follows; `attribute` is a line that may stand between. With
    `implicit_own` a method calls its own type's others by their bare names; languages of one `family` call each other.
    `unreadable` is what the grammar takes for something else, such as a macro: it is read as blanks. `layout` is what
    indentation means in a comment: Markdown's code, an example however deep (`indented`), nothing (`flat`: HTML,
    columns); `named` is how its prose writes a name where that is no code span. `apart` is how many blank lines may
    stand between a comment and what it documents.
    """

    name: str
    package: str
    query: str
    function: str = "language"
    public: str = ""
    private: str = ""
    public_name: str = r"^[^_]"
    exports_only: bool = False
    comment: str = r"//+!?"
    inner_comment: str = ""
    layout: Literal["markdown", "indented", "flat"] = "markdown"
    named: str = ""
    apart: int = 0
    attribute: str = r"@\w|#\[|\[\w"
    type_first: bool = False
    implicit_own: bool = False
    family: str = ""
    unreadable: str = ""
    test_name: str = ""
    example_name: str = ""
    suffixes: tuple[str, ...] = field(default=())

    @property
    def is_commented_in_blocks(self) -> bool:
        """Whether `/** … */` documents what follows."""
        return self.comment.startswith("/")


_C_LIKE: Final = r"//[/!]?"
TABLES: Final = {
    table.name: table
    for table in (
        Table(
            name="javascript",
            family="js",
            package="tree_sitter_javascript",
            query="javascript",
            public=r"^export\b",
            exports_only=True,
            comment=_C_LIKE,
            suffixes=(".js", ".mjs", ".cjs"),
        ),
        Table(
            name="jsx",
            family="js",
            package="tree_sitter_javascript",
            query="javascript",
            public=r"^export\b",
            exports_only=True,
            comment=_C_LIKE,
            suffixes=(".jsx",),
        ),
        Table(
            name="typescript",
            family="js",
            package="tree_sitter_typescript",
            query="typescript",
            function="language_typescript",
            public=r"^export\b",
            private=r"^\s*(private|protected|#)",
            exports_only=True,
            comment=_C_LIKE,
            suffixes=(".ts", ".mts", ".cts"),
        ),
        Table(
            name="tsx",
            family="js",
            package="tree_sitter_typescript",
            query="typescript",
            function="language_tsx",
            public=r"^export\b",
            private=r"^\s*(private|protected|#)",
            exports_only=True,
            comment=_C_LIKE,
            suffixes=(".tsx",),
        ),
        Table(
            name="go",
            layout="indented",
            package="tree_sitter_go",
            query="go",
            public_name=r"^[A-Z]",
            comment="//",
            test_name=r"^(Test|Example|Benchmark)",
            example_name=r"^Example",
            suffixes=(".go",),
        ),
        Table(
            name="rust",
            package="tree_sitter_rust",
            query="rust",
            public=r"^pub\b(?!\()",
            comment="///",
            inner_comment="//!",
            attribute=r"#\[",
            suffixes=(".rs",),
        ),
        Table(
            name="java",
            layout="flat",
            implicit_own=True,
            package="tree_sitter_java",
            query="java",
            public=r"\bpublic\b",
            comment="///",
            type_first=True,
            suffixes=(".java",),
        ),
        Table(
            name="c",
            layout="flat",
            family="c",
            package="tree_sitter_c",
            query="c",
            private=r"\bstatic\b",
            comment=_C_LIKE,
            type_first=True,
            suffixes=(".c", ".h"),
        ),
        Table(
            name="cpp",
            layout="flat",
            family="c",
            implicit_own=True,
            package="tree_sitter_cpp",
            query="cpp",
            private=r"\bstatic\b",
            unreadable=r"(?:(?<=\bclass )|(?<=\bstruct ))[A-Z][A-Z0-9_]{2,}(?= \w)(?! final\b)",
            comment=_C_LIKE,
            type_first=True,
            suffixes=(".cc", ".cpp", ".cxx", ".hpp", ".hh", ".hxx"),
        ),
        Table(
            name="csharp",
            layout="flat",
            implicit_own=True,
            package="tree_sitter_c_sharp",
            query="csharp",
            public=r"\bpublic\b",
            comment="///",
            attribute=r"\[\w",
            type_first=True,
            suffixes=(".cs",),
        ),
        Table(
            name="ruby",
            layout="indented",
            apart=1,
            named=r"(?<!\w)\+([A-Za-z_.][\w.:]*[?!]?)\+(?!\w)",
            private=r"#\s*:nodoc:",
            implicit_own=True,
            package="tree_sitter_ruby",
            query="ruby",
            comment="#(?!!)",
            suffixes=(".rb",),
        ),
        Table(
            name="php",
            layout="flat",
            package="tree_sitter_php",
            query="php",
            function="language_php",
            private=r"\b(private|protected)\b",
            comment=r"//|#(?!\[)",
            type_first=True,
            test_name=r"^test",
            suffixes=(".php",),
        ),
        Table(
            name="kotlin",
            named=r"\[([A-Za-z_][\w.]*)\](?![(\[])",
            implicit_own=True,
            package="tree_sitter_kotlin",
            query="kotlin",
            private=r"\b(private|internal|protected)\b",
            comment=_C_LIKE,
            suffixes=(".kt", ".kts"),
        ),
        Table(
            name="swift",
            implicit_own=True,
            package="tree_sitter_swift",
            query="swift",
            public=r"\b(public|open)\b",
            comment="///",
            test_name=r"^test",
            suffixes=(".swift",),
        ),
        Table(
            name="scala",
            layout="flat",
            implicit_own=True,
            package="tree_sitter_scala",
            query="scala",
            private=r"\b(private|protected)\b",
            comment=_C_LIKE,
            suffixes=(".scala", ".sc"),
        ),
        Table(
            name="bash",
            package="tree_sitter_bash",
            query="bash",
            comment="#(?!!)",
            suffixes=(".sh", ".bash"),
        ),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """A language's parser and compiled query; cheap to keep, not to be shared between threads."""

    table: Table
    parser: Parser
    query: Query
    comment: re.Pattern[str]
    attribute: re.Pattern[str]


@cache
def grammar_of(name: str) -> Grammar:
    """The grammar of a language by its name in `TABLES`; loaded on first use."""
    packed.install()
    table = TABLES[name]
    language = Language(getattr(importlib.import_module(table.package), table.function)())
    text = resources.files(__package__).joinpath("queries", f"{table.query}.scm").read_text(encoding="utf-8")
    return Grammar(
        table=table,
        parser=Parser(language),
        query=Query(language, text),
        comment=re.compile(rf"^\s*(?:{table.comment})\s?(?P<text>.*)$"),
        attribute=re.compile(rf"^\s*(?:{table.attribute})"),
    )
