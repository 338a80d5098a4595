"""Where a page stands and what it is there for: tables of contents, catalogues, formats and marks that few write."""

import json
from collections.abc import Mapping

import pytest

from analyzer.documentation.library import arrange, read_page
from analyzer.documentation.model import BlockKind, Page, PageRole
from analyzer.documentation.prose import markdown, quote_key
from analyzer.source.filters import licensed_apart

LONG = "It says a good deal about what it does. " * 30


def arranged(files: Mapping[str, str]) -> dict[str, Page]:
    texts = {path: tuple(text.split("\n")) for path, text in files.items()}
    pages = [read_page(path, lines) for path, lines in texts.items() if path.endswith((".md", ".rst", ".rdoc"))]
    return {page.path: page for page in arrange(pages, texts).pages}


@pytest.mark.parametrize(
    ("contents", "text"),
    [
        ("docs/README.md", "# Reference\n\n* [B](b.md#top)\n* [A](a.md)\n* [C](c.md)\n"),
        ("docs/_sidebar.md", "* Guides\n  * [B](b.md)\n  * [A](a.md)\n  * [C](c.md)\n"),
        ("site/sidebar.md", "* [B](/docs/b.md)\n* [A](/docs/a.md)\n* [C](/docs/c.md)\n"),
        (
            "docs/toc.yml",
            "- name: B\n  href: b.md\n- name: More\n  items:\n  - href: a.md\n  - href: c.md\n  - href: 3\n",
        ),
        ("docs/meta.json", json.dumps({"pages": ["---All---", "b", "a", "c", 3]})),
    ],
)
def test_what_lists_the_pages_of_a_folder_orders_them(contents: str, text: str) -> None:
    names = ("a", "b", "c")
    found = arranged({contents: text, **{f"docs/{name}.md": f"# {name.upper()}s\n\ntext\n" for name in names}})
    guides = [path for path, page in found.items() if path in {f"docs/{name}.md" for name in names} and page.is_placed]
    assert guides == ["docs/b.md", "docs/a.md", "docs/c.md"]


def test_a_catalogue_of_docc_orders_its_articles() -> None:
    topics = "# ``Shop``\n\nSells.\n\n## Topics\n\n### Essentials\n\n- <doc:Start>\n- ``Till``\n- <doc:Ending>\n"
    found = arranged(
        {
            "Sources/Shop.docc/Shop.md": topics,
            "Sources/Shop.docc/Articles/Ending.md": "# The end\n\ntext\n",
            "Sources/Shop.docc/Articles/Start.md": "# The start\n\ntext\n",
            "Sources/Shop.docc/Extensions/Till.md": "# ``Shop/Till``\n\ntext\n",
            "Other/Start.md": "# Elsewhere\n\ntext\n",
        }
    )
    placed = [path.rpartition("/")[2] for path, page in found.items() if page.is_placed]
    assert placed == ["Shop.md", "Start.md", "Ending.md"]


@pytest.mark.parametrize("name", ["chapter-{}-selling.md", "{}_selling.md", "0{}-selling.md", "Part {} selling.md"])
def test_pages_that_are_numbered_stand_in_that_order(name: str) -> None:
    names = [name.format(number) for number in (2, 10, 1)]
    found = arranged({f"docs/{known}": f"# Selling {known}\n\ntext\n" for known in names})
    assert [(path, page.is_placed) for path, page in found.items()] == [
        (f"docs/{name.format(number)}", True) for number in (1, 2, 10)
    ]


def test_numbered_pages_of_an_example_are_not_the_documentation() -> None:
    assert (
        arranged({f"docs/examples/shop/chapter_{number}_selling.md": "# Selling\n\ntext\n" for number in range(5)})
        == {}
    )


def test_one_number_among_pages_orders_none() -> None:
    found = arranged({f"docs/{name}.md": f"# {name}\n\ntext\n" for name in ("2fa", "login", "logout", "1-2 ways")})
    assert not any(page.is_placed for page in found.values())


@pytest.mark.parametrize("path", ["doc/release_notes/1.0.md", "results/net46/LevelBenchmark-report-github.md"])
def test_what_programs_and_releases_leave_behind_is_no_guide(path: str) -> None:
    assert arranged({path: "# Level\n\ntext\n"})[path].role is PageRole.META


def test_a_readme_that_names_a_page_by_the_way_is_no_table_of_contents() -> None:
    found = arranged({"README.md": "# Shop\n\n- [A](a.md)\n", **{f"{name}.md": f"# {name}s\n" for name in "abcdef"}})
    assert not any(page.is_placed for page in found.values())


@pytest.mark.parametrize("name", ["meta.json", "toc.yml"])
@pytest.mark.parametrize("text", ["{", "[1]", '{"pages": "a"}', "- href: [", "&a [*a]"])
def test_contents_that_are_broken_order_nothing(name: str, text: str) -> None:
    assert not any(page.is_placed for page in arranged({f"docs/{name}": text, "docs/a.md": "# A\n"}).values())


def test_contents_lead_to_those_of_folders_and_circles_end() -> None:
    found = arranged(
        {
            "docs/toc.yml": "- href: start.md\n- href: inner/\n- href: end.md\n",
            "docs/inner/toc.yml": "- href: z.md\n- href: a.md\n- href: ../toc.yml\n",
            **{f"docs/{name}.md": f"# {name}\n" for name in ("end", "start", "inner/a", "inner/z")},
        }
    )
    assert list(found) == ["docs/start.md", "docs/inner/z.md", "docs/inner/a.md", "docs/end.md"]


def test_parts_of_what_an_index_is_about_stand_below_it() -> None:
    nav = [
        "  - Features:",
        "    - f/one.md",
        "    - Formats:",
        "      - f/formats/index.md",
        "      - f/formats/cbor.md",
    ]
    found = arranged(
        {
            "mkdocs.yml": "\n".join(["nav:", *nav]) + "\n",
            **{f"docs/f/{name}.md": f"# {name}\n" for name in ("one", "formats/index", "formats/cbor")},
        }
    )
    depths = {path.removeprefix("docs/f/"): page.depth for path, page in found.items()}
    assert depths == {"one.md": 0, "formats/index.md": 0, "formats/cbor.md": 1}


@pytest.mark.parametrize(("text", "is_catalogue"), [("Sorts.", True), (LONG, False)], ids=["small", "long"])
def test_a_list_of_many_small_pages_is_a_catalogue(text: str, is_catalogue: bool) -> None:  # noqa: FBT001
    names = [f"filter{number}" for number in range(9)]
    tree = "\n\n.. toctree::\n\n   "
    found = arranged(
        {
            "doc/index.rst": f"Shop\n====\n\ntext{tree}filters/index\n",
            "doc/filters/index.rst": f"Filters\n=======\n\n{tree}" + "\n   ".join(names) + "\n",
            **{f"doc/filters/{name}.rst": f"{name}\n=======\n\n{text}\n" for name in names},
        }
    )
    index = found["doc/filters/index.rst"]
    assert (index.is_catalogue, index.is_front) == (is_catalogue, not is_catalogue)
    assert {found[f"doc/filters/{name}.rst"].depth for name in names} == {1 if is_catalogue else 0}


RDOC = """= Shop

rdoc-image:https://shop.example/logo.png

A +Till+ takes +/orders/all+ and {gives}[https://shop.example] <tt>change</tt>.

  till = Till.new
  till.open

- one apple
  of many
- two pears

[+open+] opens it
*close*:: closes it

== Selling

text
"""


def test_rdoc_is_read_on_its_own_lines() -> None:
    page = read_page("README.rdoc", RDOC.split("\n"))
    assert [(section.title, section.level, section.start) for section in page.sections] == [
        ("Shop", 1, 1), ("Selling", 2, 17),
    ]  # fmt: skip
    prose, example, *items = page.sections[0].blocks
    assert prose.text == "A `Till` takes `/orders/all` and [gives](https://shop.example) `change`."
    assert (example.kind, example.language, example.start, example.text) == (
        BlockKind.CODE, "ruby", 7, "till = Till.new\ntill.open",
    )  # fmt: skip
    assert [item.text for item in items] == [
        "one apple of many",
        "two pears",
        "**+open+**: opens it",
        "**close**: closes it",
    ]


def test_what_stands_for_a_longer_text_is_a_name() -> None:
    page = read_page("docs/a.rst", ["Actors", "======", "", "An |actor| takes a |Broker|, a || b and |two words|."])
    assert page.sections[0].blocks[0].text == "An ``actor`` takes a ``Broker``, a || b and |two words|."


def test_marks_of_myst_are_not_shown() -> None:
    page = read_page(
        "docs/a.md", ["# A", "", ":::{note}", "Call {meth}`~shop.Till.open` first.", ":::", "", "Then pay.", ":::"]
    )
    assert [block.text for block in page.sections[0].blocks][-1] == "Then pay."
    assert markdown("Call {meth}`~shop.Till.open` first.") == "Call `shop.Till.open` first."
    assert quote_key("Call {meth}`~shop.Till.open` first.") == quote_key("Call `shop.Till.open` first.")


def test_code_between_several_marks_is_code_between_one() -> None:
    page = read_page("docs/a.md", ["# A", "", "The ```REQUIRE``` family, `` x ``, `y` and ``` a`b ``` too."])
    assert page.sections[0].blocks[0].text == "The `REQUIRE` family, `x`, `y` and ``` a`b ``` too."


def test_an_anchor_before_a_title_is_no_text() -> None:
    page = read_page("docs/tostring.md", ['<a id="top"></a>', "# String conversions", "", "text"])
    assert page.title == "String conversions"
    assert [section.title for section in page.sections] == ["String conversions"]


def test_a_readme_about_the_split_of_a_package_is_not_taught() -> None:
    found = arranged({"README.md": "# Shop\n", "src/Ftp/README.md": "# Sub-split of Shop for FTP\n\ntext\n"})
    assert found["src/Ftp/README.md"].role is PageRole.META


def test_documentation_with_a_licence_among_its_pages_is_the_project_s() -> None:
    files = {"LICENSE": 900, "docs/source/license.rst": 100, "docs/source/conf.py": 9}
    pages = {f"docs/source/page{number}.rst": 9 for number in range(3)}
    copied = {"src/fmt/LICENSE": 700, "src/fmt/format.h": 9, "src/fmt/README.md": 9, "src/fmt/core.h": 9}
    assert licensed_apart([*files.items(), *pages.items(), *copied.items()]) == {"src/fmt"}
