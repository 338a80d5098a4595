"""The values that the readers of documentation produce: pages, sections, blocks, each with its lines.

Lines are counted from 1, both ends included. A block's text is the source's, on one line, with its markup.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from analyzer.code.model import Span

FRONT_DEEP: Final = 2


class BlockKind(StrEnum):
    """What a piece of a page is."""

    PROSE = "prose"
    CODE = "code"
    ITEM = "item"
    NOTE = "note"
    TABLE = "table"


class PageRole(StrEnum):
    """What a page is for, in the order in which a newcomer needs it; `META` is about the project, not its use."""

    README = "readme"
    START = "start"
    GUIDE = "guide"
    REFERENCE = "reference"
    META = "meta"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One paragraph, example, list item or note. `language` is that of an example, as written, or empty.

    Of an example, `start` and `end` are its content's lines; `label` is a note's kind (`warning`). `source` is the file
    whose lines these are where a page includes them; empty for the page's own.
    """

    kind: BlockKind
    start: int
    end: int
    text: str
    language: str = ""
    label: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and what stands under it, up to the next heading of any level. `level` 1 is a page's title.

    `objects` are the names of documented definitions (`.. autoclass:: Name`).
    """

    path: str
    title: str
    level: int
    start: int
    end: int
    blocks: tuple[Block, ...] = ()
    objects: tuple[str, ...] = ()

    def span(self, block: Block) -> Span:
        """The block's lines."""
        return Span(path=block.source or self.path, start=block.start, end=block.end)

    @property
    def key(self) -> str:
        """Unique in the repository."""
        return f"{self.path}#{self.start}"

    @property
    def words(self) -> int:
        """How many words of prose it has."""
        return sum(len(block.text.split()) for block in self.blocks if block.kind is not BlockKind.CODE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One file of documentation. `leads_to` are the pages that its table of contents names, as written.

    `depth` counts the pages above it in the tables of contents, the front page aside; `is_placed` says whether these
    have it at all: other pages stand in the order of their names, which says nothing. A catalogue leads to many small
    pages.
    """

    path: str
    title: str
    sections: tuple[Section, ...]
    leads_to: tuple[str, ...] = ()
    role: PageRole = PageRole.GUIDE
    depth: int = 0
    is_placed: bool = False
    is_catalogue: bool = False

    @property
    def is_front(self) -> bool:
        """Whether it is the first of the documentation: its title is the project's, not a subject."""
        *folders, name = self.path.lower().split("/")
        is_first = name.partition(".")[0] in {"index", "home", "contents", "lib", "doc"}
        return is_first and len(folders) <= FRONT_DEEP and not self.is_catalogue

    def is_headed_by(self, section: Section) -> bool:
        """Whether a section's heading is the page's title rather than one of several of its level."""
        return sum(other.level <= section.level and bool(other.title) for other in self.sections) == 1

    def below(self, section: Section) -> tuple[Section, ...]:
        """The sections under a section, in order."""
        found: list[Section] = []
        place = self.sections.index(section)
        for other in self.sections[place + 1 :]:
            if other.level <= section.level:
                break
            found.append(other)
        return tuple(found)
