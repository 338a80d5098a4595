"""A course to take along, in one of three forms; what was made last is kept, and one is made at a time."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from course.book import page_of
from course.documents import Document
from web import epub
from web.archive import MEDIA_TYPE, archive_of, file_name
from web.shelf import Course

KEPT_BYTES: Final = 16 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form of a course: the ending of its file, its media type, and what makes it of a course and its address."""

    suffix: str
    media_type: str
    make: Callable[[Course, str], bytes]


def stem(course: Course) -> str:
    """Return what a course's file, or its folder in an archive, is called."""
    return f"course-{file_name(course.repository.full_name)}"


def _documents(course: Course) -> list[Document]:
    return [entry.document for entry in course.outline.entries]


def _archive(course: Course, _: str) -> bytes:
    return archive_of(_documents(course), stem(course))


def _page(course: Course, _: str) -> bytes:
    outline, name = course.outline, course.repository.full_name
    return page_of(_documents(course), outline.summary, outline.language, name=name).encode()


def _epub(course: Course, address: str) -> bytes:
    outline, name = course.outline, course.repository.full_name
    return epub.epub_of(_documents(course), outline.summary, outline.language, name=name, address=address)


FORMS: Final = {
    form.suffix: form
    for form in (
        Form(suffix="zip", media_type=MEDIA_TYPE, make=_archive),
        Form(suffix="html", media_type="text/html; charset=utf-8", make=_page),
        Form(suffix="epub", media_type=epub.MEDIA_TYPE, make=_epub),
    )
}


class Takeaways:
    """Makes them, and keeps those that were asked for last: whoever asks a thousand times costs one."""

    def __init__(self, *, kept_bytes: int = KEPT_BYTES) -> None:
        self._kept: OrderedDict[tuple[str, float, str, str], bytes] = OrderedDict()
        self._kept_bytes = kept_bytes
        self._one = asyncio.Lock()

    async def content(self, course: Course, form: Form, address: str) -> bytes:
        """Return a course in a form; `address` is the course's, as whoever asks calls this machine."""
        key = (course.job.id, course.job.updated_at_ms, form.suffix, address)
        async with self._one:
            if key not in self._kept:
                self._kept[key] = await asyncio.to_thread(form.make, course, address)
            self._kept.move_to_end(key)
            content = self._kept[key]
            while len(self._kept) > 1 and sum(map(len, self._kept.values())) > self._kept_bytes:
                self._kept.popitem(last=False)
            return content
