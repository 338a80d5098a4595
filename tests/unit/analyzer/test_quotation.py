"""What of a section is quoted: whole sentences, none that announces what is not quoted, none that leads away."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.documentation.model import Block, BlockKind, Section
from analyzer.static.quotation import quote_blocks, sentences_of, stands_alone
from analyzer.static.repository_map import RepositoryMap
from tests.unit.analyzer.repositories import Files

MapOf = Callable[[Files], RepositoryMap]


def section_of(*paragraphs: str) -> Section:
    blocks = [
        Block(kind=BlockKind.PROSE, start=number * 2 + 1, end=number * 2 + 1, text=text)
        for number, text in enumerate(paragraphs)
    ]
    return Section(path="README.md", title="A", level=1, start=1, end=len(paragraphs) * 2, blocks=tuple(blocks))


def quoted(map_of: MapOf, *paragraphs: str) -> str:
    repo_map = map_of({"README.md": "\n\n".join(paragraphs) + "\n", "a.py": "A = 1\n"})
    section = section_of(*paragraphs)
    return quote_blocks(repo_map, section, section.blocks, words=60).partition("\n>\n> —")[0]


@pytest.mark.parametrize(
    ("paragraphs", "shown"),
    [
        (["It keeps a value for a while.", "Three of them are these:"], "> It keeps a value for a while."),
        (["It keeps a value for a while. Three are these:"], "> It keeps a value for a while."),
        (["Here are three of them:"], ""),
        (["It keeps a value for a while.", "Here's the `html` code"], "> It keeps a value for a while."),
        (["[Install](a.md) · [use it](b.md) · [what changed](c.md) · Apache-2.0", "It keeps a value for a while."],
         "> It keeps a value for a while."),
        (["It runs callbacks at four points. Read more about that there."], "> It runs callbacks at four points."),
        (["Comparing floating point numbers is complex, and so it has its own documentation page.",
          "It can be triggered by an error."], "> It can be triggered by an error."),
        (["It is not safe for threads. For workarounds, see the section on the limitations page."],
         "> It is not safe for threads."),
        (["For streams check out the Retry Stream API.", "It can be triggered by an error."],
         "> It can be triggered by an error."),
        (["<Banner href='x' title='Learn all about it here' />", "It can be triggered by an error."],
         "> It can be triggered by an error."),
    ],
)  # fmt: skip
def test_what_is_quoted(map_of: MapOf, paragraphs: list[str], shown: str) -> None:
    assert quoted(map_of, *paragraphs) == shown


CODE = Block(kind=BlockKind.CODE, start=3, end=3, text="B = 1")


@pytest.mark.parametrize(
    ("announced", "shown"), [(True, "> Here is how:"), (False, "")], ids=["shown next", "not shown"]
)
def test_what_announces_an_example_is_quoted_where_that_is_shown(
    map_of: MapOf,
    announced: bool,  # noqa: FBT001
    shown: str,
) -> None:
    repo_map = map_of({"README.md": "Here is how it goes, in short:\n\n    B = 1\n", "a.py": "A = 1\n"})
    section = section_of("Here is how it goes, in short:")
    told = quote_blocks(repo_map, section, section.blocks, words=60, announced=announced)
    assert told.partition("\n")[0] == shown.replace("how:", "how it goes, in short:")


def test_what_announces_an_example_between_is_not_quoted(map_of: MapOf) -> None:
    paragraphs = ["It keeps a value. Like this, for one:", "Then it forgets the value again."]
    repo_map = map_of({"README.md": f"{paragraphs[0]}\n\n{paragraphs[1]}\n", "a.py": "A = 1\n"})
    first, last = section_of(*paragraphs).blocks
    told = quote_blocks(repo_map, section_of(*paragraphs), [first, CODE, last], words=60)
    assert "for one" not in told
    assert told.startswith("> It keeps a value.")
    assert "> Then it forgets the value again." in told


def test_a_table_is_no_prose_and_what_announces_it_is_not_quoted(map_of: MapOf) -> None:
    table = Block(kind=BlockKind.TABLE, start=3, end=3, text="=== === Option Default and many words of a table === ===")
    repo_map = map_of({"README.md": "It tries again. These can be set:\n\n=== ===\n\nThen it gives up at last.\n"})
    first, last = section_of("It tries again. These can be set:", "Then it gives up at last.").blocks
    told = quote_blocks(repo_map, section_of("A"), [first, table, replace(last, start=5, end=5)], words=60)
    assert told.startswith("> It tries again.")
    assert "can be set" not in told
    assert "===" not in told
    assert "[…] Then it gives up at last." in told


def test_a_sentence_that_an_example_interrupts_is_not_asked_about() -> None:
    blocks = (
        Block(kind=BlockKind.PROSE, start=1, end=1, text="So that a hash such as the next one:"),
        CODE,
        Block(kind=BlockKind.PROSE, start=5, end=5, text="would match two of them. Nothing else ever matches it here."),
    )
    section = Section(path="README.md", title="A", level=1, start=1, end=5, blocks=blocks)
    assert [said.text for said in sentences_of(section)][1:] == ["Nothing else ever matches it here."]


PIECES = st.sampled_from(["A b c d.", "e.g. X:", "`a:`", "*x:*", "B:", ":class:`~a.B`.", "Yes! (no:)", "1. 2:"])


def test_quoting_ends_whatever_a_paragraph_ends_with(map_of: MapOf) -> None:
    repo_map = map_of({"README.md": "x\n", "a.py": "A = 1\n"})

    @given(st.lists(st.lists(PIECES, min_size=1, max_size=5).map(" ".join), min_size=1, max_size=4))
    def ends(paragraphs: list[str]) -> None:
        section = section_of(*paragraphs)
        assert quote_blocks(repo_map, section, section.blocks, words=60) == ""  # none of it is in the file

    ends()


@pytest.mark.parametrize(
    ("sentence", "alone"),
    [
        ("This is especially useful when errors are sent over http.", False),
        ("It runs on `localhost` and serves requests until you stop it.", False),
        ("That said, it will never be as good as that.", False),
        ("**However**, nothing is lost.", False),
        ("In this case the basket stays open.", False),
        ("Items that are torn are refused.", True),
        ("There is no limit unless you set one.", True),
        ("Italics are ignored.", True),
        ("Whether this happens depends on the store.", True),
    ],
)
def test_a_sentence_that_leans_on_the_one_before_it_does_not_stand_alone(sentence: str, alone: bool) -> None:  # noqa: FBT001
    assert stands_alone(sentence) is alone
