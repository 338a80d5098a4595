"""Reads a course folder into documents, tolerantly: what can be read is kept, what cannot is named.

Never follows a symbolic link, never raises for what a folder contains, never writes.
"""

import json
import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from course import layout, markdown
from course.documents import REVIEWED, TUTORIAL, Document, DocumentKind
from course.limits import DOCUMENT_MAX_BYTES

_YAML_FILES: Final = (
    (layout.ABSTRACTIONS_FILE, "Abstractions"),
    (layout.RELATIONSHIPS_FILE, "Relationships"),
    (layout.ORDER_FILE, "Chapter Order"),
)
_MARKDOWN_DIRS: Final = (
    (layout.CHAPTERS_DIR, DocumentKind.CHAPTER, ""),
    (layout.REVIEWED_DIR, DocumentKind.CHAPTER, REVIEWED),
    (layout.TUTORIALS_DIR, DocumentKind.TUTORIAL, TUTORIAL),
)
_NUMBERED: Final = re.compile(r"(?:chapter|tutorial)_([0-9]{1,6})_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A file of the folder that did not become a document, and why."""

    file: str
    reason: str

    def __str__(self) -> str:
        """Return `file: reason`."""
        return f"{self.file}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseFolder:
    """What a folder held: documents in publishing order, and problems."""

    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]


class _Loader(yaml.SafeLoader):
    """A safe loader that refuses aliases, by which a small file could expand without bound."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not accepted")
        return super().compose_node(parent, index)


class _UnreadableError(Exception):
    """A file that cannot become a document; the message is the reason."""


def read_folder(folder: Path) -> CourseFolder:
    """Return the documents of a course folder and the problems met.

    Documents come in the contract's order: the three YAML files, chapters, reviewed chapters, tutorials; Markdown in
    the numeric order of the file names, with that position among its folder's documents as `chapter_index`.
    A missing folder is a problem, not an error.
    """
    documents: list[Document] = []
    problems: list[Problem] = []
    if folder.is_symlink() or not folder.is_dir():
        return CourseFolder(documents=(), problems=(Problem(file=folder.name, reason="there is no such folder"),))
    names: Mapping[int, str] = {}
    for name, title in _YAML_FILES:
        try:
            value = _yaml_value(folder, name)
            documents.append(_yaml_document(name, title, value))
            if name == layout.ORDER_FILE:
                names = _names_in_order(value)
        except _UnreadableError as error:
            problems.append(Problem(file=name, reason=str(error)))
    for name, kind, prefix in _MARKDOWN_DIRS:
        for document in _markdown_documents(folder, name, kind, prefix, names):
            if isinstance(document, Problem):
                problems.append(document)
            else:
                documents.append(document)
    return CourseFolder(documents=tuple(documents), problems=tuple(problems))


def _yaml_value(folder: Path, name: str) -> object:
    text = _read_text(folder, name)
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader, stricter than safe_load
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise _UnreadableError(f"is not valid YAML ({_first_line(error)})") from error


def _yaml_document(name: str, title: str, value: object) -> Document:
    try:
        # The contract publishes YAML as JSON text. YAML's extra types (dates, sets) become their text.
        content = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    except (ValueError, TypeError, RecursionError) as error:
        raise _UnreadableError(f"is not valid YAML ({_first_line(error)})") from error
    if not value:
        raise _UnreadableError("is empty")
    _check_size(content)
    return Document(slug=name, title=title, kind=DocumentKind.YAML, content=content)


def _names_in_order(value: object) -> Mapping[int, str]:
    """Return the names of the chapters by the number that stands in their files' names."""
    rows = value.get("order") if isinstance(value, dict) else None
    return {
        row["index"]: row["name"].strip()
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict) and isinstance(row.get("index"), int) and isinstance(row.get("name"), str)
    }


def _markdown_documents(
    folder: Path, directory: str, kind: DocumentKind, prefix: str, names_in_order: Mapping[int, str]
) -> Iterator[Document | Problem]:
    try:
        names = _names(folder / directory)
    except _UnreadableError as error:
        yield Problem(file=directory, reason=str(error))
        return
    position = 0
    for name in (name for name in names if name.endswith(".md")):
        slug = f"{directory}/{name}"
        try:
            content = _read_markdown(folder, slug)
        except _UnreadableError as error:
            yield Problem(file=slug, reason=str(error))
            continue
        title = markdown.first_heading(content) or _title_of(name, names_in_order)
        yield Document(slug=slug, title=prefix + title, kind=kind, content=content, chapter_index=position)
        position += 1


def _title_of(name: str, names_in_order: Mapping[int, str]) -> str:
    """Return the title of a text without a heading: its chapter's name, or else its file's."""
    numbered = _NUMBERED.match(name)
    named = names_in_order.get(int(numbered[1])) if numbered else None
    return named or name.removesuffix(".md").replace("_", " ")


def _names(directory: Path) -> list[str]:
    if directory.is_symlink():
        raise _UnreadableError("is a symbolic link")
    try:
        return sorted((entry.name for entry in directory.iterdir()), key=_natural_key)
    except FileNotFoundError as error:
        raise _UnreadableError("there is no such folder") from error
    except OSError as error:
        raise _UnreadableError(f"cannot be listed ({error.strerror})") from error


def _read_markdown(folder: Path, relative: str) -> str:
    text = _read_text(folder, relative)
    if not text.strip():
        raise _UnreadableError("is empty")
    return text


def _read_text(folder: Path, relative: str) -> str:
    """Return a regular file's text, through no symbolic link, bounded by Convex's document size."""
    try:
        descriptor = os.open(folder / relative, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise _UnreadableError("there is no such file") from error
    except OSError as error:
        is_link = (folder / relative).is_symlink()
        raise _UnreadableError("is a symbolic link" if is_link else f"cannot be read ({error.strerror})") from error
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _UnreadableError("is not a regular file")
        data = file.read(DOCUMENT_MAX_BYTES + 1)
    if len(data) > DOCUMENT_MAX_BYTES:
        raise _UnreadableError(f"is larger than a document may be ({DOCUMENT_MAX_BYTES} bytes)")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _UnreadableError(f"is not UTF-8 (byte {error.start})") from error


def _check_size(content: str) -> None:
    if len(content.encode()) > DOCUMENT_MAX_BYTES:
        raise _UnreadableError(f"is larger than a document may be ({DOCUMENT_MAX_BYTES} bytes)")


def _natural_key(name: str) -> list[tuple[int, int, str]]:
    """Order `chapter_2` before `chapter_10`: runs of digits compare as numbers, the rest as text."""
    parts = re.split(r"([0-9]+)", name)
    return [(0, int(part), "") if position % 2 else (1, 0, part) for position, part in enumerate(parts)]


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
