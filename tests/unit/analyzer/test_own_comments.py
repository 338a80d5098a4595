"""Examples in the documentation comments of definitions: read in every dialect, shown in the chapters about them."""

from collections.abc import Callable

import pytest

from analyzer.code.model import Role
from analyzer.languages.examples import as_markdown
from analyzer.languages.extract import parse_module
from analyzer.languages.table import TABLES
from analyzer.static.excerpts import sample
from analyzer.static.repository_map import RepositoryMap
from tests.unit.analyzer.repositories import Files

MapOf = Callable[[Files], RepositoryMap]

CODE = "    basket.add('apple')"
DIALECTS = {
    "java": ["Holds fruit. <p>", "<pre>{@code", "basket.add('apple')", "}</pre>", "@param name a fruit", "more on it"],
    "javascript": [
        "Holds fruit.",
        "@param name a fruit",
        "@example",
        "basket.add('apple')",
        "@returns nothing",
        "at all",
    ],
    "csharp": [
        "<summary>Holds fruit.</summary>",
        "<example>",
        "<code>",
        "basket.add('apple')",
        "</code>",
        "</example>",
    ],
    "cpp": ["Holds fruit.", "\\code{.cpp}", "basket.add('apple')", "\\endcode", "\\param name a fruit", "of any kind"],
    "scala": ["Holds fruit.", "{{{", "basket.add('apple')", "}}}", "@return nothing", "at all"],
    "ruby": [
        "Holds fruit.",
        "",
        "  basket.add('apple')",
        "  @basket = basket",
        "",
        "@param name a fruit",
        "  of any kind",
    ],
    "go": ["Holds fruit.", "", "\tbasket.add('apple')", "", "  - no example"],
}


@pytest.mark.parametrize("language", sorted(DIALECTS))
def test_every_dialect_becomes_markdown_of_the_same_lines(language: str) -> None:
    texts = DIALECTS[language]
    found = as_markdown(texts, TABLES[language])
    assert len(found) == len(texts)
    assert found[0].strip() == "Holds fruit."
    shown = found[texts.index(next(text for text in texts if "apple" in text))]
    assert shown.startswith("    ")
    assert shown.split() == CODE.split()
    said = [text for text in found[1:] if text.strip() and text != "<!-- -->" and "basket" not in text]
    assert said == (["  - no example"] if language == "go" else [])


def test_an_example_of_ruby_is_whole_whatever_its_lines_begin_with() -> None:
    texts = ["Adds.", "", "  def add(fruit)", "    @fruit = fruit", "", "  end"]
    assert as_markdown(texts, TABLES["ruby"]) == ["Adds.", "", *(f"    {text}" if text else "" for text in texts[2:])]


@pytest.mark.parametrize(
    ("above", "said"),
    [
        ("# Holds +fruit+, see {its page}[https://example.com/fruit].\n", "Holds `fruit`, see its page."),
        ("# Holds fruit.\n\n", "Holds fruit."),
        ("# Holds fruit.\n\n\n", None),
        ("# frozen_string_literal: true\n\n", None),
        ("# encoding: utf-8\n# frozen_string_literal: true\n", None),
    ],
)
def test_what_stands_above_a_type_of_ruby_documents_it(above: str, said: str | None) -> None:
    text = f"require 'set'\n\n{above}class Basket\n  def add(fruit)\n  end\nend\n"
    module = parse_module("basket.rb", "ruby", Role.SOURCE, tuple(text.split("\n")))
    (basket,) = [symbol for symbol in module.symbols if symbol.name == "Basket"]
    assert (basket.doc.text if basket.doc else None) == said


def test_an_example_that_has_a_fence_keeps_it() -> None:
    texts = ["Counts.", "@example", "```ts", "count()", "```", "@example", "again()", "@example", "and.again()"]
    assert as_markdown(texts, TABLES["typescript"]) == [
        "Counts.", "<!-- -->", "```ts", "count()", "```", "<!-- -->", "    again()", "<!-- -->", "    and.again()",
    ]  # fmt: skip


def test_lists_of_html_are_lists_however_deep_they_stand() -> None:
    assert as_markdown(["<ul>", "        <li>{@link #ripe} fruit", "</ul>"], TABLES["java"]) == [
        "",
        "- `ripe` fruit",
        "",
    ]


RUST = """/// Holds fruit.
///
/// Nothing is thrown away.
///
/// # Example
///
/// ```
/// # use shop::Basket;
/// let basket = Basket::new();
/// # basket.shake();
/// basket.add("apple");
/// ```
///
/// # Panics
///
/// When the basket has no bottom, it drops all of its fruit.
pub struct Basket;

impl Basket {
    /// Puts a fruit in.
    ///
    /// ```
    /// basket.add("pear");
    /// ```
    pub fn add(&self, fruit: &str) {}

    /// Takes all fruit out.
    pub fn clear(&self) {}
}
"""


def test_a_concept_has_what_the_comments_of_its_definitions_show(map_of: MapOf) -> None:
    repo_map = map_of(
        {"Cargo.toml": '[package]\nname = "shop"\n', "src/lib.rs": RUST, "src/other.rs": "pub struct Bag;\n"}
    )
    concept = next(concept for concept in repo_map.concepts if concept.title == "Basket")
    shown = {section.title: section for section in concept.sections if section.path == "src/lib.rs"}
    assert list(shown) == ["Basket", "Panics", "Basket.add"]
    assert [(block.kind.value, block.start, block.language) for block in shown["Basket"].blocks] == [
        ("prose", 1, ""), ("prose", 3, ""), ("code", 9, "rust"),
    ]  # fmt: skip
    assert repo_map.documents_own(shown["Basket"], concept)
    assert not repo_map.documents_own(shown["Basket.add"], concept)


def test_of_a_docstring_only_what_is_marked_as_an_example_is_one(map_of: MapOf) -> None:
    code = '''class Basket:
    """Holds fruit.

    :param size: how much
        it holds, in a paragraph of its own

    >>> Basket().add("apple")
    1
    """

    def add(self, fruit):
        """Put a fruit in.

        Args:
            fruit:
                its name

        ```python
        basket.add("pear")
        ```
        """
'''
    repo_map = map_of({"shop/__init__.py": "from shop.basket import Basket\n", "shop/basket.py": code})
    concept = next(concept for concept in repo_map.concepts if concept.title == "Basket")
    found = {section.title: [(b.kind.value, b.start, b.end) for b in section.blocks] for section in concept.sections}
    assert found == {"Basket": [("code", 7, 8)], "Basket.add": [("prose", 12, 12), ("code", 19, 19)]}


def test_what_go_shows_beside_its_tests_is_an_example_before_any_test(map_of: MapOf) -> None:
    code = (
        "package shop\n\n// Basket holds fruit.\ntype Basket struct{}\n\n"
        "// Add puts one in.\nfunc (b *Basket) Add() {\n\tprintln()\n}\n"
    )
    tests = (
        "package shop\n\nfunc TestAdd(t *testing.T) {\n\tvar basket Basket\n\tbasket.Add()\n\tcheck(t)\n}\n\n"
        "func ExampleBasket() {\n\tvar basket Basket\n\tbasket.Add()\n\tbasket.Add()\n\tbasket.Add()\n\t// Output:\n}\n"
    )
    repo_map = map_of({"go.mod": "module example.org/shop\n", "basket.go": code, "basket_test.go": tests})
    concept = next(concept for concept in repo_map.concepts if "Basket" in concept.title)
    found = sample(repo_map, concept)
    assert found is not None
    assert (found.role, found.span.start) == (Role.EXAMPLE, 9)
