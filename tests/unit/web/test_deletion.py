"""Deletion in the page: asked about first, done once, and only by a form of ours."""

from course.rows import JobId
from tests.unit.web.visitor import Visitor, chapter


def published(visitor: Visitor) -> JobId:
    return visitor.publish([chapter(0, "Start")])


def test_it_is_asked_what_is_to_go_and_asking_deletes_nothing(visitor: Visitor) -> None:
    job = published(visitor)
    assert f'href="/jobs/{job}/delete"' in visitor.get(f"/jobs/{job}").text
    page = visitor.get(f"/jobs/{job}/delete").text
    assert "Delete: owner/name" in page
    assert "all of its jobs (1) and courses (1)" in page
    assert visitor.get(f"/courses/{job}/").status_code == 200


def test_a_job_goes_with_its_course(visitor: Visitor) -> None:
    job = published(visitor)
    answer = visitor.post(f"/jobs/{job}/delete", page=f"/jobs/{job}/delete", what="job")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    for path in (f"/jobs/{job}", f"/courses/{job}/", f"/jobs/{job}/delete"):
        assert visitor.get(path).status_code == 404


def test_a_repository_goes_with_all_of_its_jobs(visitor: Visitor) -> None:
    first = published(visitor)
    second = visitor.submit()
    visitor.post(f"/jobs/{first}/delete", page=f"/jobs/{first}/delete", what="repository")
    assert visitor.get(f"/jobs/{second}").status_code == 404
    assert second not in visitor.get("/").text


def test_a_form_of_somebody_else_deletes_nothing(visitor: Visitor) -> None:
    job = published(visitor)
    answer = visitor.request("POST", f"/jobs/{job}/delete", data={"what": "job", "form-token": "f" * 64})
    assert answer.status_code == 403
    assert visitor.get(f"/courses/{job}/").status_code == 200
