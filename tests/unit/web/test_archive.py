"""The archive of a course: every text, nothing else, and nowhere but in its own folder."""

import io
import zipfile

from course.documents import Document, DocumentKind
from tests.unit.web.visitor import Visitor, chapter, reference, tutorial
from web.archive import archive_of, file_name


def test_a_course_is_taken_along_as_files(visitor: Visitor) -> None:
    job = visitor.publish([chapter(0, "Start"), tutorial(0, "Start"), reference("step3_order.yaml", "{}")])
    answer = visitor.get(f"/courses/{job}/course.zip")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == 'attachment; filename="course-owner-name.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == [
            "course-owner-name/reviewed-chapters/chapter_0_start.md",
            "course-owner-name/step3_order.yaml",
            "course-owner-name/tutorials/tutorial_0_start.md",
        ]
        text = archive.read("course-owner-name/reviewed-chapters/chapter_0_start.md").decode()
    assert text.startswith("# Chapter 1: Start")
    assert f"/courses/{job}/course.zip" in visitor.get(f"/courses/{job}/").text
    assert visitor.get(f"/courses/{job}/course.zip").content == answer.content


def test_a_slug_that_leads_out_is_left_out() -> None:
    slugs = ("../up.md", "/etc/passwd", "a/../../up.md", "..\\up.md", "a/../fine.md", "cited-sources.json")
    documents = [Document(slug=slug, title="T", kind=DocumentKind.YAML, content="x") for slug in slugs]
    with zipfile.ZipFile(io.BytesIO(archive_of(documents, "course"))) as archive:
        assert archive.namelist() == ["course/fine.md"]


def test_its_name_is_harmless() -> None:
    assert file_name('a/b"; x=\r\n') == "a-b-x"
    assert file_name("日本") == "course"
    assert len(file_name("x" * 500)) == 80
