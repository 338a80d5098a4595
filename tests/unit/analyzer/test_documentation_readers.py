"""Pages in three formats give the same sections and blocks; navigation files give their order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.code.model import Module, Role
from analyzer.code.roles import language_of
from analyzer.documentation.comments import read_comment
from analyzer.documentation.library import arrange, is_page, read_page
from analyzer.documentation.model import BlockKind, Page, PageRole
from analyzer.documentation.titles import is_meta, is_start

MARKDOWN = """# Baskets

A basket holds fruit.

```python
Basket().add("apple")
```

## Adding more

- one apple
- two pears

> [!WARNING]
> Never add a stone.
"""
RESTRUCTURED = """Baskets
=======

A basket holds fruit.

.. code-block:: python

    Basket().add("apple")

Adding more
-----------

- one apple
- two pears

.. warning::

    Never add a stone.
"""
ASCIIDOC = """= Baskets

A basket holds fruit.

[source,python]
----
Basket().add("apple")
----

== Adding more

* one apple
* two pears

WARNING: Never add a stone.
"""


def page(path: str, text: str) -> Page:
    return read_page(path, text.split("\n"))


@pytest.mark.parametrize(
    ("path", "text"), [("a.md", MARKDOWN), ("a.rst", RESTRUCTURED), ("a.adoc", ASCIIDOC)], ids=["md", "rst", "adoc"]
)
def test_every_format_gives_the_same_sections_and_blocks(path: str, text: str) -> None:
    found = page(path, text)
    lines = text.split("\n")
    assert found.title == "Baskets"
    assert [(section.title, section.level) for section in found.sections] == [("Baskets", 1), ("Adding more", 2)]
    first, second = found.sections
    assert [block.kind for block in first.blocks] == [BlockKind.PROSE, BlockKind.CODE]
    example = first.blocks[1]
    assert example.language == "python"
    assert [line.strip() for line in lines[example.start - 1 : example.end]] == ['Basket().add("apple")']
    assert [(block.kind, block.text) for block in second.blocks] == [
        (BlockKind.ITEM, "one apple"),
        (BlockKind.ITEM, "two pears"),
        (BlockKind.NOTE, "Never add a stone."),
    ]
    assert second.blocks[2].label == "warning"
    for section in found.sections:
        for block in section.blocks:
            source = " ".join(line.strip() for line in lines[block.start - 1 : block.end])
            assert block.text.split()[-1].strip('"()') in source


def test_restructured_text_has_more_forms_of_examples() -> None:
    found = page(
        "a.rst",
        "T\n=\n\nLike this::\n\n    one\n\n    two\n\n>>> 1 + 1\n2\n\n.. autoclass:: shop.Basket\n\n.. note:: Short.\n",
    )
    blocks = found.sections[0].blocks
    assert [(block.kind, block.language) for block in blocks if block.kind is BlockKind.CODE] == [
        (BlockKind.CODE, ""),
        (BlockKind.CODE, "pycon"),
    ]
    assert [(block.start, block.end) for block in blocks if block.kind is BlockKind.CODE] == [(6, 8), (10, 11)]
    assert found.sections[0].objects == ("shop.Basket",)
    assert blocks[-1].text == "Short."


def test_a_page_without_a_title_of_its_own_is_named_by_its_file() -> None:
    documentation = arrange([page("docs/advanced/auth.md", "Text first.\n\n## Basic\n\nx\n")], {})
    assert documentation.pages[0].title == "Auth"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "docs/a.rst",
            "Fruit\n=====\n\n.. literalinclude:: ../examples/run.py\n   :language: python\n   :lines: 2-3\n",
        ),
        ("docs/a.md", "# A\n\n```{literalinclude} ../examples/run.py\n```\n"),
        ("docs/a.md", '# A\n\n```python\n--8<-- "examples/run.py"\n```\n'),
        ("docs/en/a.md", "# A\n\n{* ../../examples/run.py hl[2] *}\n"),
        ("docs/en/a.md", "# A\n\n```Python\n{!> ../../examples/run.py!}\n```\n"),
    ],
)
def test_an_example_may_stand_in_another_file(path: str, text: str) -> None:
    """Its lines are that file's, so that a chapter cites them there."""
    lines = ("", "import shop", "shop.run()", "")
    (found,) = arrange([page(path, text)], {path: tuple(text.split("\n")), "examples/run.py": lines}).pages
    (block,) = (block for section in found.sections for block in section.blocks)
    assert block.text == "import shop\nshop.run()"
    assert block.language == "python"
    assert found.sections[0].span(block).label == "examples/run.py#L2-L3"


@pytest.mark.parametrize("target", ["missing.py", "../../../etc/passwd", "/etc/passwd", "long.py"])
def test_a_file_that_is_not_there_or_too_long_is_no_example(target: str) -> None:
    texts = {"docs/long.py": tuple(f"line{number} = 1" for number in range(500))}
    found = page("docs/a.rst", f"Fruit\n=====\n\nWords.\n\n.. literalinclude:: {target}\n")
    (kept,) = arrange([found], texts).pages
    assert [block.text for section in kept.sections for block in section.blocks] == ["Words."]


def test_myst_writes_directives_as_fences() -> None:
    text = (
        "# A\n\n```{toctree}\n:maxdepth: 1\nb\nc/d\n```\n\n```{code-block} python\nrun()\n```\n\n"
        "```{warning}\nNever add a stone.\n```\n\n```{eval-rst}\n.. click:example::\n\n    hello()\n```\n"
    )
    found = page("docs/a.md", text)
    assert found.leads_to == ("b", "c/d")
    blocks = found.sections[0].blocks
    assert [(block.kind, block.text) for block in blocks] == [
        (BlockKind.CODE, "run()"),
        (BlockKind.NOTE, "Never add a stone."),
        (BlockKind.CODE, "hello()"),
    ]
    for block in blocks:
        assert block.text in "\n".join(line.strip() for line in text.split("\n")[block.start - 1 : block.end])


MORE = [f"Line {number} tells more." for number in range(8)]
HEAD = ["Sells fruit.", "", "# Adding fruit", "", "Put it in.", ""]
RUST = [*HEAD, "```rust", "let basket = Basket::new();", "```", "", *MORE]
GO = [*HEAD, "\tbasket.Add()", "", *MORE]


@pytest.mark.parametrize(
    ("path", "language", "lines", "example"),
    [
        ("src/lib.rs", "rust", [f"//! {line}" for line in RUST], "let basket = Basket::new();"),
        ("src/lib.rs", "rust", ["/*!", *RUST, "*/", "", "pub mod basket;"], "let basket = Basket::new();"),
        ("doc.go", "go", ["/*", *GO, "*/", "package fruit"], "basket.Add()"),
        ("doc.go", "go", [*(f"// {line}" for line in GO), "package fruit"], "basket.Add()"),
    ],
)
def test_a_comment_at_the_top_can_be_a_page(path: str, language: str, lines: list[str], example: str) -> None:
    found = read_comment(path, language, lines)
    assert found is not None
    section = next(section for section in found.sections if section.title == "Adding fruit")
    assert "Adding fruit" in lines[section.start - 1]
    (code,) = (block for block in section.blocks if block.kind is BlockKind.CODE)
    assert code.text.strip() == example
    assert example in lines[code.start - 1]


def test_headings_and_examples_of_a_go_comment_without_marks() -> None:
    comment = """Package shop sells fruit.

Overview

A basket is made first (or given):

  b := shop.NewBasket()
  b.Add("apple")

An apple is enough.

Weights (in grams)

Sold by weight are
  - pears
  - plums

Not a heading.

Neither This

  the end
"""
    lines = [f"// {line}".rstrip() for line in comment.splitlines()] + ["package shop"]
    found = read_comment("doc.go", "go", lines)
    assert found is not None
    assert [section.title for section in found.sections] == ["", "Overview", "Weights (in grams)"]
    (code,) = (block for block in found.sections[1].blocks if block.kind is BlockKind.CODE)
    assert (code.text.split(), code.language, code.start) == (
        ["b", ":=", "shop.NewBasket()", 'b.Add("apple")'],
        "go",
        7,
    )
    assert [block.text for block in found.sections[2].blocks if block.kind is BlockKind.ITEM] == ["pears", "plums"]


def test_what_rust_hides_at_the_ends_of_an_example_is_not_shown() -> None:
    lines = ["# use all::*;", "#[derive(Clone)]", "struct A;", "# struct B;", "let a = A;", "# drop(a);"]
    block = page("docs/use.md", "\n".join(["# Use", "", "```rust,no_run", *lines, "```"])).sections[0].blocks[0]
    assert (block.text, block.start, block.end) == ("#[derive(Clone)]\nstruct A;\n# struct B;\nlet a = A;", 5, 8)


def test_few_words_at_the_top_are_no_page() -> None:
    assert read_comment("src/lib.rs", "rust", ["//! Sells fruit.", "pub struct Basket;"]) is None
    assert read_comment("src/lib.py", "python", ['"""Sells fruit."""'] * 20) is None


def documentation(files: dict[str, str]) -> list[str]:
    texts = {path: tuple(text.split("\n")) for path, text in files.items()}
    pages = [read_page(path, lines) for path, lines in texts.items() if path.endswith((".md", ".rst"))]
    return [found.path for found in arrange(pages, texts).pages]


def test_mkdocs_navigation_orders_pages() -> None:
    files = {
        "mkdocs.yml": "nav:\n- Start: start.md\n- More:\n  - B: b.md\n  - A: a.md\nx: !!python/name:os.system\n",
        "docs/a.md": "# A\n",
        "docs/b.md": "# B\n",
        "docs/start.md": "# Start\n",
        "README.md": "# P\n",
    }
    assert documentation(files) == ["README.md", "docs/start.md", "docs/b.md", "docs/a.md"]


def test_toctrees_order_pages_and_circles_end() -> None:
    files = {
        "docs/index.rst": "P\n=\n\n.. toctree::\n   :maxdepth: 2\n\n   zebra\n   The ape <ape>\n",
        "docs/zebra.rst": "Zebra\n=====\n\n.. toctree::\n\n   index\n   inner/cub\n",
        "docs/inner/cub.rst": "Cub\n===\n",
        "docs/ape.rst": "Ape\n===\n",
    }
    order = [path for path in documentation(files) if not path.endswith("index.rst")]
    assert order == ["docs/zebra.rst", "docs/inner/cub.rst", "docs/ape.rst"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("docs/SUMMARY.md", "# Summary\n\n- [B](b.md)\n- [A](a.md)\n"),
        ("sidebars.js", "module.exports = { docs: ['b', 'a'] }"),
        ("docs/.vitepress/config.mts", "items: [{ link: '/b' }, { link: '/a' }]"),
    ],
)
def test_other_navigation_files(name: str, text: str) -> None:
    files = {name: text, "docs/a.md": "# A\n", "docs/b.md": "# B\n"}
    assert [path for path in documentation(files) if path in {"docs/a.md", "docs/b.md"}] == ["docs/b.md", "docs/a.md"]


def test_a_list_comes_before_what_its_entries_list() -> None:
    """A page that an entry lists too has its place in the list that is nearer to the front."""
    found = documentation(
        {
            "docs/index.md": "# All\n\n- [Server](server.md)\n- [Hooks](hooks.md)\n- [Plugins](plugins.md)\n",
            "docs/server.md": "# Server\n\n- [Plugins](plugins.md)\n- [Ports](ports.md)\n",
            "docs/hooks.md": "# Hooks\n",
            "docs/plugins.md": "# Plugins\n",
            "docs/ports.md": "# Ports\n",
        }
    )
    assert found == ["docs/index.md", "docs/server.md", "docs/ports.md", "docs/hooks.md", "docs/plugins.md"]


def test_what_a_crate_says_of_itself_comes_first_and_a_definition_s_page_last() -> None:
    front = "".join(f"//! # Part {number}\n//!\n//! It is said here.\n//!\n" for number in range(6)).splitlines()
    other = ["//! # Small", "//!", *["//! One more line."] * 10]
    texts = {
        "a/src/lib.rs": other,
        "b/src/lib.rs": [*front, '    #[doc = include_str!("docs/nest.md")]', "pub fn nest() {}"],
        "b/src/docs/extract.md": ["Text."],
        "b/src/docs/nest.md": ["Text."],
    }
    pages = [read_comment(path, "rust", lines) if path.endswith(".rs") else None for path, lines in texts.items()]
    pages = [page or read_page(path, texts[path]) for page, path in zip(pages, texts, strict=True)]
    found = arrange([page for page in pages if page is not None], texts).pages
    assert [page.path.removesuffix(".md") for page in found] == [
        "b/src/lib.rs", "a/src/lib.rs", "b/src/docs/extract", "b/src/docs/nest"
    ]  # fmt: skip
    assert [page.role for page in found] == [PageRole.GUIDE] * 3 + [PageRole.REFERENCE]


@pytest.mark.parametrize(
    ("path", "text", "title"),
    [
        ("docs/middleware.md", "# Intro\n\nText.\n\n# Applying\n\nText.\n", "Middleware"),
        ("docs/middleware.md", "# Middleware\n\nText.\n\n# Applying\n\nText.\n", "Middleware"),
        ("docs/middleware.md", "# All of it\n\nText.\n\n## Applying\n\nText.\n", "All of it"),
        ("docs/nativetypes.rst", ".. module:: native\n\nNative types\n============\n\nText.\n", "Native types"),
        ("docs/nativetypes.rst", "Text first.\n\nNative types\n============\n\nText.\n", "Nativetypes"),
        ("docs/middleware/index.md", "# The middleware\n\nText.\n\n# Applying\n\nText.\n", "The middleware"),
    ],
)
def test_of_several_first_headings_none_is_the_title_unless_the_file_is_called_so(
    path: str, text: str, title: str
) -> None:
    found = arrange([page(path, text)], {path: text.splitlines()}).pages[0]
    assert found.title == title


@pytest.mark.parametrize("text", ["nav: [", "nav: &a [*a]", "- 1", "nav: 3", "\x00"])
def test_navigation_that_is_broken_is_no_navigation(text: str) -> None:
    assert documentation({"mkdocs.yml": text, "docs/a.md": "# A\n"}) == ["docs/a.md"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("README.md", True), ("docs/guide.md", True), ("docs/ja/guide.md", False), ("README.zh-CN.md", False),
        ("tests/data/page.md", False), ("examples/x/README.md", False),
        ("docs/examples/flags.md", True), ("docs/topics/x.txt", True),
        ("notes.txt", False),
        (".github/x.md", False), (".github/README.md", True), ("node_modules/a/README.md", False),
    ],
)  # fmt: skip
def test_which_files_are_pages(path: str, expected: bool) -> None:  # noqa: FBT001
    role = Role.TEST if path.startswith("tests") else Role.EXAMPLE if "examples/" in path else Role.DOC
    module = Module(path=path, language=language_of(path), role=role, line_count=1)
    assert is_page(module) is expected


@pytest.mark.parametrize(
    ("title", "meta", "start"),
    [
        ("Changelog", True, False), ("Contributing", True, False), ("Installation", True, False),
        ("Release Process and Rules", True, False), ("Table of Contents", True, False), ("Quick Start", False, True),
        ("Getting started with baskets", False, True), ("Usage", False, True), ("Automated help", False, False),
        ("Third-party packages", True, False), ("Development Status: Stable", True, False),
        ("Implementation plan", True, False), ("Collaborator guide", True, False), ("AI Policy", True, False),
        ("Staying up to date", True, False), ("Awesome basket libraries", True, False), ("Emeritus", True, False),
        ("Protocol Compliance", True, False), ("Retry policies", False, False),
        ("Minimum Rust version policy", True, False), ("Software development lifecycle", True, False),
        ("Baskets in the wild", True, False), ("Case study: web crawler", True, False), ("Other crates", True, False),
        ("Basket benchmarks", True, False), ("Supported types", False, False), ("All Together Now", True, False),
        ("Issue template", True, False), ("Version 3 breaking changes", True, False), ("Let\u2019s Go", True, False),
        ("What's Next", True, False), ("Playground", True, False), ("Inter-process communication", False, False),
        ("Dependency Injection", False, False), ("Dependencies", True, False), ("Next steps", False, False),
        ("Routing", False, False), ("Error handling", False, False), ("Using Custom Logic for Lookup", False, False),
    ],
)  # fmt: skip
def test_what_a_title_tells(title: str, meta: bool, start: bool) -> None:  # noqa: FBT001
    assert (is_meta(title), is_start(title)) == (meta, start)


def test_pages_about_earlier_versions_are_not_taught() -> None:
    paths = (
        "docs/v1/flags.md", "docs/v2/flags.md", "docs/v10/flags.md", "docs/SECURITY.md", "docs/01/one.md",
        "packages/docs/a.md", "packages/docs-v3/a.md", "versioned_docs/version-1.0/a.md", "site/v1/only.md",
    )  # fmt: skip
    roles = {found.path: found.role for found in arrange([page(path, "# X\n\ntext\n") for path in paths], {}).pages}
    assert {path for path in paths if roles[path] is PageRole.META} == {
        "docs/v1/flags.md", "docs/v2/flags.md", "docs/SECURITY.md", "packages/docs-v3/a.md",
        "versioned_docs/version-1.0/a.md",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "title"),
    [("docs/flags/basics.md", "Flags"), ("docs/flags/advanced.md", "Advanced flags"), ("docs/basics.md", "Basics")],
)
def test_the_basics_of_a_folder_are_called_for_the_folder(path: str, title: str) -> None:
    found = arrange([page(path, "Text first.\n\n### Alternate names\n\nx\n")], {}).pages[0]
    assert found.title == title
    assert (found.role is PageRole.START) == (path == "docs/basics.md")


def test_what_a_page_imports_and_how_it_breaks_lines_is_no_text() -> None:
    found = page(
        "docs/a.mdx",
        "# A\n\nimport Tabs from '@theme/Tabs';\nimport {B} from './b';\n\nexport const c = 1\n\n"
        "Type: `number`\\\nDefault: `1`\n\nImport it from there.\n",
    )
    assert [block.text for block in found.sections[0].blocks] == [
        "Type: `number` Default: `1`",
        "Import it from there.",
    ]


def test_what_stands_in_tabs_is_read_as_if_one_followed_the_other() -> None:
    text = (
        '# Files\n\n=== "Java"\n\n    Say it:\n\n    ```java\n    read();\n    ```\n\n=== "Kotlin"\n\n    ```kotlin\n'
    )
    found = page("docs/files.md", text + "    read()\n    ```\n\nBoth read.\n\n    indented\n")
    assert [(block.kind.value, block.language, block.start, block.text) for block in found.sections[0].blocks] == [
        ("prose", "", 5, "Say it:"),
        ("code", "java", 8, "read();"),
        ("code", "kotlin", 14, "read()"),
        ("prose", "", 17, "Both read."),
        ("code", "", 19, "indented"),
    ]


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("# ``Parser/Flag``", "Flag"),
        ("# ``Parser/Flag/init(name:help:)``", "init"),
        ("# `a/b` and more", "a/b and more"),
        ("# Input/Output", "Input/Output"),
    ],
)
def test_a_page_headed_by_a_definition_is_called_for_it(heading: str, title: str) -> None:
    assert page("Sources/Docs.docc/a.md", f"{heading}\n\ntext\n").sections[0].title == title


def test_a_link_by_its_name_alone_reads_as_the_name() -> None:
    (block,) = (
        page("a.rst", "Web\n===\n\nA WSGI_ server for Python__. Not ``raw_``, snake_case or self.field_ of x.\n")
        .sections[0]
        .blocks
    )
    assert block.text == "A WSGI server for Python. Not ``raw_``, snake_case or self.field of x."


def test_notes_to_developers_and_help_of_editors_are_no_guides() -> None:
    texts = dict.fromkeys(("src/algo/simd.go", "src/algo/SIMD.md", "guides/a.md", "docs/conf.py", "docs/b.md"), ())
    capitals = ("TESTING.md", "docs/PULL_REQUESTS.md", "docs/TENETS.md")
    pages = [page(path, "# X\n\ntext\n") for path in (*texts, *capitals) if path.endswith(".md")]
    pages.append(page("doc/shop.txt", "shop.txt\tshop\tLast change: May 2\n\nSells fruit.\n"))
    roles = {found.path: found.role for found in arrange(pages, texts).pages}
    assert roles == {
        "src/algo/SIMD.md": PageRole.META,
        **dict.fromkeys(capitals, PageRole.META),
        "guides/a.md": PageRole.GUIDE,
        "docs/b.md": PageRole.GUIDE,
        "doc/shop.txt": PageRole.REFERENCE,
    }


def test_what_a_folder_only_lists_stands_where_the_list_stands() -> None:
    tree = ".. toctree::\n\n   "
    texts = {
        "docs/index.rst": f"Shop\n====\n\n{tree}guide/index\n   deploy/index\n",
        "docs/guide/index.rst": f"Guide\n=====\n\n{tree}baskets\n",
        "docs/guide/baskets.rst": f"Baskets\n=======\n\ntext\n\n{tree}weights\n",
        "docs/guide/weights.rst": "Weights\n=======\n\ntext\n",
        "docs/deploy/index.rst": f"Deploying\n=========\n\n{'text ' * 200}\n\n{tree}docker\n",
        "docs/deploy/docker.rst": "Docker\n======\n\ntext\n",
    }
    found = arrange([page(path, text) for path, text in texts.items()], {})
    assert {known.path.removeprefix("docs/"): known.depth for known in found.pages} == {
        "index.rst": 0, "guide/index.rst": 0, "guide/baskets.rst": 0, "guide/weights.rst": 1,
        "deploy/index.rst": 0, "deploy/docker.rst": 1,
    }  # fmt: skip


def test_a_changelog_is_no_guide() -> None:
    pages = [page(path, "# X\n\ntext\n") for path in ("CHANGELOG.md", "docs/baskets.md", "docs/api/x.md", "README.md")]
    roles = {found.path: found.role for found in arrange(pages, {}).pages}
    assert roles == {
        "CHANGELOG.md": PageRole.META,
        "docs/baskets.md": PageRole.GUIDE,
        "docs/api/x.md": PageRole.REFERENCE,
        "README.md": PageRole.README,
    }


@pytest.mark.parametrize(
    ("paths", "shown"),
    [
        (["README.md", "docs/README.md", ".github/README.md"], [".github/README.md"]),
        (["README.md", "README.rst", "docs/README.md"], ["README.md", "README.rst"]),
        (["docs/README.md", "src/README.md"], ["docs/README.md"]),
    ],
)
def test_the_readme_is_the_one_that_hosts_show(paths: list[str], shown: list[str]) -> None:
    pages = arrange([page(path, "# X\n\ntext\n") for path in paths], {})
    assert [found.path for found in pages.of_role(PageRole.README)] == shown
    assert pages.pages[0].path == shown[0]
    assert all(found.path != "README.md" or found.path in shown for found in pages.of_role(PageRole.GUIDE))


HOSTILE = st.lists(
    st.sampled_from(
        ["# ", "## ", "====\n", "----\n", ".. note::\n", "    ", "\t", "::\n", "```", "- ", "1. ", ">>> ", "> ", "|",
         "\n",
         "text ", ".. toctree::\n", "  x\n", "[source]\n", "`", "é", "<b>", "+--+\n", "* * *\n", ":a: b\n"]
    ),
    max_size=40,
).map("".join)  # fmt: skip


@given(HOSTILE, st.sampled_from(["a.md", "a.rst", "a.adoc"]))
def test_whatever_a_page_holds_its_blocks_have_lines_of_it(text: str, path: str) -> None:
    lines = text.split("\n")
    found = read_page(path, lines)
    for section in found.sections:
        assert 1 <= section.start <= section.end <= max(1, len(lines))
        for block in section.blocks:
            assert 1 <= block.start <= block.end <= len(lines), block


@pytest.mark.parametrize("path", ["a.md", "a.rst", "a.adoc"])
def test_deep_and_long_pages_end(path: str) -> None:
    deep = "\n".join(" " * (2 * n) + "- x" for n in range(400))
    assert read_page(path, deep.split("\n")).path == path
    assert read_page(path, ["x"] * 20_000).path == path
