"""A page while it is being read, whatever its format."""

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field

from analyzer.documentation.model import Block, BlockKind, Page, Section


@dataclass(slots=True)
class PageDraft:
    """A page being read, whatever its format: sections are closed when the next one begins."""

    path: str
    lines: Sequence[str]
    sections: list[Section] = field(default_factory=list)
    title: str = ""
    level: int = 1
    start: int = 1
    blocks: list[Block] = field(default_factory=list)
    objects: list[str] = field(default_factory=list)
    leads_to: list[str] = field(default_factory=list)

    def add(self, kind: BlockKind, start: int, end: int, text: str, *, language: str = "", label: str = "") -> None:
        """Add a block to the section that is open."""
        if text.strip() and start <= end:
            plain = textwrap.dedent(text).strip("\n").rstrip() if kind is BlockKind.CODE else text.strip()
            block = Block(kind=kind, start=start, end=end, text=plain, language=language, label=label)
            self.blocks.append(block)

    def include(self, target: str, *, language: str, lines: str = "") -> None:
        """Add an example that is another file's: `lines` is a range of them, such as `3-9`, or empty for all."""
        if target:
            block = Block(kind=BlockKind.CODE, start=1, end=1, text="", language=language, label=lines, source=target)
            self.blocks.append(block)

    def heading(self, title: str, level: int, line: int) -> None:
        """Close the section that is open and begin another at `line`."""
        self._close(line - 1)
        self.title, self.level, self.start = title, level, line
        self.blocks, self.objects = [], []

    def page(self) -> Page:
        """The finished page; its title is the heading above all others, or the first that the file is named for."""
        self._close(len(self.lines))
        titled = [section for section in self.sections if section.title]
        top = min((section.level for section in titled), default=0)
        before = self.sections[: self.sections.index(titled[0])] if titled else []
        is_first = bool(titled) and not any(section.words for section in before) and titled[0].level == top
        is_alone = sum(section.level == top for section in titled) == 1
        title = titled[0].title if is_first and (is_alone or (top == 1 and self._is_called(titled[0].title))) else ""
        return Page(
            path=self.path, title=title, sections=tuple(self.sections), leads_to=tuple(dict.fromkeys(self.leads_to))
        )

    def _is_called(self, title: str) -> bool:
        """Whether the file's name, or that of the folder whose first page it is, has a word of a title."""
        *folders, name = self.path.lower().split("/")
        names = {*re.findall(r"[^\W_]{3,}", name), *re.findall(r"[^\W_]{3,}", folders[-1] if folders else "")}
        return not names.isdisjoint(re.findall(r"[^\W_]{3,}", title.lower()))

    def _close(self, end: int) -> None:
        if self.title or self.blocks or self.objects:
            self.sections.append(
                Section(
                    path=self.path,
                    title=self.title,
                    level=self.level,
                    start=self.start,
                    end=max(end, self.start),
                    blocks=tuple(self.blocks),
                    objects=tuple(dict.fromkeys(self.objects)),
                )
            )
