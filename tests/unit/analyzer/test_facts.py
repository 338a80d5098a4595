"""What the parsers see, and what names resolve to."""

from collections.abc import Callable

import pytest

from analyzer.code import generic, python
from analyzer.code.model import Kind, Module, Role
from analyzer.code.repository import import_name, parse_repository
from analyzer.code.roles import language_of, language_of_text, role_of
from analyzer.graph.links import LinkKind
from analyzer.languages import extract
from analyzer.source.filters import Skip, skip_by_path, skip_by_text
from analyzer.static.repository_map import RepositoryMap
from tests.unit.analyzer.repositories import ROOT, Files

MapOf = Callable[[Files], RepositoryMap]


def parse(text: str) -> Module:
    return python.parse_module("m.py", "m", Role.SOURCE, tuple(text.split("\n")), python.parser())


def test_definitions_have_their_lines_signatures_and_docstrings() -> None:
    module = parse(
        '"""About m."""\n'
        "@final\n"
        "class A(Base, metaclass=M):\n"
        '    """An A."""\n'
        "    size: int = 3\n"
        "    @property\n"
        "    def x(self) -> int:\n"
        "        return 1\n"
        "    async def f(\n"
        "        self, a: int, *rest, b: str = 'q', **more,\n"
        "    ) -> None:\n"
        "        yield a\n"
    )
    a, x, f = (module.symbol(name) for name in ("A", "A.x", "A.f"))
    assert module.doc
    assert module.doc.text == "About m."
    assert a
    assert x
    assert f
    assert (a.span.start, a.span.end, a.head_start, a.bases) == (2, 12, 3, ("Base", "metaclass=M"))
    assert a.doc
    assert (a.doc.text, a.doc.start) == ("An A.", 4)
    assert (x.kind, x.span.start, x.returns) == (Kind.PROPERTY, 6, "int")
    assert (f.head_start, f.head_end, f.is_async, f.is_generator) == (9, 11, True, True)
    assert f.signature == "(self, a: int, *rest, b: str = 'q', **more) -> None"
    assert [(p.name, p.star, p.keyword_only, p.default) for p in f.parameters] == [
        ("self", "", False, ""),
        ("a", "", False, ""),
        ("rest", "*", False, ""),
        ("b", "", True, "'q'"),
        ("more", "**", False, ""),
    ]


def test_a_raise_knows_its_condition() -> None:
    module = parse("def f(a):\n    if a < 0:\n        raise ValueError('x')\n    else:\n        raise KeyError\n")
    function = module.symbol("f")
    assert function is not None
    assert [(item.name, item.condition, item.line) for item in function.raises] == [
        ("ValueError", "a < 0", 3),
        ("KeyError", "", 5),
    ]


def test_a_file_with_a_syntax_error_still_gives_what_can_be_read() -> None:
    module = parse("def good():\n    return 1\n\ndef bad(:\n    pass\n")
    assert module.has_syntax_errors
    assert module.symbol("good") is not None


def test_every_definition_of_this_project_has_the_lines_that_python_gives_it() -> None:
    import ast  # noqa: PLC0415 - the independent witness

    for path in sorted((ROOT / "analyzer").rglob("*.py")):
        text = path.read_text()
        module = python.parse_module("m.py", "m", Role.SOURCE, tuple(text.split("\n")), python.parser())
        seen = {(s.name, s.head_start, s.span.end) for s in module.symbols if s.kind is not Kind.CONSTANT}
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        tops = [node for node in ast.parse(text).body if isinstance(node, kinds)]
        inner = [node for top in tops if isinstance(top, ast.ClassDef) for node in top.body if isinstance(node, kinds)]
        assert {(node.name, node.lineno, node.end_lineno) for node in [*tops, *inner]} == seen, path


@pytest.mark.parametrize(
    ("path", "packages", "name"),
    [
        ("src/shop/a.py", {"src/shop"}, "shop.a"),
        ("shop/__init__.py", {"shop"}, "shop"),
        ("src/shop/sub/b.py", {"src/shop", "src/shop/sub"}, "shop.sub.b"),
        ("space/name/c.py", set(), "space.name.c"),
        ("src/space/c.py", set(), "space.c"),
        ("tool.py", set(), "tool"),
    ],
)
def test_import_names(path: str, packages: set[str], name: str) -> None:
    assert import_name(path, packages) == name


def test_the_type_of_a_pointer_to_a_function_has_its_name() -> None:
    lines = (
        "/** Told of each message. */",
        "typedef void (*msg_cb)(void *, int);",
        "typedef struct { int n; } jar;",
    )
    found = extract.parse_module("src/shop.h", "c", Role.SOURCE, lines)
    assert [symbol.name for symbol in found.symbols] == ["msg_cb", "jar"]


def test_of_rust_only_what_a_crate_hands_out_documents_it(map_of: MapOf) -> None:
    said = "".join(f"//! It says {number} things about itself.\n" for number in range(12))
    files = {
        "Cargo.toml": '[package]\nname = "shop"\n',
        "src/lib.rs": f"{said}pub mod till;\nmod ping;\npub(crate) mod core;\n",
        "src/till/mod.rs": f"{said}pub mod coins;\n",
        "src/till/coins.rs": f"{said}pub struct Coin;\n",
        "src/ping.rs": f"{said}pub mod pong;\n",
        "src/ping/pong.rs": said,
        "src/core.rs": said,
    }
    found = {page.path for page in map_of(files).repository.documentation.pages}
    assert found == {"src/lib.rs", "src/till/mod.rs", "src/till/coins.rs"}


@pytest.mark.parametrize(
    "lines",
    [
        ("/* A Bison parser, made by GNU Bison 3.8.2.  */",),
        ('#line 2 "lexer.c"', "", '#line 4 "lexer.c"', "", "", "", "/* A lexical scanner generated by flex */"),
    ],
)
def test_what_parser_generators_write_is_no_source(lines: tuple[str, ...]) -> None:
    assert skip_by_text(lines) is Skip.GENERATED
    assert skip_by_text(("/* Scans what flex would. */", *lines[:3])) is (Skip.GENERATED if len(lines) == 1 else None)


def test_all_headers_in_one_file_are_no_source() -> None:
    licence = [f"// line {number} of a licence" for number in range(10)]
    assert skip_by_text((*licence, "//  This file is an amalgamation of multiple different files.")) is Skip.GENERATED
    assert skip_by_path("single_include/shop/shop.hpp", 10) is Skip.GENERATED
    assert skip_by_path("include/shop/shop.hpp", 10) is None


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("src/a.py", Role.SOURCE), ("tests/a.py", Role.TEST), ("pkg/test_a.py", Role.TEST), ("a_test.go", Role.TEST),
        ("docs/a.py", Role.DOC), ("README.md", Role.DOC), ("examples/a.py", Role.EXAMPLE), ("setup.py", Role.TOOLING),
        (".github/x.py", Role.TOOLING), ("pyproject.toml", Role.CONFIG), ("src/testing.py", Role.SOURCE),
        ("src/Shop.Tests/BasketTests.cs", Role.TEST), ("src/Shop.Tests.Slow/A.cs", Role.TEST),
        ("src/commonTest/kotlin/A.kt", Role.TEST), ("src/commonMain/kotlin/A.kt", Role.SOURCE),
        ("src/Shop.Testing/A.cs", Role.SOURCE), ("shop-test/src/A.kt", Role.SOURCE),
    ],
)  # fmt: skip
def test_roles(path: str, role: Role) -> None:
    assert role_of(path, language_of(path)) is role


def links_of(repo_map: RepositoryMap) -> set[tuple[str, str, str]]:
    return {
        (link.source.partition("::")[2], link.kind.name, link.target)
        for link in repo_map.links.all
        if "::" in link.source
    }


CORE = """__all__ = ["Engine"]

class Base:
    def start(self): ...

class Engine(Base):
    def run(self) -> 'Result':
        self.start()
        super().start()
        return Result()

class Result:
    def show(self): ...
"""
USER = """import pkg
from pkg import Engine
from . import _core as core

class User:
    def __init__(self, engine: Engine):
        self.engine = engine

    def go(self):
        result = self.engine.run()
        result.show()
        core.Result()
        pkg.Engine()
        unknown()
"""


def test_calls_resolve_through_imports_bases_attributes_and_annotations(map_of: MapOf) -> None:
    repo_map = map_of({"pkg/__init__.py": "from ._core import *\n", "pkg/_core.py": CORE, "pkg/user.py": USER})
    found = links_of(repo_map)
    assert ("Engine.run", "CALLS", "pkg/_core.py::Base.start") in found
    assert ("Engine.run", "CREATES", "pkg/_core.py::Result") in found
    assert ("Engine", "INHERITS", "pkg/_core.py::Base") in found
    assert ("User.go", "CALLS", "pkg/_core.py::Engine.run") in found
    assert ("User.go", "CALLS", "pkg/_core.py::Result.show") in found
    assert ("User.go", "CREATES", "pkg/_core.py::Engine") in found
    assert not any("unknown" in target for _, _, target in found)


def test_circles_of_names_end(map_of: MapOf) -> None:
    map_of(
        {
            "a/__init__.py": "from a.b import *\nfrom a import b\n",
            "a/b.py": "from a import *\nfrom a.b import x\n\nclass A(A): ...\nclass B(C): ...\nclass C(B):\n"
            "    def f(self):\n        p = q.f()\n        q = p.g()\n        p.h()\n        self.x.y()\n",
        }
    )


def test_links_carry_the_line_that_proves_them(map_of: MapOf) -> None:
    repo_map = map_of({"m.py": "def a():\n    return 1\n\n\ndef b():\n    return a()\n"})
    link = next(item for item in repo_map.links.all if item.kind is LinkKind.CALLS)
    assert link.span.label == "m.py#L6"


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("lua", "function go()\n  return 1\nend\n", [("go", 1, 3)]),
        ("makefile", "build: deps\n\tgo\n", [("build", 1, 2)]),
        ("markdown", "# A\n\n```\n# not\n```\n", [("A", 1, 5)]),
    ],
)
def test_languages_without_a_grammar(language: str, text: str, expected: list[tuple[str, int, int]]) -> None:
    module = generic.parse_module("f", language, Role.SOURCE, tuple(text.rstrip("\n").split("\n")))
    assert [(symbol.name, symbol.span.start, symbol.span.end) for symbol in module.symbols] == expected


def test_relative_imports_of_other_languages_link_files(map_of: MapOf) -> None:
    repo_map = map_of({"src/index.ts": "import { a } from './lib/a'\n", "src/lib/a.ts": "export const a = 1\n"})
    assert [(link.source, link.target) for link in repo_map.links.all] == [("src/index.ts", "src/lib/a.ts")]


def named_in(repo_map: RepositoryMap, kind: LinkKind) -> set[tuple[str, str]]:
    found = (link for link in repo_map.links.all if link.kind is kind)
    return {(link.source.partition("::")[2], link.target.partition("::")[2]) for link in found}


def calls_of(repo_map: RepositoryMap) -> set[tuple[str, str]]:
    return named_in(repo_map, LinkKind.CALLS)


def test_a_signature_names_the_types_that_it_takes_and_returns(map_of: MapOf) -> None:
    files = {
        "src/lib.rs": "pub struct Chain;\n\npub struct Failure;\n",
        "src/chain.rs": "pub(crate) struct Chain;\n",
        "src/failure.rs": "impl Failure {\n    pub fn chain(&self, other: Failure) -> Option<Chain> {\n    }\n}\n",
    }
    repo_map = map_of(files)
    assert named_in(repo_map, LinkKind.TYPED) == {("Failure.chain", "Chain")}
    assert [link.target for link in repo_map.links.all] == ["src/lib.rs::Chain"]  # of two, the public one


def test_a_method_is_found_through_the_receiver_in_go(map_of: MapOf) -> None:
    text = (
        "package m\n\ntype Router struct{}\n\nfunc (r *Router) New() int {\n\treturn 1\n}\n\n"
        "func (r *Router) Use(q Other) {\n\tr.New()\n\tq.New()\n}\n"
    )
    assert calls_of(map_of({"m.go": text})) == {("Router.Use", "Router.New")}


def test_a_bare_call_in_java_is_the_types_own_method(map_of: MapOf) -> None:
    text = "public class A {\n  public int a() {\n    return b();\n  }\n\n  private int b() {\n    return 1;\n  }\n}\n"
    assert ("A.a", "A.b") in calls_of(map_of({"A.java": text}))


def test_a_method_that_is_unique_here_is_not_taken_for_a_librarys(map_of: MapOf) -> None:
    text = (
        "pub struct Stack {}\n\nimpl Stack {\n    pub fn pop(&self) -> i32 {\n        1\n    }\n}\n\n"
        "pub fn last(list: Vec<i32>) -> i32 {\n    list.pop()\n}\n\n"
        "pub fn own(stack: Stack) -> i32 {\n    stack.pop()\n}\n"
    )
    assert calls_of(map_of({"src/lib.rs": text})) == {("own", "Stack.pop")}


def test_processes_do_not_change_the_result(map_of: MapOf, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = map_of({f"m{n}.py": f"def f{n}():\n    return {n}\n" for n in range(5)}).snapshot
    monkeypatch.setattr("analyzer.code.repository.PARALLEL_FROM_LINES", 0)
    monkeypatch.setattr("analyzer.code.repository.CHUNK_LINES", 3)
    assert parse_repository(snapshot, processes=2) == parse_repository(snapshot, processes=1)


HEADER = """#pragma once
namespace shop {
/// Keeps what is bought.
class SHOP_API basket final : public container {
 public:
  int total() const;
};
}
"""


def test_a_header_that_only_cpp_can_read_is_read_as_cpp(map_of: MapOf) -> None:
    members = '#include "basket.h"\nint shop::basket::total() const { return 3; }\n'
    modules = map_of({"include/basket.h": HEADER, "src/basket.cpp": members}).links.modules
    header, source = modules["include/basket.h"], modules["src/basket.cpp"]
    assert [(symbol.name, symbol.kind, symbol.bases) for symbol in header.symbols if not symbol.parent] == [
        ("basket", Kind.CLASS, ("container",))
    ]
    assert [(symbol.qualname, symbol.kind) for symbol in source.symbols] == [("basket.total", Kind.METHOD)]


def test_a_header_of_c_stays_one() -> None:
    lines = ("/* A class of its own: private: no. */", "#ifdef __cplusplus", 'extern "C" {', "#endif", "int f(void);")
    assert language_of_text("f.h", lines) == "c"
