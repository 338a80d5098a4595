"""A chapter being written, with what it has used up: each place of the repository is shown once."""

from dataclasses import dataclass, field
from typing import Final

from analyzer.code.model import Span
from analyzer.concepts.model import Concept
from analyzer.plan import OrderEntry
from analyzer.static.course import Course
from analyzer.static.excerpts import excerpt

EXCERPTS_MAX: Final = 8


@dataclass(slots=True, kw_only=True)
class Page:
    """A chapter being written, with what it has used up."""

    course: Course
    entry: OrderEntry
    concept: Concept
    blocks: list[str] = field(default_factory=list)
    excerpts: int = 0
    used: set[tuple[str, int]] = field(default_factory=set)

    @property
    def words(self) -> int:
        """Words so far, excerpts aside."""
        return sum(len(block.split()) for block in self.blocks if not block.startswith("```"))

    def says(self, sentence: str) -> bool:
        """Whether a sentence was quoted, or told of a definition, before."""
        return any(sentence in block for block in self.blocks if not block.startswith("```"))

    def add(self, *blocks: str) -> None:
        """Add pieces of Markdown; empty ones are none."""
        self.blocks += [block for block in blocks if block.strip()]

    def show(self, span: Span, language: str) -> bool:
        """Add an excerpt, each place of the repository once."""
        key = (span.path, span.start)
        text = excerpt(self.course.repo_map, span, language) if key not in self.used else ""
        if not text or self.excerpts >= EXCERPTS_MAX:
            return False
        self.used.add(key)
        self.excerpts += 1
        self.blocks.append(text)
        return True
