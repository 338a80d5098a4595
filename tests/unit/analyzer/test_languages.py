"""Every language gives the same facts: one small file each, with a type, its method, a function and what they use."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from analyzer.code import python
from analyzer.code.model import Kind, Module, Role, Symbol
from analyzer.code.roles import language_of
from analyzer.languages.extract import parse_module
from analyzer.languages.table import TABLES

SAMPLES = sorted(path for path in (Path(__file__).parent / "languages").iterdir() if path.is_file())
# What a language has no words for.
NO_TYPES = {"bash"}
NO_BASES = {"bash", "c", "rust"}
NO_ERRORS = {"bash", "c", "go", "rust"}
NO_METHODS = {"bash", "c"}
NO_PRIVATE = {"bash", "ruby"}
NO_PARAMETERS = {"bash"}


@dataclass(frozen=True)
class Sample:
    language: str
    module: Module

    def named(self, name: str) -> Symbol:
        found = [symbol for symbol in self.module.symbols if symbol.name.lower().lstrip("_") == name]
        assert len(found) == 1, [symbol.qualname for symbol in self.module.symbols]
        return found[0]


@pytest.fixture(params=SAMPLES, ids=lambda path: path.name)
def sample(request: pytest.FixtureRequest) -> Sample:
    path: Path = request.param
    lines = tuple(path.read_text().rstrip("\n").split("\n"))
    language = language_of(path.name)
    if language == "python":
        return Sample(language, python.parse_module(path.name, "shop.basket", Role.SOURCE, lines, python.parser()))
    return Sample(language, parse_module(path.name, language, Role.SOURCE, lines))


def test_every_table_has_a_sample() -> None:
    assert {language_of(path.name) for path in SAMPLES} == {*TABLES, "python"}


def test_every_suffix_of_a_table_is_known() -> None:
    assert all(language_of(f"a{suffix}") for table in TABLES.values() for suffix in table.suffixes)
    for table in TABLES.values():
        assert {language_of(f"a{suffix}") for suffix in table.suffixes} <= {table.name, "c"}


def test_the_sample_is_understood(sample: Sample) -> None:
    assert not sample.module.has_syntax_errors


def test_definitions_are_found_with_their_documentation(sample: Sample) -> None:
    wanted = {"add": "one piece in", "price": "one piece costs"}
    if sample.language not in NO_TYPES:
        wanted["basket"] = "basket of fruit"
    for name, words in wanted.items():
        doc = sample.named(name).doc
        assert doc is not None, name
        assert words in doc.text
        assert "<" not in doc.text
        assert "*" not in doc.text


def test_a_method_belongs_to_its_type(sample: Sample) -> None:
    add = sample.named("add")
    assert (add.kind, add.parent) == ((Kind.FUNCTION, "") if sample.language in NO_METHODS else (Kind.METHOD, "Basket"))


def test_calls_bases_errors_and_imports_are_found(sample: Sample) -> None:
    add = sample.named("add")
    assert "price" in {call.name.rpartition(".")[2].lower() for call in add.calls}
    assert "secret" in {call.name.rpartition(".")[2].lower().lstrip("_") for call in sample.named("price").calls}
    if sample.language not in NO_BASES:
        assert any("Container" in base for base in sample.named("basket").bases)
    if sample.language not in NO_ERRORS:
        assert [raised.name.startswith("UnknownFruit") for raised in add.raises] == [True]
    assert any("container" in item.module.lower() for item in sample.module.imports)


def test_what_is_public_is_what_the_language_says(sample: Sample) -> None:
    assert sample.named("price").is_public
    assert sample.named("add").is_public
    if sample.language not in NO_PRIVATE:
        assert not sample.named("secret").is_public


def test_a_signature_is_one_line_without_its_body(sample: Sample) -> None:
    signature = sample.named("add").signature
    assert "\n" not in signature
    assert "return" not in signature
    if sample.language not in NO_PARAMETERS:
        assert "name" in {parameter.name.lstrip("$") for parameter in sample.named("add").parameters}


def test_lines_are_those_of_the_definition(sample: Sample) -> None:
    lines = next(path for path in SAMPLES if path.name == sample.module.path).read_text().split("\n")
    for symbol in sample.module.symbols:
        head = "\n".join(lines[symbol.span.start - 1 : symbol.head_end])
        assert symbol.name in head or symbol.kind is Kind.FUNCTION
        assert symbol.span.end >= symbol.span.start


@pytest.mark.parametrize("language", sorted(TABLES))
@pytest.mark.parametrize("text", ["", "}", "\ufeff", "((((((((", "class", "def f(", "\x01\x02", "é" * 3000])
def test_whatever_it_is_it_gives_facts(language: str, text: str) -> None:
    module = parse_module("f", language, Role.SOURCE, tuple(text.split("\n")))
    assert module.line_count >= 1


@pytest.mark.parametrize("language", sorted(TABLES))
def test_deep_nesting_ends(language: str) -> None:
    depth = 3_000
    parse_module("f", language, Role.SOURCE, ("(" * depth + ")" * depth, "{" * depth + "}" * depth))


def test_what_stands_on_one_line_is_found_in_its_order() -> None:
    names = [f"step_{number}" for number in range(12)]
    refusals = "\n".join(f"    throw new Refused{number}();" for number in range(12))
    text = f"class Basket {{\n  void fill() {{\n    {' '.join(f'{name}();' for name in names)}\n{refusals}\n  }}\n}}\n"
    module = parse_module("Basket.java", "java", Role.SOURCE, tuple(text.split("\n")))
    (fill,) = [symbol for symbol in module.symbols if symbol.name == "fill"]
    assert [call.name for call in fill.calls if call.name in names] == names
    assert [raised.name for raised in fill.raises] == [f"Refused{number}" for number in range(12)]


def test_a_macro_of_rust_is_public_where_it_is_exported() -> None:
    text = """/// Leave with an error.
#[macro_export]
#[doc(alias = "leave")]
macro_rules! bail { ($text:literal) => { return Err($text) }; }
macro_rules! inner { () => {}; }
#[doc(hidden)]
pub mod __private { pub fn not() -> bool { true } }
"""
    module = parse_module("src/macros.rs", "rust", Role.SOURCE, tuple(text.split("\n")))
    assert [(symbol.name, symbol.is_public) for symbol in module.symbols] == [
        ("bail", True), ("inner", False), ("not", False),
    ]  # fmt: skip
    bail = module.symbols[0]
    assert bail.signature == "macro_rules! bail"
    assert bail.doc is not None
    assert bail.doc.text == "Leave with an error."


def test_what_implements_a_trait_of_rust_is_as_public_as_the_trait() -> None:
    text = "impl Iterator for Chain {\n    fn next(&mut self) {}\n}\nimpl Chain {\n    fn inner(&self) {}\n}\n"
    module = parse_module("src/chain.rs", "rust", Role.SOURCE, tuple(text.split("\n")))
    assert [(symbol.qualname, symbol.is_public) for symbol in module.symbols] == [
        ("Chain.next", True), ("Chain.inner", False),
    ]  # fmt: skip
