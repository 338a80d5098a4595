"""The source that a course cites, kept with it: the cited lines at the analysed commit, with what stands around them.

One document of the kind `yaml`: JSON whose `files` is compressed and in base64. It is bounded: what is around the cited
lines becomes less, then the files that are cited least go, until it fits.
"""

import base64
import binascii
import json
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from course.citations import LinesOf, citations
from course.documents import Document, DocumentKind

SLUG: Final = "cited-sources.json"
TITLE: Final = "Cited sources"
WHOLE_FILE_LINES: Final = 400
AROUND: Final = (60, 20, 5, 0)
LINE_CHARACTERS: Final = 400
CONTENT_CHARACTERS: Final = 700_000
FILES_MAX: Final = 2_000
_UNPACKED_BYTES_MAX: Final = 32 << 20
_FORMAT: Final = "zlib+base64"
Range = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Lines of a file that follow one another; `start` counts from 1."""

    start: int
    lines: tuple[str, ...]

    @property
    def end(self) -> int:
        """The last line's number."""
        return self.start + len(self.lines) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """What is kept of a file; `count` is how many lines it has at the commit."""

    path: str
    count: int
    parts: tuple[Part, ...]

    def holds(self, start: int, end: int) -> bool:
        """Whether all of these lines are kept."""
        return any(part.start <= start and end <= part.end for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedSources:
    """Files by path."""

    files: Mapping[str, SourceFile]


def sources_document(documents: Iterable[Document], lines_of: LinesOf) -> Document | None:
    """Return the document with what some documents cite; None where they cite nothing that is there.

    Args:
        documents: The course.
        lines_of: Returns a file's lines at the analysed commit, or None.
    """
    cited: dict[str, list[Range]] = defaultdict(list)
    for document in documents:
        if document.kind is not DocumentKind.YAML:
            for item in citations(document.content):
                cited[item.path].append((item.start, item.end))
    known = {path: lines for path in cited if (lines := lines_of(path)) is not None}
    # Those that are cited most are left when not all fit.
    paths = sorted(known, key=lambda path: (-len(cited[path]), path))[:FILES_MAX]
    while paths:
        for around in AROUND:
            content = dump([_kept(path, known[path], cited[path], around) for path in paths])
            if len(content) <= CONTENT_CHARACTERS:
                return Document(slug=SLUG, title=TITLE, kind=DocumentKind.YAML, content=content)
        paths = paths[: len(paths) // 2]
    return None


def dump(files: Iterable[SourceFile]) -> str:
    """Return the content of the document."""
    values = [
        {"path": file.path, "count": file.count, "parts": [[part.start, *part.lines] for part in file.parts]}
        for file in sorted(files, key=lambda file: file.path)
    ]
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    packed = base64.b64encode(zlib.compress(text.encode("utf-8", "replace"), 9)).decode()
    return json.dumps({"format": _FORMAT, "files": packed})


def load(content: str) -> CitedSources | None:
    """Return what a document holds; None where it is not of this form, or unpacks to more than it may."""
    try:
        value = json.loads(content)
        if value["format"] != _FORMAT:
            return None
        unpacking = zlib.decompressobj()
        data = unpacking.decompress(base64.b64decode(value["files"], validate=True), _UNPACKED_BYTES_MAX)
        if not unpacking.eof:
            return None
        files = [_file(item) for item in json.loads(data)]
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error, zlib.error):
        return None
    return CitedSources(files={file.path: file for file in files})


def _file(item: Mapping[str, object]) -> SourceFile:
    parts = []
    for start, *lines in item["parts"]:  # type: ignore[attr-defined]
        if not isinstance(start, int) or not all(isinstance(line, str) for line in lines):
            raise TypeError
        parts.append(Part(start=start, lines=tuple(lines)))
    count = item["count"]
    if not isinstance(count, int):
        raise TypeError
    return SourceFile(path=str(item["path"]), count=count, parts=tuple(parts))


def _kept(path: str, lines: Sequence[str], ranges: Sequence[Range], around: int) -> SourceFile:
    if around and len(lines) <= WHOLE_FILE_LINES:
        spans: list[Range] = [(1, len(lines))]
    else:
        spans = list(_joined((start - around, end + around) for start, end in ranges))
    parts = tuple(
        Part(start=first, lines=tuple(line[:LINE_CHARACTERS] for line in lines[first - 1 : last]))
        for start, end in spans
        if (first := max(1, start)) <= (last := min(end, len(lines)))
    )
    return SourceFile(path=path, count=len(lines), parts=parts)


def _joined(ranges: Iterable[Range]) -> Iterator[Range]:
    """Ranges in order, those that touch as one."""
    current: Range | None = None
    for start, end in sorted(ranges):
        if current is not None and start <= current[1] + 1:
            current = (current[0], max(current[1], end))
            continue
        if current is not None:
            yield current
        current = (start, end)
    if current is not None:
        yield current
