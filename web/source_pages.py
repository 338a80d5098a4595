"""A file that a course cites, ready for a page: its kept lines, those that are looked for, and where they are cited."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from markupsafe import Markup

from course.cited_sources import SourceFile
from web.highlighting import Highlighter
from web.outline import Entry, Outline
from web.sources import Label, SourceLinks

AROUND: Final = 25
_LINES: Final = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line: its number, its highlighted text, and whether it is one of those that are looked for."""

    number: int
    html: Markup
    is_wanted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A text of the course that cites the file, and which lines of it."""

    entry: Entry
    ranges: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """What the page of a file shows.

    Attributes:
        parts: Runs of lines; between two of them lines are left out.
        start: The first line that is looked for; 0 where none is.
        places: The texts that cite these lines, or the file where no lines are looked for.
        files: All files that the course cites.
        host: Address of the lines at the repository's host.
    """

    path: str
    count: int
    parts: tuple[tuple[Line, ...], ...]
    start: int
    places: tuple[Place, ...]
    files: tuple[str, ...]
    host: str | None

    def href(self, path: str) -> str:
        """Return the address of a file below the course's."""
        return f"source/{quote(path)}"


def source_view(
    course: Outline,
    file: SourceFile,
    wanted: str,
    highlighter: Highlighter,
    host: SourceLinks | None,
    *,
    around: int | None = None,
) -> SourceView:
    """Return what the page of a file shows.

    Args:
        course: The course.
        file: What is kept of the file.
        wanted: `3-9` or `3`; anything else looks for nothing.
        highlighter: Marks the code.
        host: Links to the repository's host.
        around: How many lines around those that are looked for are shown; None shows all that are kept.
    """
    match = _LINES.fullmatch(wanted)
    start = int(match[1]) if match else 0
    end = int(match[2] or match[1]) if match else 0
    shown = range(1, file.count + 1) if around is None or not start else range(start - around, end + around + 1)
    parts = []
    for part in file.parts:
        found = highlighter.lines("\n".join(part.lines) + "\n", file.path)
        lines = tuple(
            Line(number=number, html=Markup(html), is_wanted=start <= number <= end)  # noqa: S704 - the highlighter escapes
            for number, html in enumerate(found[: len(part.lines)], start=part.start)
            if number in shown
        )
        if lines:
            parts.append(lines)
    label = Label(path=file.path, start=start or 1, end=end or start or 1)
    return SourceView(
        path=file.path,
        count=file.count,
        parts=tuple(parts),
        start=start,
        places=tuple(places_citing(course, file.path, start, end)),
        files=tuple(sorted(course.sources.files)) if course.sources else (),
        host=host.href(label) if host else None,
    )


def places_citing(course: Outline, path: str, start: int = 0, end: int = 0) -> Iterator[Place]:
    """Yield the texts that cite lines of a file, or any of the file where `start` is 0."""
    pattern = re.compile(rf"(?<![\w/.-]){re.escape(path)}#L(\d{{1,9}})(?:-L(\d{{1,9}}))?")
    for entry in course.read_first:
        ranges = dict.fromkeys(
            (int(match[1]), int(match[2] or match[1])) for match in pattern.finditer(entry.document.content)
        )
        near = tuple(item for item in sorted(ranges) if not start or (item[0] <= end and start <= item[1]))
        if near:
            yield Place(entry=entry, ranges=near)
