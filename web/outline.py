"""The order of a course: chapters with their two texts and their exercise, references, neighbours.

Pure: documents in, structure out. Titles come from the texts, because an older deployment stored some that it had
taken from comments in code (contract §6, 2).
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from course import cited_sources, layout
from course.cited_sources import CitedSources
from course.documents import Document, DocumentKind
from course.markdown import first_heading
from course.steps import DEFAULT_LANGUAGE, Language, language_named

_PREFIX: Final = re.compile(
    r"^(?:(?:reviewed|tutorial|interactive tutorial|tutoriel interactif)\s*:|(?:chapter|chapitre)\s+\d+\s*[:.-])\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A document with its name for people; `number` counts from 1 in its list."""

    document: Document
    name: str
    number: int

    @property
    def slug(self) -> str:
        """The document's slug."""
        return self.document.slug


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A chapter: the text to read first, and the draft where that is another one."""

    main: Entry
    draft: Entry | None
    tutorial: Entry | None

    @property
    def name(self) -> str:
        """The chapter's name."""
        return self.main.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A course in reading order."""

    chapters: tuple[Chapter, ...]
    tutorials: tuple[Entry, ...]
    references: tuple[Entry, ...]
    commit: str
    summary: str
    language: Language = DEFAULT_LANGUAGE
    sources: CitedSources | None = None

    @property
    def slugs(self) -> frozenset[str]:
        """Every document that has a page."""
        return frozenset(entry.slug for entry in self.entries)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every document, drafts included."""
        texts = (entry for chapter in self.chapters for entry in (chapter.main, chapter.draft) if entry is not None)
        return (*texts, *self.tutorials, *self.references)

    @property
    def read_first(self) -> tuple[Entry, ...]:
        """What a learner reads: each chapter in the text to read first, then the exercises."""
        return (*(chapter.main for chapter in self.chapters), *self.tutorials)

    def find(self, slug: str) -> Entry | None:
        """Return the document of a slug."""
        return next((entry for entry in self.entries if entry.slug == slug), None)

    def chapter_of(self, slug: str) -> Chapter | None:
        """Return the chapter that a text or a tutorial belongs to."""
        for chapter in self.chapters:
            if any(
                entry is not None and entry.slug == slug for entry in (chapter.main, chapter.draft, chapter.tutorial)
            ):
                return chapter
        return None

    def neighbours(self, slug: str) -> tuple[Entry | None, Entry | None]:
        """Return what comes before and after a document in its own list; a draft stands where its chapter does."""
        chapter = self.chapter_of(slug)
        is_draft = chapter is not None and chapter.draft is not None and chapter.draft.slug == slug
        here = chapter.main.slug if is_draft and chapter is not None else slug
        for entries in ([chapter.main for chapter in self.chapters], self.tutorials, self.references):
            for index, entry in enumerate(entries):
                if entry.slug == here:
                    after = entries[index + 1] if index + 1 < len(entries) else None
                    return (entries[index - 1] if index else None), after
        return None, None


def outline(documents: Iterable[Document]) -> Outline:
    """Return the course's structure."""
    known = list(documents)
    reviewed = [d for d in known if d.kind is DocumentKind.CHAPTER and d.slug.startswith(f"{layout.REVIEWED_DIR}/")]
    drafts = [d for d in known if d.kind is DocumentKind.CHAPTER and d not in reviewed]
    tutorials = _entries(d for d in known if d.kind is DocumentKind.TUTORIAL)
    by_file = {_file(document.slug): document for document in drafts}
    mains = {**by_file, **{_file(document.slug): document for document in reviewed}}
    kept = next((d for d in known if d.slug == cited_sources.SLUG), None)
    references = [d for d in known if d.kind in {DocumentKind.YAML, DocumentKind.TOC} and d is not kept]
    relationships = reference_value(next((d for d in references if d.slug == layout.RELATIONSHIPS_FILE), None))
    return Outline(
        chapters=tuple(_chapter(main, by_file, tutorials) for main in _entries(mains.values())),
        tutorials=tutorials,
        references=tuple(Entry(document=d, name=d.title, number=i) for i, d in enumerate(references, 1)),
        commit=_text(relationships, "commit"),
        summary=_text(relationships, "summary"),
        language=language_named(_text(relationships, "language")) or DEFAULT_LANGUAGE,
        sources=None if kept is None else cited_sources.load(kept.content),
    )


def reference_value(document: Document | None) -> object:
    """Return the value of a reference document (the contract stores YAML files as JSON text), or None."""
    if document is None:
        return None
    try:
        value: object = json.loads(document.content)
    except (ValueError, RecursionError):
        return None
    return value


def display_name(document: Document) -> str:
    """Return a document's name without the words that every title of its kind begins with."""
    title = first_heading(document.content) or _from_file(document.slug)
    while (shorter := _PREFIX.sub("", title)) not in {title, ""}:
        title = shorter
    return title


def _chapter(main: Entry, drafts: Mapping[str, Document], tutorials: Sequence[Entry]) -> Chapter:
    draft = drafts.get(_file(main.slug))
    has_draft = draft is not None and draft.slug != main.slug
    index = layout.file_index(_file(main.slug))
    return Chapter(
        main=main,
        draft=Entry(document=draft, name=main.name, number=main.number) if draft is not None and has_draft else None,
        tutorial=next(
            (t for t in tutorials if index is not None and layout.file_index(_file(t.slug)) == index),
            None,
        ),
    )


def _entries(documents: Iterable[Document]) -> tuple[Entry, ...]:
    ordered = sorted(documents, key=_teaching_order)
    return tuple(Entry(document=d, name=display_name(d), number=number) for number, d in enumerate(ordered, 1))


def _teaching_order(document: Document) -> tuple[int, int, str]:
    # The number in the file name is the teaching order; an older deployment's chapterIndex is a lexical position,
    # with chapter 10 before chapter 2 (contract §6, 1), so it decides only where a name has no number.
    index = layout.file_index(_file(document.slug))
    position = document.chapter_index or 0
    return (position if index is None else index, position, document.slug)


def _file(slug: str) -> str:
    return slug.rpartition("/")[2]


def _from_file(slug: str) -> str:
    name = _file(slug).removesuffix(".md")
    return re.sub(r"^(?:chapter|tutorial)_\d+_", "", name).replace("_", " ").strip() or name


def _text(value: object, key: str) -> str:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""
