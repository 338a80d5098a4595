"""What chapters let the project say: how it opens, what goes wrong, how its steps and tests are called."""

from collections.abc import Callable

import pytest

from analyzer.code.model import Kind, Span, Symbol
from analyzer.documentation.model import BlockKind
from analyzer.static.calls import Step
from analyzer.static.catalogue import Words
from analyzer.static.diagrams import sequence
from analyzer.static.excerpts import example_language, first_example, sample
from analyzer.static.failures import failures, trouble_said
from analyzer.static.overview import first_words, quoted_lead
from analyzer.static.repository_map import RepositoryMap
from tests.unit.analyzer.repositories import Files

MapOf = Callable[[Files], RepositoryMap]
SHOP = {
    "pyproject.toml": '[project]\nname = "shop"\n[build-system]\n',
    "shop/__init__.py": 'class Basket:\n    """Holds fruit."""\n\n    def fill(self):\n        return 1\n',
}


@pytest.mark.parametrize("said", ["Shop sends baskets home to whoever pays.", "Shop is a library that sells baskets."])
def test_the_readme_opens_the_course_before_any_other_page(map_of: MapOf, said: str) -> None:
    files = {
        **SHOP,
        "README.md": f"# shop\n\nRead the note on versions first.\n\n{said}\n\n## Use\n\n```python\nBasket()\n```\n",
        "docs/extending.md": "# Extending shop\n\nShop provides many baskets, and you can write one yourself.\n",
    }
    lead = quoted_lead(map_of(files))
    assert lead is not None
    assert lead[0].startswith(f"> {said}")


@pytest.mark.parametrize(
    ("readme", "said"),
    [
        (
            "# shop\n\n[![ci](https://x/y.svg)](https://x)&nbsp; Very fast baskets for everybody.\n",
            "Very fast baskets for everybody.",
        ),
        ("# shop\n\n- holds fruit of any kind\n- never tears at all\n", "- holds fruit of any kind"),
        ("# shop\n\n## Install\n\n### By hand\n\nCopy the folder into your own.\n", "Shop is what sells"),
        (
            "# shop\n\nshop (Small Shop) is a library that sells:\n\n```python\nBasket()\n```\n",
            "shop (Small Shop) is a library that sells",
        ),
        ("# shop\n\nTo begin, shop is a word.\n\nShop sends baskets home.\n", "Shop sends baskets home."),
    ],
)
def test_what_the_project_is_is_said_first(map_of: MapOf, readme: str, said: str) -> None:
    files = {
        **SHOP,
        "README.md": f"{readme}\n## Use\n\nLike this:\n\n```python\nBasket().fill()\n```\n",
        "docs/about.md": "# About baskets\n\nShop is what sells and that provides a basket.\n",
    }
    lead = quoted_lead(map_of(files))
    assert lead is not None
    assert lead[0].startswith(f"> {said}"), lead[0]


@pytest.mark.parametrize(
    ("sentence", "is_trouble"),
    [
        ("The `Basket` class is there for catching errors and showing them in a nice way.", False),
        ("An error is shown when the basket is full of fruit already.", True),
        ("Filling a full basket raises whatever the store gave it to hold.", True),
        ("Baskets are made of willow and they hold whatever is put in.", False),
    ],
)
def test_a_name_of_an_error_alone_is_no_trouble(map_of: MapOf, sentence: str, *, is_trouble: bool) -> None:
    page = f"# Baskets\n\nA basket holds fruit.\n\n{sentence}\n\n```python\nBasket().fill()\n```\n"
    repo_map = map_of({**SHOP, "docs/baskets.md": page})
    said = [item.text for concept in repo_map.concepts for item in trouble_said(concept)]
    assert (sentence in said) is is_trouble


def test_a_test_that_is_called_by_a_sentence_is_quoted_as_it_is(map_of: MapOf) -> None:
    files = {
        "package.json": '{"name": "shop", "main": "basket.js"}',
        "basket.js": "/** Holds fruit. */\nexport class Basket {\n  fill() {\n    return 1\n  }\n}\n",
        "README.md": "# shop\n\nSells.\n\n## Baskets\n\nA `Basket` holds fruit.\n\n```js\nnew Basket().fill()\n```\n",
        "test/basket.test.js": (
            "import { Basket } from '../basket.js'\n\n"
            'it("doesn\'t fill a *torn* Basket", () => {\n  new Basket().fill()\n})\n'
        ),
    }
    repo_map = map_of(files)
    told = [line for concept in repo_map.concepts for line in failures(repo_map, concept, Words("en"))]
    assert any("doesn't fill a \\*torn\\* Basket" in line for line in told), told


def test_a_step_that_makes_a_type_is_no_call() -> None:
    span = Span(path="a.go", start=1, end=9)
    owner = Symbol(name="Open", qualname="Open", kind=Kind.FUNCTION, span=span, head_start=1, head_end=1)
    made = Symbol(
        name="Config",
        qualname="Config",
        kind=Kind.CLASS,
        span=Span(path="b.go", start=1, end=9),
        head_start=1,
        head_end=1,
    )
    steps = [Step(symbol=owner, caller=None, line=None), Step(symbol=made, caller=owner, line=span)]
    drawn = sequence(steps, "the example")
    assert ": Open()\n" in drawn
    assert ": Config\n" in drawn


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Usage: shop [OPTIONS] Basket", "text"),
        ("Options:\n  -b, --basket <Basket>  which one", "text"),
        ("$ shop Basket", "console"),
        ("Basket().fill()", "python"),
    ],
)
def test_what_a_program_says_of_itself_is_in_no_language(map_of: MapOf, text: str, language: str) -> None:
    repo_map = map_of({**SHOP, "docs/baskets.md": f"# Baskets\n\nThey hold fruit.\n\n```\n{text}\n```\n"})
    (block,) = [
        block
        for _, section in repo_map.repository.documentation.sections()
        for block in section.blocks
        if block.kind is BlockKind.CODE
    ]
    assert example_language(repo_map, block) == language


def opening_on_baskets(repo_map: RepositoryMap) -> str:
    """What the chapter shows first that has the page on baskets."""
    (concept,) = [concept for concept in repo_map.concepts if any(s.title == "Baskets" for s in concept.sections)]
    example = first_example(repo_map, concept)
    assert example is not None
    return example.text


def test_a_chapter_opens_with_a_use_and_not_with_a_definition_of_the_project(map_of: MapOf) -> None:
    own = "```python\nclass Basket:\n    def fill(self): ...\n```"
    signature = "```python\ndef fill(basket: Basket) -> int\n```"
    use = "```python\nbasket = Basket()\nbasket.fill()\n```"
    page = f"# Baskets\n\nA basket holds fruit.\n\n{own}\n\nThere is more.\n\n{signature}\n\nLike this:\n\n{use}\n"
    repo_map = map_of({**SHOP, "docs/baskets.md": page})
    assert opening_on_baskets(repo_map).startswith("basket = Basket()")


@pytest.mark.parametrize(
    ("first", "opening"),
    [
        ("shop.carry(2)\nshop.carry(3)", "shop.carry(2)"),
        ("carry(2)\ncarry(3)", "basket = Basket()"),
        ("type Basket = None\nshop.carry(3)", "basket = Basket()"),
        ("import shop", "shop.hold()"),
    ],
    ids=["of the project", "of something else", "a definition", "a single line"],
)
def test_a_chapter_opens_with_the_authors_own_first_example(map_of: MapOf, first: str, opening: str) -> None:
    use = "basket = Basket()\nbasket.fill()" if opening.startswith("basket") else "shop.hold()\nBasket()"
    page = f"# Baskets\n\nA basket holds fruit.\n\n```python\n{first}\n```\n\nOr so:\n\n```python\n{use}\n```\n"
    repo_map = map_of({**SHOP, "docs/baskets.md": page})
    assert repo_map.project == "shop"
    assert opening_on_baskets(repo_map).startswith(opening)


def test_the_first_chapter_is_told_by_what_the_project_says_of_itself(map_of: MapOf) -> None:
    use = "```python\nBasket().fill()\n```"
    readme = f"# shop\n\nShop sends baskets home.\n\n## Quick start\n\nOne only has to pay for it.\n\n{use}\n"
    repo_map = map_of({**SHOP, "README.md": readme})
    assert repo_map.concepts[0].is_start
    assert first_words(repo_map, repo_map.concepts[0]) == "Shop sends baskets home."


def test_a_test_of_a_use_is_shown_before_one_of_a_refusal_or_a_preparation(map_of: MapOf) -> None:
    tests = """\
import pytest
from shop import Basket


@pytest.fixture
def basket():
    basket = Basket()
    basket.fill()
    return basket


def test_a_basket_is_refused():
    basket = Basket()
    with pytest.raises(ValueError):
        basket.fill()


def test_a_basket_holds_what_is_put_into_it():
    basket = Basket()
    fruit = 1
    more = 2
    found = basket.fill()
    assert found == fruit
    assert found != more
"""
    repo_map = map_of({**SHOP, "tests/test_basket.py": tests})
    (concept,) = [concept for concept in repo_map.concepts if concept.title == "Basket"]
    shown = sample(repo_map, concept)
    assert shown is not None
    assert shown.text.startswith("def test_a_basket_holds")


@pytest.mark.parametrize(
    ("lines", "number", "said", "end"),
    [
        (["raise ValueError(", '    "too full",', ")"], 1, 'raise ValueError("too full")', 3),
        (["fill(", "    fruit, more,", "    last", ")"], 1, "fill(fruit, more, last)", 4),
        (["value = 1", "other = 2"], 1, "value = 1", 1),
        (["open(", *["    x,"] * 9, ")"], 1, "open(", 1),
    ],
    ids=["an error", "a call", "one line", "too many lines"],
)
def test_a_statement_is_told_as_far_as_it_goes(
    map_of: MapOf, lines: list[str], number: int, said: str, end: int
) -> None:
    repo_map = map_of({**SHOP, "shop/more.py": "\n".join(lines) + "\n"})
    told, span = repo_map.statement("shop/more.py", number)
    assert (told, span) == (said, Span(path="shop/more.py", start=number, end=end))


def test_an_example_that_can_be_read_is_shown_before_one_with_a_key_in_it(map_of: MapOf) -> None:
    key = f'key = "{"x" * 300}"\nBasket(key).fill()'
    use = "b = Basket()\nb.fill()"
    page = f"# Baskets\n\nA basket holds fruit.\n\n```python\n{key}\n```\n\nOr:\n\n```python\n{use}\n```\n"
    repo_map = map_of({**SHOP, "docs/baskets.md": page})
    assert opening_on_baskets(repo_map).startswith("b = Basket()")
