"""What of a section is quoted: whole sentences, none that announces what is not quoted, none that leads away."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.documentation.model import Block, BlockKind, Section
from analyzer.static.quotation import quote_blocks, stands_alone
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
        (["It runs callbacks at four points. Read more about that there."], "> It runs callbacks at four points."),
        (["For streams check out the Retry Stream API.", "It can be triggered by an error."],
         "> It can be triggered by an error."),
        (["<Banner href='x' title='Learn all about it here' />", "It can be triggered by an error."],
         "> It can be triggered by an error."),
    ],
)  # fmt: skip
def test_what_is_quoted(map_of: MapOf, paragraphs: list[str], shown: str) -> None:
    assert quoted(map_of, *paragraphs) == shown


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
