"""The source beside the text: every citation leads to its lines, and a line to where it is cited."""

import re

import pytest

from course.cited_sources import sources_document
from course.documents import Document
from course.rows import JobId
from tests.unit.web.visitor import Visitor, chapter, tutorial
from web.catalogue import CATALOGUE

FILES = {
    "src/app.py": [f"value_{number} = {number}" for number in range(1, 901)],
    "notes & <b>.md": ["# Notes", "", "Text with <script>alert(1)</script>."],
}
TEXT = "It begins (`src/app.py#L10-L12`), then `src/app.py#L700`, and `gone.py#L1`. See `notes & <b>.md#L3`."


def published(visitor: Visitor, *documents: Document) -> JobId:
    course = documents or (
        chapter(0, "Start", TEXT),
        chapter(1, "More", "Again `src/app.py#L11`."),
        tutorial(0, "Start"),
    )
    sources = sources_document(course, FILES.get)
    assert sources is not None
    return visitor.publish([*course, sources])


def test_a_citation_leads_to_its_lines_in_the_course_itself(visitor: Visitor) -> None:
    job = published(visitor)
    text = visitor.get(f"/courses/{job}/reviewed-chapters/chapter_0_start.md").text
    links = re.findall(r'<a class="citation" href="([^"]+)"', text)
    assert f"/courses/{job}/source/src/app.py?lines=10-12#L10" in [link.replace("&amp;", "&") for link in links]
    # What is not kept leads to the host, where there is one.
    assert any(link.startswith("https://github.com/owner/name/blob/") for link in links) or "gone.py#L1</code>" in text


def test_the_page_of_a_file_shows_the_lines_that_are_looked_for(visitor: Visitor) -> None:
    job = published(visitor)
    page = visitor.get(f"/courses/{job}/source/src/app.py?lines=10-12")
    assert page.status_code == 200
    assert re.findall(r'class="row wanted" id="L(\d+)"', page.text) == ["10", "11", "12"]
    numbers = [int(number) for number in re.findall(r'id="L(\d+)"', page.text)]
    assert numbers == [*range(1, 73), *range(640, 761)]
    assert page.text.count('class="gap"') == 1
    assert CATALOGUE["en"]["source_kicker"].format(count=900) in page.text


def test_a_line_leads_back_to_every_place_that_cites_it(visitor: Visitor) -> None:
    job = published(visitor)
    cited = visitor.get(f"/courses/{job}/source/src/app.py?lines=11-11&part=1").text
    assert re.findall(r'href="[^"]*chapters/([^"]+)"', cited) == ["chapter_0_start.md", "chapter_1_more.md"]
    assert "(10\u201312)" in cited
    once = visitor.get(f"/courses/{job}/source/src/app.py?lines=700-700&part=1").text
    assert re.findall(r'href="[^"]*chapters/([^"]+)"', once) == ["chapter_0_start.md"]
    assert "<html" not in once


def test_hostile_names_and_lines_stay_text(visitor: Visitor) -> None:
    job = published(visitor)
    page = visitor.get(f"/courses/{job}/source/notes%20%26%20%3Cb%3E.md?lines=3")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "<b>" not in page.text
    assert 'id="L3"' in page.text


@pytest.mark.parametrize("lines", ["", "x", "9-1", "0", "999999999-999999999", "1-2-3", "%00"])
def test_whatever_is_asked_for_is_a_page(visitor: Visitor, lines: str) -> None:
    job = published(visitor)
    page = visitor.get(f"/courses/{job}/source/src/app.py?lines={lines}")
    assert page.status_code == 200
    assert "row wanted" not in page.text


@pytest.mark.parametrize("path", ["gone.py", "src", "", "../app.py", "src/app.py/"])
def test_a_file_that_is_not_kept_has_no_page(visitor: Visitor, path: str) -> None:
    job = published(visitor)
    assert visitor.get(f"/courses/{job}/source/{path}").status_code == 404


def test_what_is_kept_is_no_reference_that_people_are_shown(visitor: Visitor) -> None:
    job = published(visitor)
    assert "cited-sources.json" not in visitor.get(f"/courses/{job}/").text
    assert visitor.get(f"/courses/{job}/cited-sources.json").status_code == 404


def test_a_course_without_it_is_read_as_before(visitor: Visitor) -> None:
    job = visitor.publish([chapter(0, "Start", TEXT)])
    text = visitor.get(f"/courses/{job}/reviewed-chapters/chapter_0_start.md").text
    assert "source.js" not in text
    assert "source-panel" not in text
    assert visitor.get(f"/courses/{job}/source/src/app.py").status_code == 404


def test_the_panel_gets_the_surroundings_alone(visitor: Visitor) -> None:
    job = published(visitor)
    part = visitor.get(f"/courses/{job}/source/src/app.py?lines=700-700&part=1").text
    assert [int(number) for number in re.findall(r'id="L(\d+)"', part)] == [*range(675, 726)]
