"""A document of a course, in the shape that `docs:upsertFromJob` takes."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

# What the contract puts before the titles of texts that are there in another form, too.
REVIEWED: Final = "Reviewed: "
TUTORIAL: Final = "Tutorial: "


class DocumentKind(StrEnum):
    """Kind of a document, spelled as in the `docs` table."""

    CHAPTER = "chapter"
    TUTORIAL = "tutorial"
    TOC = "toc"
    YAML = "yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One published text.

    `chapter_index` is the position in teaching order, counted from 0; None for documents outside that order.
    """

    slug: str
    title: str
    kind: DocumentKind
    content: str
    chapter_index: int | None = None

    @property
    def heading(self) -> str:
        """Its title without what the contract puts before it."""
        return self.title.removeprefix(REVIEWED).removeprefix(TUTORIAL)

    def to_argument(self) -> dict[str, object]:
        """Return the Convex argument object; absent optional fields are left out, never null."""
        argument: dict[str, object] = {
            "slug": self.slug,
            "title": self.title,
            "kind": self.kind.value,
            "content": self.content,
        }
        if self.chapter_index is not None:
            argument["chapterIndex"] = float(self.chapter_index)
        return argument
