"""A course taken along as one page and as a book: well-formed, complete, made once however often it is asked for."""

import io
import re
import zipfile
from xml.etree import ElementTree as ET

import pytest

from course.documents import Document
from course.rows import JobId
from tests.unit.web.visitor import TOKEN, Visitor, chapter, reference, tutorial
from web import takeaway
from web.epub import epub_of
from web.shelf import Course

XHTML = "{http://www.w3.org/1999/xhtml}"
DC = "{http://purl.org/dc/elements/1.1/}"
NASTY = """\
<script>alert(1)</script> ![x](https://evil.example/a.png) [x](javascript:alert(1)) a & b \x0c \ufffe

<details><summary>Answer</summary>

It is **1** < 2.

</details>

| a | b |
|:--|--:|
| 1 | ~~2~~ |

***

```python src/a.py#L1-L2
x = "<b>&amp;</b>"
```

line  \nbreak, [exercise](../tutorials/tutorial_0_start.md) and [draft](../chapters/chapter_0_start_&_go.md)
"""


def texts() -> list[Document]:
    draft = chapter(0, "Start & go", "Not yet.", folder="chapters")
    order = reference("step3_order.yaml", "{}")
    return [draft, chapter(0, "Start & go", NASTY), chapter(1, "Retry"), tutorial(0, "Start"), order]


@pytest.fixture
def published(visitor: Visitor) -> JobId:
    return visitor.publish(texts())


def book_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[0] == "mimetype"
        assert archive.getinfo("mimetype").compress_type == zipfile.ZIP_STORED
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_book_is_well_formed_and_has_every_text(visitor: Visitor, published: JobId) -> None:
    answer = visitor.get(f"/courses/{published}/course.epub")
    assert answer.headers["content-type"] == "application/epub+zip"
    assert answer.headers["content-disposition"] == 'attachment; filename="course-owner-name.epub"'
    files = book_of(answer.content)
    assert files["mimetype"] == b"application/epub+zip"
    parsed = {name: ET.fromstring(data) for name, data in files.items() if name.endswith(("html", "xml", "opf", "ncx"))}  # noqa: S314
    package = parsed["EPUB/package.opf"]
    assert package.find(f".//{DC}title").text == "Course: owner/name"  # type: ignore[union-attr]
    assert package.find(f".//{DC}language").text == "en"  # type: ignore[union-attr]
    titles = [link.text for link in parsed["EPUB/toc.xhtml"].iter(f"{XHTML}a")]
    assert titles == ["Course: owner/name", "Chapter 1: Start & go", "Chapter 2: Retry", "Interactive Tutorial: Start"]
    pages = sorted(name for name in files if re.fullmatch(r"EPUB/page\d{4}\.xhtml", name))
    assert len(pages) == len(titles)
    for page in pages:
        for link in parsed[page].iter(f"{XHTML}a"):
            href = link.get("href", "")
            assert href == "#" or f"EPUB/{href}" in files, href
        assert not [element for element in parsed[page].iter() if element.tag in {f"{XHTML}script", f"{XHTML}img"}]
    first = files["EPUB/page0002.xhtml"].decode()
    assert '<a href="page0004.xhtml">exercise</a>' in first
    assert '<a href="page0002.xhtml">draft</a>' in first


def test_a_book_speaks_the_language_of_its_course() -> None:
    files = book_of(epub_of(texts(), "Tout.", "fr", name="o/n", address="https://x/courses/1/"))
    assert b"<dc:language>fr</dc:language>" in files["EPUB/package.opf"]
    assert b'<section lang="fr" xml:lang="fr">' in files["EPUB/page0001.xhtml"]
    assert "Cours: o/n" in files["EPUB/toc.xhtml"].decode()


def test_a_page_is_one_file_that_asks_for_nothing(visitor: Visitor, published: JobId) -> None:
    answer = visitor.get(f"/courses/{published}/course.html")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="course-owner-name.html"'
    assert "<title>Course: owner/name</title>" in answer.text
    assert not re.findall(r'(?:src|href)="(?!#)', answer.text)
    assert "<script" not in answer.text
    assert "step3_order" not in answer.text


def test_the_overview_offers_each_form_and_no_other_is_there(visitor: Visitor, published: JobId) -> None:
    page = visitor.get(f"/courses/{published}/").text
    for suffix in takeaway.FORMS:
        assert f'href="/courses/{published}/course.{suffix}" download' in page
    assert visitor.get(f"/courses/{published}/course.exe").status_code == 404


def test_what_is_asked_for_often_is_made_once(
    visitor: Visitor, published: JobId, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    form = takeaway.FORMS["html"]

    def make(course: Course, address: str) -> bytes:
        made.append(address)
        return form.make(course, address)

    counted = takeaway.Form(suffix="html", media_type=form.media_type, make=make)
    monkeypatch.setitem(takeaway.FORMS, "html", counted)
    contents = {visitor.get(f"/courses/{published}/course.html").content for _ in range(1000)}
    assert (len(contents), made) == (1, [f"http://localhost/courses/{published}/"])


def test_a_book_names_the_address_at_which_it_was_asked_for(visitor: Visitor, published: JobId) -> None:
    for host in ("localhost", "127.0.0.1", "localhost"):
        book = visitor.get(f"/courses/{published}/course.epub", host=host).content
        assert f"http://{host}/courses/{published}/" in "".join(
            text.decode() for name, text in book_of(book).items() if name.endswith(".opf")
        )


def test_a_course_is_only_for_who_may_read(guarded: Visitor) -> None:
    for suffix in takeaway.FORMS:
        assert guarded.get(f"/courses/job1/course.{suffix}", authorization=f"Bearer {TOKEN}").status_code == 303
