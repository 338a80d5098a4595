"""What is taught and in which order: decided from documentation, public names, examples and tests."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from analyzer.concepts.candidates import Candidate, candidates_of
from analyzer.concepts.clusters import Cluster
from analyzer.concepts.evidence import Evidence
from analyzer.concepts.kind import ProjectKind
from analyzer.concepts.model import Ground
from analyzer.concepts.terms import head_terms, subject_of_name, terms_of, words_of
from analyzer.concepts.wording import in_words, plain_name, share_of_title
from analyzer.documentation.model import Section
from analyzer.static.failures import raises_of
from analyzer.static.repository_map import RepositoryMap
from tests.unit.analyzer.repositories import SHOP, Files

MapOf = Callable[[Files], RepositoryMap]
FRONT = 'from shop.basket import Basket\nfrom shop.payment import Payment\n\n__all__ = ["Basket", "Payment"]\n'
CLASS = '"""{what}."""\n\n\nclass {name}:\n    """{what} of the shop."""\n\n' + "".join(
    f'    def step_{number}(self, value: int) -> int:\n        """Do step {number}."""\n        return value + 1\n\n'
    for number in range(12)
)
SECTION = Section(path="docs/a.md", title="A", level=1, start=1, end=2)
LIBRARY = {
    "pyproject.toml": '[project]\nname = "shop"\n[build-system]\n',
    "mkdocs.yml": "nav:\n  - quickstart.md\n  - payments.md\n  - baskets.md\n  - changelog.md\n",
    "docs/quickstart.md": "# Quickstart\n\nBuy an apple in two lines.\n\n```python\nBasket().step_1(2)\n```\n",
    "docs/payments.md": "# Payments\n\nA payment settles a basket.\n\n```python\nPayment().step_2(1)\n```\n",
    "docs/baskets.md": "# Baskets\n\nA basket keeps what a customer wants.\n\n```python\nBasket().step_3(1)\n```\n",
    "docs/changelog.md": "# Changelog\n\nEverything is new.\n",
    "src/shop/__init__.py": FRONT,
    "src/shop/basket.py": CLASS.format(name="Basket", what="A basket"),
    "src/shop/payment.py": CLASS.format(name="Payment", what="A payment"),
    "src/shop/utils.py": CLASS.format(name="Helper", what="Many helpers"),
    "src/shop/_unicode_tables.py": CLASS.format(name="Tables", what="Tables of widths"),
    "tests/test_shop.py": "from shop import Basket\n\n\ndef test_it():\n    assert Basket().step_1(1) == 2\n",
}  # fmt: skip
UNDOCUMENTED = {path: text for path, text in LIBRARY.items() if not path.startswith(("docs", "mkdocs"))}


def titles(repo_map: RepositoryMap) -> list[str]:
    return [concept.title for concept in repo_map.concepts]


def test_chapters_follow_the_documentation_in_its_order(map_of: MapOf) -> None:
    repo_map = map_of(LIBRARY)
    assert repo_map.kind is ProjectKind.LIBRARY
    assert titles(repo_map)[:3] == ["Quickstart: Basket", "Payments", "Baskets"]
    assert repo_map.concepts[0].is_start


def test_a_concept_has_its_sections_symbols_files_and_reasons(map_of: MapOf) -> None:
    payments = map_of(LIBRARY).concepts[1]
    assert [section.path for section in payments.sections] == ["docs/payments.md"]
    assert payments.symbols == ("src/shop/payment.py::Payment",)
    assert payments.paths == ("src/shop/payment.py", "docs/payments.md")
    assert {reason.ground for reason in payments.reasons} >= {Ground.PAGE, Ground.INTERFACE}
    assert payments.reasons[0].span.path == "docs/payments.md"


def test_trivia_is_never_a_subject(map_of: MapOf) -> None:
    taught = " ".join(titles(map_of(LIBRARY)))
    assert not any(word in taught for word in ("Helper", "Tables", "Utils", "Changelog"))


def test_without_documentation_public_types_are_taught(map_of: MapOf) -> None:
    repo_map = map_of(UNDOCUMENTED)
    assert set(titles(repo_map)) >= {"Basket", "Payment"}
    assert all(concept.main is None for concept in repo_map.concepts)


def test_what_is_run_is_taught_along_its_walks_and_folders(map_of: MapOf) -> None:
    body = (
        '"""{0} does its part."""\n\n\ndef main_{0}(x):\n    """Run {0}."""\n' + "    x += 1\n" * 70 + "    return x\n"
    )
    repo_map = map_of(
        {
            "README.md": "# Plant\n\nIt runs the plant.\n\n## Start it\n\n```sh\nmake up\n```\n",
            "ARCHITECTURE.md": "# Architecture\n\n## An order\n\nAn order goes through the whole plant, from "
            "`intake/__init__.py` on, until it is delivered to whoever wants it.\n",
            "intake/__init__.py": body.format("intake"),
            "press/__init__.py": body.format("press"),
            "outlet/__init__.py": body.format("outlet"),
        }
    )  # fmt: skip
    assert repo_map.kind is ProjectKind.APPLICATION
    assert titles(repo_map)[0].startswith(("First steps", "Start it"))
    assert "An order" in titles(repo_map)
    assert {"Intake", "Press", "Outlet"} <= set(titles(repo_map))
    order = next(concept for concept in repo_map.concepts if concept.title == "An order")
    assert "intake/__init__.py" in order.paths


def test_every_definition_belongs_to_one_chapter_at_most(map_of: MapOf) -> None:
    repo_map = map_of(LIBRARY)
    assert repo_map.owner["src/shop/payment.py::Payment"] == 1
    assert repo_map.owner["src/shop/payment.py::Payment.step_2"] == 1


def test_a_library_and_a_program_are_told_apart(map_of: MapOf) -> None:
    assert map_of(SHOP).kind is ProjectKind.LIBRARY


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"main.go": "package main\n\nfunc main() {\n}\n", "go.mod": "module x\n"}, ProjectKind.APPLICATION),
        ({"mux.go": "package mux\n\nfunc New() {\n}\n", "go.mod": "module x\n"}, ProjectKind.LIBRARY),
        ({"src/lib.rs": "pub fn a() {}\n"}, ProjectKind.LIBRARY),
        ({"src/main.rs": "fn main() {}\n"}, ProjectKind.APPLICATION),
        ({"package.json": '{"main": "a.js"}', "a.js": "exports.a = function () {}\n"}, ProjectKind.LIBRARY),
        ({"package.json": '{"private": true}', "a.js": "function a() {}\n"}, ProjectKind.APPLICATION),
        ({"package.json": "{", "a.js": "function a() {}\n"}, ProjectKind.APPLICATION),
        ({"deploy.sh": "go() {\n  echo\n}\n"}, ProjectKind.APPLICATION),
    ],
)
def test_kinds(map_of: MapOf, files: Files, kind: ProjectKind) -> None:
    assert map_of(files).kind is kind


def test_a_thousand_files_of_one_concept_stay_bounded(map_of: MapOf) -> None:
    files = {f"pkg/thing_{number}.py": f"class Thing{number}:\n    pass\n" for number in range(300)}
    assert all(len(concept.paths) <= 40 for concept in map_of(files).concepts)


def test_terms() -> None:
    assert terms_of("Rendering Templates") == terms_of("render_template")
    assert terms_of("The Request Object") == ("request",)
    assert words_of("HTTPTransport URLs") == ("HTTP", "Transport", "URLs")
    assert head_terms("Modular Parts with Blueprints")[0] != "blueprint"
    assert head_terms("Template Rendering") == ("templat",)
    assert head_terms("Available middleware shipped with Rack")[0] == "middlewar"
    assert subject_of_name("JsonParseException") == subject_of_name("HTTPError") == "error"
    assert subject_of_name("TypeAdapterFactory") == subject_of_name("Adapter")
    assert subject_of_name("daily_file_sink_mt") == subject_of_name("sink_t") == "sink"


def test_an_exported_macro_is_handed_out_from_any_file(map_of: MapOf) -> None:
    macro = "/// Leaves.\n#[macro_export]\nmacro_rules! leave { () => { return }; }\n"
    files = {"Cargo.toml": '[package]\nname = "till"\n', "src/lib.rs": "mod macros;\npub mod till;\n"}
    files |= {"src/till.rs": "pub struct Till;\n", "src/macros.rs": macro + "pub struct Kept;\n"}
    assert sorted(map_of(files).evidence.by_name) == ["Till", "leave"]


def test_names_that_an_example_defines_are_its_own(map_of: MapOf) -> None:
    """A type of the same name elsewhere in the project is not what the example is about."""
    example = "# Bags\n\nWrite a bag of your own:\n\n```python\nclass Bag:\n    step = 1\n\nBag().step\n```\n"
    files = {**LIBRARY, "docs/bags.md": example, "src/shop/bag.py": CLASS.format(name="Bag", what="A bag")}
    evidence = map_of(files).evidence
    assert "Bag" not in evidence.mentioned_in
    assert "Basket" in evidence.mentioned_in


def test_a_function_belongs_to_what_its_documentation_says_it_does(map_of: MapOf) -> None:
    functions = "".join(
        f'def {name}(value: int) -> str:\n    """{does} a value."""\n    return str(value)\n\n\n'
        for name, does in (("to_text", "Serialize"), ("to_bytes", "Serialize"), ("from_text", "Parse"))
    )
    pages = {
        "docs/serializing.md": "# Serialization\n\nValues become text, or bytes.\n\n```python\nto_text(1)\n```\n",
        "docs/parsing.md": "# Parsing\n\nText becomes a value again.\n\n```python\nfrom_text('1')\n```\n",
    }
    front = "from codec.core import from_text, to_bytes, to_text\n\n__all__ = ['from_text', 'to_bytes', 'to_text']\n"
    project = {"pyproject.toml": '[project]\nname = "codec"\n[build-system]\n', "codec/__init__.py": front}
    concepts = map_of({**project, "codec/core.py": functions, **pages}).concepts
    found = {concept.title: concept.symbols for concept in concepts}
    assert {"codec/core.py::to_text", "codec/core.py::to_bytes"} <= set(found["Serialization"])
    assert "codec/core.py::from_text" in found["Parsing"]
    assert not {"To_text", "To_bytes", "From_text", "to_bytes"} & set(found)


def test_what_newcomers_always_ask_weighs_more_than_another_subject_with_the_same_evidence() -> None:
    def weight(title: str) -> float:
        member = Candidate(
            title=title, term=terms_of(title)[0], ground=Ground.PAGE, weight=5.0, position=(1.0,), says=""
        )
        return Cluster(term=member.term, members=[replace(member, section=SECTION)]).weight

    assert weight("Testing") > weight("Weaving")


def test_what_the_authors_test_by_its_name_weighs_more() -> None:
    member = Candidate(title="Cookies", term="cooki", ground=Ground.PAGE, weight=5.0, position=(1.0,), says="")
    untested, tested = (Cluster(term="cooki", in_tests=count, members=[member]).weight for count in (0, 2))
    assert untested < tested


def test_a_heading_counts_less_when_neither_it_nor_the_code_names_the_other(map_of: MapOf) -> None:
    said = "\n\nEverything about that is told here, at some length, for whoever wants to know it.\n\n"
    about = {"Baskets": "", "For enterprises": "", "Nesting": "```python\nBasket()\n```\n\n"}
    readme = "# Shop\n\nSells.\n\n" + "".join(f"## {title}{said}{code}" for title, code in about.items())
    repo_map = map_of({**UNDOCUMENTED, "README.md": readme})
    evidence = Evidence.of(repo_map.links)
    found = candidates_of(evidence, {}, "shop", is_application=False)
    weights = {candidate.title: candidate.weight for candidate in found if candidate.section is not None}
    assert weights["For enterprises"] < 0.5 * weights["Baskets"]
    assert weights["For enterprises"] < 0.5 * weights["Nesting"]


def test_levels_of_headings_count_by_their_order(map_of: MapOf) -> None:
    part = "#### {0}\n\nSaid about it.\n\n```python\nBasket().step_1(2)\n```\n\n"
    names = ("Rotating baskets", "Daily payments", "Asynchronous orders")
    readme = "# Shop\n\nSells.\n\n## Samples\n\n" + "".join(part.format(name) for name in names)
    assert set(names) & set(titles(map_of({**UNDOCUMENTED, "README.md": readme})))


def test_names_to_set_are_no_subjects(map_of: MapOf) -> None:
    code = "```python\nBasket().step_1(2)\n```"
    part = f"### `{{0}}`\n\nHow much a `Basket` may hold until all lies on the floor.\n\n{code}\n\n"
    names = ("SHOP_HELPER_LIMIT", "many_tables", "many_steps")
    said = "What a `Basket` of the shop reads from where it runs, one by one and in any order."
    readme = f"# Shop\n\nSells.\n\n## Configuration\n\n{said}\n\n"
    listed = titles(map_of({**UNDOCUMENTED, "README.md": readme + "".join(part.format(name) for name in names)}))
    assert "Configuration" in listed
    assert not {"SHOP_HELPER_LIMIT", "Many_tables", "Many_steps"} & set(listed)


def test_a_page_on_using_the_project_keeps_its_title(map_of: MapOf) -> None:
    page = "# Using Shop\n\nPay in two lines.\n\n```python\nPayment().step_1(2)\n```\n"
    assert titles(map_of({**UNDOCUMENTED, "docs/01-usage.md": page}))[0] == "Using Shop"


def test_a_subject_without_a_heading_has_the_section_that_shows_its_types_together(map_of: MapOf) -> None:
    code = "class Sampler:\n    pass\n\n\n" + "".join(
        f'class {name}(Sampler):\n    """Keeps some of many."""\n\n    def keep(self):\n        return 1\n\n\n'
        for name in ("BasicSampler", "BurstSampler", "LevelSampler")
    )
    shown = "## Tips\n\nNot all is wanted.\n\n```python\nLevelSampler(BurstSampler(), BasicSampler())\n```\n"
    files = {
        **LIBRARY,
        "README.md": f"# Shop\n\nSells.\n\n{shown}\n## Notes\n\nSo.\n\n```python\nBasicSampler()\n```\n",
        "src/shop/sampling.py": code,
        "src/shop/__init__.py": "from shop.sampling import BasicSampler, BurstSampler, LevelSampler, Sampler\n",
    }
    (sampler,) = [c for c in map_of(files).concepts if c.title == "Sampler"]
    assert [section.title for section in sampler.sections] == ["Tips"]


def test_what_the_first_steps_are_taken_with_comes_next(map_of: MapOf) -> None:
    files = {path: text for path, text in LIBRARY.items() if path != "docs/payments.md"}
    start = "# Quickstart\n\nPay in two lines.\n\n```python\nPayment().step_1(2)\n```\n"
    assert titles(map_of({**files, "docs/quickstart.md": start}))[:3] == ["Quickstart", "Payment", "Baskets"]


def test_the_first_example_of_the_first_steps_is_in_the_first_chapter_whatever_begins_with_it(map_of: MapOf) -> None:
    parts = "".join(
        f"## {title}\n\nOne makes one with a call of a single line, as here.\n\n```python\n{name}().step_2(1)\n```\n\n"
        for title, name in (("Baskets", "Basket"), ("Payments", "Payment"))
    )
    files = {path: text for path, text in LIBRARY.items() if path not in {"docs/payments.md", "docs/baskets.md"}}
    first, *others = map_of({**files, "docs/quickstart.md": f"# Quickstart\n\nTwo steps.\n\n{parts}"}).concepts
    assert {concept.title for concept in others} >= {"Baskets", "Payments"}
    assert [section.title for section in first.sections] == ["Quickstart", "Baskets"]


@pytest.mark.parametrize(
    ("learn", "start"),
    [("Basket().step_1(2)\n", "docs/first-steps.md"), ("import shop\n\nshop.Basket()\n", "docs/learn.md")],
    ids=["says how to read on", "shows a use"],
)
def test_first_steps_are_steps(map_of: MapOf, learn: str, start: str) -> None:
    files = {path: text for path, text in LIBRARY.items() if path not in {"docs/quickstart.md", "mkdocs.yml"}}
    pages = {
        "mkdocs.yml": "nav:\n  - learn.md\n  - first-steps.md\n  - payments.md\n  - baskets.md\n",
        "docs/learn.md": f"# Learn\n\nRead on from here to the end.\n\n```python\n{learn}```\n",
        "docs/first-steps.md": "# First steps\n\nBuy an apple.\n\n```python\nBasket().step_1(2)\n```\n",
    }
    assert map_of({**files, **pages}).concepts[0].sections[0].path == start


@pytest.mark.parametrize(
    ("overview", "readme", "start"),
    [
        ("Overview", "## Features\n\n- fast\n\n### Shop in a minute\n\n", "README.md"),
        ("Overview", "## Changelog\n\n- fast\n\n### Shop in a minute\n\n", "docs/payments.md"),
        ("Quick start", "## Features\n\n- fast\n\n### Shop in a minute\n\n", "docs/payments.md"),
    ],
)  # fmt: skip
def test_what_lies_below_the_features_may_be_the_first_use_and_an_overview_of_a_part_is_not(
    map_of: MapOf, overview: str, readme: str, start: str
) -> None:
    code = "```python\nfrom shop import Basket\n\nBasket().step_1(2)\n```\n"
    files = {path: text for path, text in LIBRARY.items() if path != "docs/quickstart.md"}
    page = f"# Payments\n\nA payment settles a basket.\n\n## {overview}\n\nOne pays at once.\n\n{code}"
    first = map_of({**files, "docs/payments.md": page, "README.md": f"# Shop\n\nSells.\n\n{readme}{code}"}).concepts[0]
    assert first.sections[0].path == start


@pytest.mark.parametrize(
    ("name", "plain"),
    [("ILogSink", "LogSink"), ("AbstractRenderer", "Renderer"), ("RouteInterface", "Route"), ("Index", "Index"),
     ("Base", "Base"), ("IO", "IO"), ("Database", "Database")],
)  # fmt: skip
def test_a_type_is_called_by_what_it_is(name: str, plain: str) -> None:
    assert plain_name(name) == plain


@pytest.mark.parametrize(
    ("name", "words"),
    [("ErrorRenderer", "Error renderers"), ("JSONProxy", "JSON proxies"), ("LogSwitch", "Log switches")],
)
def test_many_types_of_one_name_in_words(name: str, words: str) -> None:
    assert in_words(name) == words


def test_a_page_that_says_what_one_does_is_a_subject_of_its_own(map_of: MapOf) -> None:
    page = (
        "# {0}\n\nThis tells how that is done with a basket, and what comes out in the end.\n\n"
        "```python\nBasket().step_1(2)\n```\n"
    )
    pages = {f"docs/{name.lower()}.md": page.format(f"{name} Baskets") for name in ("Nesting", "Joining")}
    names = titles(map_of({**LIBRARY, **pages}))
    assert {"Nesting Baskets", "Joining Baskets", "Baskets"} <= set(names)


def test_a_compound_and_the_same_written_as_one_word_are_one_subject(map_of: MapOf) -> None:
    page = "# Websockets\n\nA socket stays open for as long as both sides want.\n\n```python\nWebSocket()\n```\n"
    front = FRONT.replace("__all__ = [", 'from shop.socket import WebSocket\n\n__all__ = ["WebSocket", ')
    files = {
        **LIBRARY,
        "src/shop/__init__.py": front,
        "docs/sockets.md": page,
        "src/shop/socket.py": CLASS.format(name="WebSocket", what="A socket"),
    }
    assert [title for title in titles(map_of(files)) if "ocket" in title] == ["Websockets"]


MANUAL = """# Keep

Keeps settings.

## Installing

### Package manager

```go
keep.Version()
```

## Example

```go
import "example.org/keep"

k := keep.Open("a")
```

## Putting values in

### Locking keys

What a key is that nobody may change, and what it stays until somebody may.

```go
keep.LockKey("a", 1)
```

### Reading files

A file holds settings, and is read again when it changes on the disk.

```go
keep.AddPath("/etc")
```

## Getting values out

### Matching names

Names match whole or by a pattern, as one says when one asks for them.

```go
keep.Get("a*")
```
"""


def keep(*names: str) -> str:
    body = "\n".join(f"\tvalue += {number}" for number in range(30))
    return "package keep\n" + "".join(
        f"\n// {name} does it.\nfunc {name}(value int) int {{\n{body}\n\treturn value\n}}\n" for name in names
    )


def test_a_readme_that_is_the_manual_is_taught_by_its_parts(map_of: MapOf) -> None:
    code = keep("Version", "Open", "LockKey", "AddPath", "Get", "GetInt", "GetString", "Match", "Watch")
    repo_map = map_of({"go.mod": "module example.org/keep\n", "README.md": MANUAL, "keep.go": code})
    assert titles(repo_map)[:4] == ["Example: Open", "Locking keys", "Reading files", "Matching names"]
    defaults, files = repo_map.concepts[1:3]
    assert defaults.symbols[0] == "keep.go::LockKey"
    assert files.symbols[0] == "keep.go::AddPath"


def test_an_option_that_a_manual_explains_at_length_is_a_subject_however_deep(map_of: MapOf) -> None:
    explained = "What hooks do is told here in many words, since there is much to say of each of them. " * 10
    deep = f"\n### get(options)\n\n#### options\n\n##### hooks\n\n{explained}\n\n```go\nkeep.Watch(1)\n```\n"
    short = "\n##### timeout\n\nHow long it waits before it gives up on what was asked for.\n"
    code = keep("Version", "Open", "LockKey", "AddPath", "Get", "GetInt", "GetString", "Match", "Watch")
    found = titles(map_of({"go.mod": "module example.org/keep\n", "README.md": MANUAL + deep + short, "keep.go": code}))
    assert "Hooks" in found
    assert "Timeout" not in found


def test_a_name_that_is_a_part_of_what_the_documentation_explains_is_no_subject(map_of: MapOf) -> None:
    files = LIBRARY | {
        "src/shop/__init__.py": FRONT.replace('"Basket"', '"BasketTree", "Basket"') + "from .tree import BasketTree\n",
        "src/shop/tree.py": CLASS.format(name="BasketTree", what="A tree of baskets"),
    }
    repo_map = map_of(files)
    assert "BasketTree" not in titles(repo_map)
    (baskets,) = (concept for concept in repo_map.concepts if concept.title == "Baskets")
    assert "src/shop/tree.py::BasketTree" in baskets.symbols


def test_one_begins_with_an_example_that_imports_the_project(map_of: MapOf) -> None:
    install = "## Installing\n\n### By hand\n\n```js\nimport {Basket} from 'fruits';\n```\n\n"
    example = "## Example\n\n```js\nimport fruits from 'fruits';\nfruits.buy('apple');\n```\n"
    repo_map = map_of(
        {
            "package.json": '{"name": "fruits", "main": "index.js"}',
            "README.md": f"# Fruits\n\nSells fruit.\n\n{install}{example}",
            "index.js": "export class Basket {\n" + "  add() { return 1; }\n" * 40 + "}\nexport default {};\n",
        }
    )
    assert titles(repo_map)[0] == "Example: fruits"


def test_what_is_about_another_kind_of_the_same_word_counts_little() -> None:
    """Where "Static files" is the title, "Uploading files" says little for it."""

    def piece(title: str, weight: float) -> Candidate:
        return Candidate(title=title, term="file", ground=Ground.PAGE, weight=weight, position=(1.0,), says="")

    def weight(*titles: str) -> float:
        return Cluster(term="file", members=[piece("Static files", 4.0), *(piece(t, 2.0) for t in titles)]).weight

    assert weight() < weight("Uploading files") < weight("Static files of a folder")


@pytest.mark.parametrize(
    ("heading", "library", "application"),
    [
        ("Routing", 1.0, 1.0),
        ("Deploying to clouds", 0.5, 1.0),
        ("Tips and tricks", 0.5, 0.5),
        ("Next steps", 0.5, 0.5),
        ("Why is it slow?", 0.6, 0.6),
        ("`.parse_args`", 0.5, 0.5),
        ("add(number)", 0.5, 0.5),
    ],
)
def test_the_wording_of_a_heading_counts(heading: str, library: float, application: float) -> None:
    assert share_of_title(heading, is_application=False) == pytest.approx(library)
    assert share_of_title(heading, is_application=True) == pytest.approx(application)


def test_namespaces_that_ruby_opens_everywhere_are_no_subjects(map_of: MapOf) -> None:
    files = {
        f"lib/plant/{name.lower()}.rb": f"module Plant\n  # Makes a {name.lower()}.\n  class {name}\n    def run\n"
        "      1\n    end\n  end\nend\n"
        for name in ("Press", "Outlet", "Intake")
    }
    taught = titles(map_of({**files, "README.md": "# Machine\n\nIt presses.\n"}))
    assert {"Press", "Outlet", "Intake"} <= set(taught)
    assert "Plant" not in taught


def test_a_small_part_in_another_language_hands_nothing_out(map_of: MapOf) -> None:
    body = "".join(f"    step_{number}()\n" for number in range(120))
    files = {
        "README.md": "# till\n\nRun `python -m till`. It calls `refund`, `charge`, `settle` and `cancel`.\n",
        "pyproject.toml": "[tool.ruff]\nline-length = 100\n",
        "till/__main__.py": f"def main():\n{body}\n\nmain()\n",
        "functions/package.json": '{"private": true}\n',
        "functions/jobs.ts": "".join(
            f"export const {name} = 1;\n" for name in ("refund", "charge", "settle", "cancel")
        ),
    }
    repo_map = map_of(files)
    assert repo_map.kind is ProjectKind.APPLICATION
    assert "refund" not in {symbol.name for symbol in repo_map.evidence.public.values()}


def test_what_pages_document_by_name_is_public_though_the_package_does_not_hand_it_out(map_of: MapOf) -> None:
    names = ["One", "Two", "Three", "Four", "Five"]
    front = "".join(f"from shop.core import {name}\n" for name in names)
    code = "".join(f"class {name}:\n    pass\n\n\n" for name in names)
    files = {
        "shop/__init__.py": front,
        "shop/core.py": code,
        "shop/errors.py": "class Torn(Exception):\n    pass\n\n\nclass Hidden(Exception):\n    pass\n",
        "shop/low.py": "def fill():\n    pass\n\n\ndef shake():\n    pass\n",
        "docs/api.rst": (
            "API\n===\n\nErrors\n------\n\n.. autoexception:: shop.errors.Torn\n\n"
            ".. currentmodule:: shop.low\n\n.. autofunction:: fill\n\n"
            ".. class:: Bag\n\n   .. method:: shake\n\n      Shakes it.\n"
        ),
    }
    assert sorted(map_of(files).evidence.by_name) == sorted([*names, "Torn", "fill"])


def test_an_error_is_shown_with_where_it_is_raised(map_of: MapOf) -> None:
    files = {
        "shop/__init__.py": "from shop.errors import Torn\nfrom shop.bag import fill\n",
        "shop/errors.py": 'class Torn(Exception):\n    """A bag is torn."""\n',
        "shop/bag.py": "from shop.errors import Torn\n\n\ndef fill(bag):\n    if bag.is_torn:\n        raise Torn\n",
    }
    repo_map = map_of(files)
    concept = next(concept for concept in repo_map.concepts if concept.term == "error")
    assert [(function.name, raised.condition) for function, raised in raises_of(repo_map, concept)] == [
        ("fill", "bag.is_torn")
    ]
