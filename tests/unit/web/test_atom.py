"""The feed of new courses: well-formed, absolute, the newest first, whatever repositories are called."""

from xml.etree import ElementTree as ET

from tests.unit.web.visitor import Visitor, chapter

ATOM = "{http://www.w3.org/2005/Atom}"


def feed(visitor: Visitor) -> ET.Element:
    answer = visitor.get("/courses.atom")
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "application/atom+xml")
    return ET.fromstring(answer.content)  # noqa: S314 - of our own making


def test_a_feed_without_courses_is_a_feed(visitor: Visitor) -> None:
    found = feed(visitor)
    assert found.findtext(f"{ATOM}id") == "http://localhost/courses.atom"
    assert found.findall(f"{ATOM}entry") == []


def test_the_newest_course_of_each_repository_is_an_entry(visitor: Visitor) -> None:
    visitor.publish([chapter(0, "One")])
    visitor.clock.seconds += 60
    newer = visitor.publish([chapter(0, "One")])
    visitor.clock.seconds += 60
    other = visitor.submit("https://github.com/owner/a-and-b.git")
    visitor.backend.put_documents(other, [chapter(0, "One")])
    visitor.submit("https://github.com/owner/later.git")
    entries = feed(visitor).findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}id") for entry in entries] == [
        f"http://localhost/courses/{other}/",
        f"http://localhost/courses/{newer}/",
    ]
    assert all(entry.findtext(f"{ATOM}updated", "").startswith("2027-01-15T08:0") for entry in entries)
    assert 'href="/courses.atom"' in visitor.get("/").text


def test_a_feed_is_only_for_who_may_read(guarded: Visitor) -> None:
    assert guarded.get("/courses.atom").status_code in {303, 401}
