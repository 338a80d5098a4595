"""A course as an EPUB: its chapters and exercises as pages of one book, for readers of books, without a network."""

import re
import tempfile
import uuid
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Final

from mkepub import Book as Epub  # type: ignore[import-untyped]  # it ships no types

from course.book import CSS, Book, book_of
from course.documents import Document
from course.steps import Language

MEDIA_TYPE: Final = "application/epub+zip"
_FIRST_TEXT: Final = 2  # the first page is the overview; pages count from 1
# XML has no place for these, even written as numbers.
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def epub_of(documents: Sequence[Document], summary: str, language: Language, *, name: str, address: str) -> bytes:
    """Return the book.

    Args:
        documents: The course, in reading order.
        summary: The overview's Markdown.
        language: Of the course.
        name: What the course is about.
        address: Where the course is; the book is known by it.
    """
    book = book_of(documents, summary, language, _file, name=name)
    epub = Epub(escape(_clean(book.title)), lang=language, description=f"{name}: {address}")
    epub.uuid = uuid.uuid5(uuid.NAMESPACE_URL, address)
    # It writes its parts into a folder of its own, which it leaves to the garbage collector.
    with epub.tempdir, tempfile.TemporaryDirectory(prefix="epub-") as folder:
        epub.set_stylesheet(CSS)
        epub.add_page(escape(_clean(book.title)), _page(f"<h1>{escape(book.title)}</h1>\n{book.summary}", book))
        for text in (text for _, texts in book.parts for text in texts):
            epub.add_page(escape(_clean(text.title)), _page(text.html, book))
        file = Path(folder) / "course.epub"
        epub.save(file)
        return file.read_bytes()


def _file(number: int) -> str:
    return f"page{number + _FIRST_TEXT:04}.xhtml"


def _page(html: str, book: Book) -> str:
    # The library says that every page is in English.
    return _clean(f'<section lang="{book.language}" xml:lang="{book.language}">{html}</section>')


def _clean(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)
