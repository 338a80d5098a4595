"""The JSON API: every answer is what the OpenAPI document says, and every refusal tells a program what to do."""

import json
import re
from typing import Any

import httpx
import jsonschema
import pytest
from openapi_spec_validator import validate

from course.cited_sources import sources_document
from course.repository import UrlPolicy
from course.rows import JobId
from tests.unit.web.visitor import COMMIT, TOKEN, Visitor, chapter, reference, tutorial
from web.access import FAILURES
from web.api import openapi
from web.api.table import OPERATIONS, PREFIX
from web.settings import Secret

CITED = chapter(1, "Retry", "It waits (`src/retry.py#L2`).\n\n## Pauses\n\nThe pause doubles.")
RELATIONS = json.dumps({"commit": COMMIT, "summary": "Sends *again*.", "language": "fr"})
SOURCE = ("import time", "def retry(): ...")


@pytest.fixture
def published(visitor: Visitor) -> JobId:
    texts = [chapter(0, "Start"), CITED, tutorial(0, "Start"), reference("step2_relationships.yaml", RELATIONS)]
    kept = sources_document(texts, {"src/retry.py": SOURCE}.get)
    assert kept is not None
    return visitor.publish([*texts, kept])


class Caller:
    """A program that knows the API by its document alone: it calls by the operation's name and checks the answer."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.document = visitor.get(f"{PREFIX}/openapi.json").json()
        self.operations = {
            operation["operationId"]: (method, path, operation)
            for path, methods in self.document["paths"].items()
            for method, operation in methods.items()
        }

    def ask(self, name: str, *, body: Any = None, query: dict[str, str] | None = None, **path: str) -> httpx.Response:  # noqa: ANN401
        method, address, operation = self.operations[name]
        keywords = {} if body is None else {"json": body}
        answer = self.visitor.request(method.upper(), address.format(**path), params=query, **keywords)
        responses = operation["responses"]
        assert str(answer.status_code) in responses, answer.text
        schema = responses[str(answer.status_code)]["content"]["application/json"]["schema"]
        assert answer.headers["content-type"] == "application/json"
        jsonschema.validate(answer.json(), {**schema, "components": self.document["components"]})
        return answer

    def told(self, name: str, status: int = 200, **keywords: Any) -> Any:  # noqa: ANN401 - what JSON holds
        answer = self.ask(name, **keywords)
        assert answer.status_code == status, answer.text
        return answer.json()


@pytest.fixture
def caller(visitor: Visitor) -> Caller:
    return Caller(visitor)


def test_the_document_is_openapi_and_has_every_operation(caller: Caller) -> None:
    validate(caller.document)
    assert caller.document == openapi.document()
    assert len(caller.operations) == len(OPERATIONS)
    for _, _, operation in caller.operations.values():
        assert operation["summary"].endswith(".")


def test_a_program_finds_reads_and_searches_a_course(caller: Caller, published: JobId) -> None:
    [listed] = caller.told("courses")["courses"]
    assert (listed["job"], listed["repository"], listed["texts"]) == (published, "owner/name", 5)
    course = caller.told("course", job_id=published)
    assert [chapter["name"] for chapter in course["chapters"]] == ["Start", "Retry"]
    assert (course["commit"], course["language"], course["summary"]) == (COMMIT, "fr", "Sends *again*.")
    assert course["sources"] == ["src/retry.py"]
    assert [entry["slug"] for entry in course["references"]] == ["step2_relationships.yaml"]
    first, second = course["chapters"]
    assert first["tutorial"] == course["tutorials"][0]["slug"]
    text = caller.told("text", job_id=published, slug=second["slug"])
    assert text["content"] == CITED.content
    assert (text["kind"], text["previous"], text["next"]) == ("chapter", first["slug"], None)
    assert caller.told("text", job_id=published, slug=first["tutorial"])["kind"] == "tutorial"
    [found] = caller.told("search_course", job_id=published, query={"q": "doubles"})["hits"]
    assert (found["heading"], found["snippet"]) == ("Pauses", "The pause doubles.")
    assert found["url"] == f"http://localhost/courses/{published}/{second['slug']}#s-pauses"
    assert caller.visitor.get(found["url"]).status_code == 200
    told = caller.told("ask", job_id=published, query={"q": "How long does it wait?"})["passages"]
    assert [(passage["slug"], passage["content"]) for passage in told] == [(second["slug"], told[0]["content"])]
    assert "`src/retry.py#L2`" in told[0]["content"]
    assert caller.told("ask", 422, job_id=published, query={"q": " "})["code"] == "query"
    everywhere = caller.told("search_all", query={"q": "doubles"})["hits"]
    assert [hit["url"] for hit in everywhere] == [found["url"]]


def test_a_citation_leads_to_its_lines(caller: Caller, published: JobId) -> None:
    source = caller.told("source", job_id=published, path="src/retry.py")
    assert source["parts"] == [{"start": 1, "lines": list(SOURCE)}]
    assert [(place["name"], place["lines"]) for place in source["cited_by"]] == [("Retry", [[2, 2]])]
    assert source["host_url"] == f"https://github.com/owner/name/blob/{COMMIT}/src/retry.py#L1-L1"


def test_a_program_submits_follows_cancels_and_deletes(caller: Caller) -> None:
    job = caller.told("submit", 201, body={"url": "owner/name", "language": "fr"})
    assert (job["repository"], job["status"], job["is_finished"], job["course_url"]) == (
        "owner/name",
        "pending",
        False,
        None,
    )
    assert "Générer" in caller.visitor.backend.prompts[job["id"]]
    assert caller.told("jobs")["jobs"] == [caller.told("job", job_id=job["id"])]
    busy = caller.told("submit", 409, body={"url": "owner/name"})
    assert (busy["code"], busy["job"]) == ("busy", job["id"])
    no_course = caller.told("course", 404, job_id=job["id"])
    assert (no_course["code"], no_course["job"]) == ("no_course", job["id"])
    assert caller.told("cancel", job_id=job["id"])["status"] == "canceled"
    assert caller.told("cancel", job_id=job["id"])["is_finished"]
    caller.told("delete", job_id=job["id"])
    assert caller.told("jobs")["jobs"] == []
    assert caller.told("job", 404, job_id=job["id"])["code"] == "not_found"


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"url": "ftp://example.org/a.git"}, 422, "https"),
        ({"url": 3}, 422, "Expected `str`, got `int` - at `$.url`"),
        ({}, 422, "missing required field `url`"),
        ({"url": "owner/name", "language": "xx"}, 422, "$.language"),
        ({"url": "owner/name", "langauge": "fr"}, 422, "unknown field `langauge`"),
        ([], 422, "Expected `object`"),
        ({"url": "x" * 20_000}, 413, "16384 bytes"),
    ],
)
def test_a_submission_that_is_none_is_told_what_is_wrong(
    caller: Caller,
    body: Any,  # noqa: ANN401
    status: int,
    message: str,
) -> None:
    assert message in caller.told("submit", status, body=body)["message"]
    assert caller.told("jobs")["jobs"] == []


def test_what_is_no_json_or_says_to_be_none_is_refused(visitor: Visitor) -> None:
    path = f"{PREFIX}/jobs"
    cut = visitor.request("POST", path, content=b'{"url": ', headers={"content-type": "application/json"})
    assert (cut.status_code, cut.json()["code"]) == (400, "json")
    form = visitor.request("POST", path, data={"url": "owner/name"})
    assert (form.status_code, form.json()["code"]) == (415, "media_type")


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "ten", "9" * 5_000, "\u0661"])
def test_a_limit_that_is_none_is_named(caller: Caller, limit: str) -> None:
    assert "give a number from 1 to 1000" in caller.told("courses", 422, query={"limit": limit})["message"]


def test_a_list_is_as_long_as_asked_for(caller: Caller) -> None:
    for number in range(3):
        caller.told("submit", 201, body={"url": f"owner/name-{number}"})
    assert [job["repository"] for job in caller.told("jobs", query={"limit": "2"})["jobs"]] == [
        "owner/name-2",
        "owner/name-1",
    ]


@pytest.mark.parametrize("query", ["", "   ", "!?"])
def test_a_query_without_words_is_told_so(caller: Caller, published: JobId, query: str) -> None:
    assert "?q=retry" in caller.told("search_all", 422, query={"q": query})["message"]
    assert caller.told("search_course", 422, job_id=published, query={"q": query})["code"] == "query"


def test_what_is_not_there_is_json_too(caller: Caller, visitor: Visitor, published: JobId) -> None:
    for name, keywords in (
        ("course", {"job_id": "nowhere"}),
        ("text", {"job_id": published, "slug": "chapters/none.md"}),
        ("source", {"job_id": published, "path": "../../etc/passwd"}),
        ("source", {"job_id": published, "path": "src/other.py"}),
    ):
        assert caller.told(name, 404, **keywords)["code"] == "not_found"
    assert visitor.get(f"{PREFIX}/nowhere").json()["code"] == "not_found"
    wrong = visitor.request("PUT", f"{PREFIX}/jobs")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method")
    assert set(wrong.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}


def test_a_backend_that_is_gone_is_told_with_when_to_come_back(caller: Caller, visitor: Visitor) -> None:
    visitor.backend.is_down = True
    answer = caller.ask("jobs")
    assert (answer.status_code, answer.json()["code"]) == (503, "unreachable")
    assert int(answer.headers["retry-after"]) > 0


def test_a_course_that_a_newer_one_replaced_says_which(caller: Caller, visitor: Visitor, published: JobId) -> None:
    visitor.backend.put_documents(published, [])
    told = caller.told("course", 404, job_id=published)
    assert told["code"] in {"outdated", "no_course"}


def test_another_sites_page_changes_nothing(visitor: Visitor, published: JobId) -> None:
    for method, path in (
        ("POST", f"{PREFIX}/jobs"),
        ("POST", f"{PREFIX}/jobs/{published}/cancel"),
        ("DELETE", f"{PREFIX}/jobs/{published}"),
    ):
        answer = visitor.request(method, path, json={"url": "owner/b"}, headers={"sec-fetch-site": "cross-site"})
        assert (answer.status_code, answer.json()["code"]) == (403, "origin")
    assert visitor.get(f"/courses/{published}/").status_code == 200


def test_only_the_access_token_lets_a_program_in(guarded: Visitor) -> None:
    def asked(**headers: str) -> httpx.Response:
        return guarded.get(f"{PREFIX}/jobs", **headers)

    assert asked(authorization=f"Bearer {TOKEN}").json() == {"jobs": []}
    assert asked(authorization=f"bearer  {TOKEN} ").status_code == 200
    for header in ("", f"Basic {TOKEN}", TOKEN, "Bearer", "Bearer "):
        refused = asked(authorization=header)
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        assert "Authorization: Bearer <token>" in refused.json()["message"]
    # A token opens the API, not the pages: those have sessions that can be ended.
    assert guarded.get("/", authorization=f"Bearer {TOKEN}").status_code == 303


def test_guessing_a_token_is_slowed_down(guarded: Visitor) -> None:
    for _ in range(FAILURES):
        assert guarded.get(f"{PREFIX}/jobs", authorization="Bearer wrong").status_code == 401
    waiting = guarded.get(f"{PREFIX}/jobs", authorization=f"Bearer {TOKEN}")
    assert (waiting.status_code, waiting.json()["code"]) == (429, "wait")
    guarded.clock.seconds += 120
    assert guarded.get(f"{PREFIX}/jobs", authorization=f"Bearer {TOKEN}").status_code == 200


def test_a_token_is_in_no_answer_of_the_document() -> None:
    made = Visitor(access_token=Secret(TOKEN), url_policy=UrlPolicy())
    answer = made.get(f"{PREFIX}/openapi.json", authorization=f"Bearer {TOKEN}")
    assert answer.status_code == 200
    assert TOKEN not in answer.text
    made.close()


def test_the_manual_names_every_operation() -> None:
    from tests.trial import ROOT  # noqa: PLC0415 - the root of the checkout alone

    manual = (ROOT / "docs" / "api.md").read_text()
    told = set(re.findall(r"^\| `(GET|POST|DELETE) (\S+)` \|", manual, re.MULTILINE))
    assert told == {(operation.method, re.sub(r":path", "", operation.path)) for operation in OPERATIONS}
