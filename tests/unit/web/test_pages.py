import json
import re

import pytest

from course.jobs import JobStatus
from course.rows import JobId
from course.steps import LANGUAGES
from tests.unit.web.visitor import COMMIT, Visitor, chapter, reference, tutorial
from web.catalogue import CATALOGUE
from web.security import PAGE_POLICY


def test_home_explains_what_is_accepted(visitor: Visitor) -> None:
    text = visitor.get("/").text
    assert "https address" in text
    assert "file:///srv/repositories/&lt;name&gt;.git" in text
    assert CATALOGUE["en"]["list_empty"] in text


def test_local_repositories_are_not_offered_where_they_are_refused(guarded: Visitor) -> None:
    guarded.post("/sign-in", page="/sign-in", token="correct-horse-battery-staple")
    assert "file://" not in guarded.get("/").text


def test_a_submitted_repository_gets_a_job(visitor: Visitor) -> None:
    job_id = visitor.submit("owner/name")
    text = visitor.get(f"/jobs/{job_id}").text
    assert "Course on owner/name" in text
    assert "https://github.com/owner/name.git" in text
    assert f'href="/jobs/{job_id}"' in visitor.get("/").text


@pytest.mark.parametrize(
    ("chosen", "page", "prompt"),
    [
        ("fr", "en", "Générer le cours pour owner/name"),
        ("en", "fr", "Generate comprehensive course documentation for owner/name"),
        ("", "fr", "Générer le cours pour owner/name"),
        ("xx", "en", "Generate comprehensive course documentation for owner/name"),
    ],
)
def test_a_course_is_asked_for_in_the_language_of_the_form(
    visitor: Visitor, chosen: str, page: str, prompt: str
) -> None:
    fields = {"url": "https://github.com/owner/name.git"} | ({"language": chosen} if chosen else {})
    answer = visitor.post("/jobs", headers={"accept-language": page}, **fields)
    assert visitor.backend.prompts[JobId(answer.headers["location"].rpartition("/")[2])] == prompt


def test_a_refused_repository_shows_the_form_again_with_the_value_and_the_reason(visitor: Visitor) -> None:
    answer = visitor.post("/jobs", url='http://10.0.0.1/"x"')
    assert answer.status_code == 422
    assert 'value="http://10.0.0.1/&#34;x&#34;"' in answer.text
    assert "only https repositories are accepted" in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_a_repository_with_an_unfinished_job_links_to_it(visitor: Visitor) -> None:
    job_id = visitor.submit()
    answer = visitor.post("/jobs", url="https://github.com/owner/name.git")
    assert answer.status_code == 409
    assert f'href="/jobs/{job_id}"' in answer.text


@pytest.mark.parametrize("status", list(JobStatus))
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_state_has_its_badge(visitor: Visitor, status: JobStatus, language: str) -> None:
    job_id = visitor.submit()
    visitor.backend.put_job(job_id, status=status, step=2, docs_count=0)
    for path in ("/", f"/jobs/{job_id}"):
        page = visitor.get(path, accept_language=language).text
        badge = re.search(r'<span class="badge[^>]*data-status="(\w+)">([^<]+)<', page)
        assert badge is not None
        assert badge.groups() == (status, CATALOGUE[language][f"status_{status}"])  # type: ignore[index]


def test_the_course_is_offered_only_when_there_is_one(visitor: Visitor) -> None:
    job_id = visitor.submit()
    offered = f'href="/courses/{job_id}/"'
    for status in JobStatus:
        visitor.backend.put_job(job_id, status=status, docs_count=0)
        assert offered not in visitor.get("/").text
    visitor.backend.put_documents(job_id, [chapter(0, "One")])
    assert offered in visitor.get("/").text
    assert "View the course" in visitor.get("/").text
    assert "Voir le cours" in visitor.get("/", accept_language="fr").text


@pytest.mark.parametrize(("told", "marked"), [('{"language": "fr"}', "fr"), ('{"language": "xx"}', "en"), ("{}", "en")])
def test_a_courses_text_is_marked_with_its_own_language(visitor: Visitor, told: str, marked: str) -> None:
    documents = [chapter(0, "One"), reference("step2_relationships.yaml", told)]
    base = f"/courses/{visitor.publish(documents)}/"
    for path in ("", documents[0].slug, documents[1].slug, "search?q=one"):
        for language in LANGUAGES:
            page = visitor.get(base + path, accept_language=language).text.partition("</header>")[2]
            assert set(re.findall(r'<(?:h1|article|ol|tbody|ul)\b[^>]*\blang="(\w+)"', page)) == {marked}


def test_a_new_job_does_not_hide_the_course_that_is_there(visitor: Visitor) -> None:
    first = visitor.publish([chapter(0, "One")])
    visitor.submit()
    assert f'href="/courses/{first}/"' in visitor.get("/").text


def test_the_job_page_shows_six_steps_and_reloads_without_javascript(visitor: Visitor) -> None:
    job_id = visitor.submit()
    visitor.backend.put_job(job_id, status=JobStatus.ANALYZING, step=3)
    visitor.clock.seconds += 65
    text = visitor.get(f"/jobs/{job_id}").text
    assert re.findall(r'<li data-state="(\w+)"', text) == ["done", "done", "current", "waiting", "waiting", "waiting"]
    assert "Step 3 of 6: Determining optimal chapter order" in text
    assert "1 min 05 s" in text
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in text
    french = visitor.get(f"/jobs/{job_id}", accept_language="fr").text
    assert "Étape 3 sur 6 : Détermination" in french


def test_a_retrying_job_says_why_and_when(visitor: Visitor) -> None:
    job_id = visitor.submit()
    now_ms = visitor.clock() * 1000
    visitor.backend.put_job(job_id, attempts=1, error="the repository <b>does</b> not answer", run_at_ms=now_ms)
    text = visitor.get(f"/jobs/{job_id}").text
    assert "Attempt 2 of 5" in text
    assert "the repository &lt;b&gt;does&lt;/b&gt; not answer" in text


@pytest.mark.parametrize("status", [JobStatus.FAILED, JobStatus.DEAD, JobStatus.CANCELED])
def test_an_ended_job_says_what_to_do_next_and_can_start_again(visitor: Visitor, status: JobStatus) -> None:
    job_id = visitor.submit()
    visitor.backend.put_job(job_id, status=status, error="no such branch")
    text = visitor.get(f"/jobs/{job_id}").text
    assert f'<p data-phases="{status}">{CATALOGUE["en"][f"job_next_{status}"]}' in text
    answer = visitor.post(f"/jobs/{job_id}/retry")
    assert answer.status_code == 303
    assert answer.headers["location"] not in {f"/jobs/{job_id}", "/"}


def test_cancel_stops_an_active_job_and_leaves_a_finished_one(visitor: Visitor) -> None:
    job_id = visitor.submit()
    assert visitor.post(f"/jobs/{job_id}/cancel").status_code == 303
    assert 'data-status="canceled"' in visitor.get(f"/jobs/{job_id}").text
    assert visitor.post(f"/jobs/{job_id}/cancel").status_code == 303


def test_the_log_is_shown_with_its_latest_lines(visitor: Visitor) -> None:
    job_id = visitor.submit()
    for number in range(250):
        visitor.backend.append_log(job_id, f"line {number} <i>")
    log = visitor.get(f"/jobs/{job_id}/status").json()["log"]
    assert (log[0], log[-1], len(log)) == ("line 50 <i>", "line 249 <i>", 200)
    assert "line 249 &lt;i&gt;" in visitor.get(f"/jobs/{job_id}").text


def test_events_of_a_finished_job_end_with_its_state(visitor: Visitor) -> None:
    job_id = visitor.publish([chapter(0, "One")])
    answer = visitor.get(f"/jobs/{job_id}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    event = re.search(r"event: job\ndata: (.+)\n\n", answer.text)
    assert event is not None
    assert json.loads(event[1])["phase"] == "ready"


def test_too_many_live_connections_are_told_to_wait() -> None:
    visitor = Visitor(max_streams=0)
    job_id = visitor.submit()
    answer = visitor.get(f"/jobs/{job_id}/events")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    visitor.close()


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/jobs/unknown", "/jobs/..%2fx", "/courses/unknown/", "/course/a/b/latest", "/static/0/site.css"],
)
def test_unknown_addresses_get_a_page_that_leads_back(visitor: Visitor, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 404
    assert 'href="/"' in answer.text


def test_an_unreachable_backend_is_a_page_that_tries_again(visitor: Visitor) -> None:
    visitor.backend.is_down = True
    answer = visitor.get("/")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert '<meta http-equiv="refresh" content="5">' in answer.text
    assert visitor.get("/health").json() == {"status": "ok", "backend": False}


def test_a_form_is_not_repeated_by_itself(visitor: Visitor) -> None:
    token = visitor.form_token()
    visitor.backend.is_down = True
    answer = visitor.request("POST", "/jobs", data={"form-token": token, "url": "owner/name"})
    assert answer.status_code == 503
    assert "refresh" not in answer.text


def test_every_answer_has_the_security_headers(visitor: Visitor) -> None:
    job_id = visitor.publish([chapter(0, "One")])
    for path in ("/", f"/jobs/{job_id}", f"/courses/{job_id}/", "/nothing", "/health", f"/jobs/{job_id}/status"):
        headers = visitor.get(path).headers
        assert headers["content-security-policy"] == PAGE_POLICY
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-frame-options"] == "DENY"
    assert "unsafe" not in PAGE_POLICY


def test_static_files_are_kept_for_ever_and_named_by_content(visitor: Visitor) -> None:
    path = re.search(r'href="(/static/[0-9a-f]+/site.css)"', visitor.get("/").text)
    assert path is not None
    answer = visitor.get(path[1])
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"


# Forms


def test_a_form_without_its_token_is_refused(visitor: Visitor) -> None:
    visitor.get("/")
    for fields in ({}, {"form-token": "0" * 64}, {"form-token": "é"}):
        answer = visitor.request("POST", "/jobs", data={"url": "owner/name", **fields})
        assert answer.status_code == 403
    assert CATALOGUE["en"]["list_empty"] in visitor.get("/").text


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost.evil.example", "sec-fetch-site": "same-origin"},
    ],
)
def test_a_form_from_another_site_is_refused(visitor: Visitor, headers: dict[str, str]) -> None:
    assert visitor.post("/jobs", url="owner/name", headers=headers).status_code == 403


def test_a_form_from_this_site_is_accepted(visitor: Visitor) -> None:
    headers = {"origin": "http://localhost", "sec-fetch-site": "same-origin"}
    assert visitor.post("/jobs", url="owner/name", headers=headers).status_code == 303


def test_a_huge_form_is_refused(visitor: Visitor) -> None:
    assert visitor.post("/jobs", url="x" * 20_000).status_code == 413


def test_a_form_that_is_no_form_is_refused(visitor: Visitor) -> None:
    assert visitor.request("POST", "/jobs", content=b"\xff=%ff").status_code == 400


def test_a_language_sticks_and_leads_back_to_the_page(visitor: Visitor) -> None:
    answer = visitor.post("/language", language="fr", next="/jobs/x")
    assert (answer.status_code, answer.headers["location"]) == (303, "/jobs/x")
    assert 'lang="fr"' in visitor.get("/").text
    for target in ("//evil.example", "https://evil.example", "/\\evil.example", "/\tx"):
        assert visitor.post("/language", language="en", next=target).headers["location"] == "/"
    assert visitor.post("/language", language="de").status_code == 400


# Access


def test_an_open_application_serves_this_machines_names_only(visitor: Visitor) -> None:
    assert visitor.get("/", host="evil.example").status_code == 421
    assert visitor.get("/", host="127.0.0.1:8000").status_code == 200
    assert visitor.get("/", host="[::1]:8000").status_code == 200


def test_without_a_session_everything_leads_to_the_sign_in_page(guarded: Visitor) -> None:
    for method, path in (
        ("GET", "/"),
        ("GET", "/jobs/x"),
        ("GET", "/jobs/x/events"),
        ("GET", "/jobs/x/status"),
        ("GET", "/courses/x/"),
        ("POST", "/jobs"),
        ("POST", "/jobs/x/cancel"),
        ("GET", "/nothing"),
    ):
        answer = guarded.request(method, path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in")
    assert guarded.get("/health").status_code == 200


def test_the_token_opens_a_session_that_does_not_hold_it(guarded: Visitor) -> None:
    answer = guarded.post("/sign-in", page="/sign-in", token="correct-horse-battery-staple", next="/jobs/x")
    assert (answer.status_code, answer.headers["location"]) == (303, "/jobs/x")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "correct" not in cookie
    assert "Secure" not in cookie
    assert guarded.get("/").status_code == 200


def test_behind_https_cookies_are_secure(guarded: Visitor) -> None:
    headers = {"x-forwarded-proto": "https"}
    answer = guarded.post("/sign-in", page="/sign-in", token="correct-horse-battery-staple", headers=headers)
    assert "Secure" in answer.headers["set-cookie"]


def test_signing_out_ends_the_session_everywhere(guarded: Visitor) -> None:
    guarded.post("/sign-in", page="/sign-in", token="correct-horse-battery-staple")
    stolen = guarded.cookies["fondation-session"]
    assert guarded.post("/sign-out").status_code == 303
    guarded.cookies.set("fondation-session", stolen)
    assert guarded.get("/").status_code == 303


def test_wrong_tokens_are_refused_and_then_throttled(guarded: Visitor) -> None:
    for _ in range(5):
        assert guarded.post("/sign-in", page="/sign-in", token="guess").status_code == 403
    answer = guarded.post("/sign-in", page="/sign-in", token="correct-horse-battery-staple")
    assert answer.status_code == 429
    guarded.clock.seconds += int(answer.headers["retry-after"])
    assert guarded.post("/sign-in", page="/sign-in", token="correct-horse-battery-staple").status_code == 303


# Courses


def course(visitor: Visitor) -> str:
    relationships = {
        "summary": "A **summary**, see `src/a.py#L1`.",
        "commit": COMMIT,
        "relationships": [{"from_abstraction": 0, "to_abstraction": 1, "label": "calls", "evidence": "`src/a.py#L2`"}],
    }
    names = [{"name": "One\n", "description": "First <i>", "file_paths": ["src/a.py"]}, {"name": "Two\n"}]
    documents = [
        reference("step1_abstractions.yaml", json.dumps(names), "Abstractions"),
        reference("step2_relationships.yaml", json.dumps(relationships), "Relationships"),
        reference(
            "step3_order.yaml", json.dumps({"order": [{"index": 0, "name": "One", "reasoning": "base"}]}), "Order"
        ),
        *(chapter(n, f"C{n}", folder="chapters") for n in range(11)),
        *(chapter(n, f"C{n}", f"[next](chapter_{n + 1}_c{n + 1}.md) `src/a.py#L1-L2`") for n in range(11)),
        tutorial(0, "C0", "[back](../reviewed-chapters/chapter_0_c0.md)"),
    ]
    return f"/courses/{visitor.publish(documents)}/"


def test_the_overview_lists_chapters_in_teaching_order(visitor: Visitor) -> None:
    text = visitor.get(course(visitor)).text
    listed = re.search(r'<ol class="chapters">(.*?)</ol>', text, re.DOTALL)
    assert listed is not None
    assert re.findall(r">(C\d+)</a>", listed[1]) == [f"C{n}" for n in range(11)]
    assert "<strong>summary</strong>" in text
    assert COMMIT[:12] in text


def test_each_chapter_is_in_the_contents_once_and_its_draft_one_click_away(visitor: Visitor) -> None:
    base = course(visitor)
    text = visitor.get(f"{base}reviewed-chapters/chapter_2_c2.md").text
    assert text.count(f'href="{base}reviewed-chapters/chapter_3_c3.md"') == 2  # contents and next
    assert text.count(f'href="{base}chapters/') == 1
    draft = visitor.get(f"{base}chapters/chapter_2_c2.md").text
    assert "Read the reviewed text" in draft


def test_links_between_chapters_and_citations_work(visitor: Visitor) -> None:
    base = course(visitor)
    text = visitor.get(f"{base}reviewed-chapters/chapter_0_c0.md").text
    assert '<a href="chapter_1_c1.md"' in text
    assert visitor.get(f"{base}reviewed-chapters/chapter_1_c1.md").status_code == 200
    assert f'href="https://github.com/owner/name/blob/{COMMIT}/src/a.py#L1-L2"' in text
    assert 'href="../reviewed-chapters/chapter_0_c0.md"' in visitor.get(f"{base}tutorials/tutorial_0_c0.md").text


def test_references_are_tables_and_files(visitor: Visitor) -> None:
    base = course(visitor)
    text = visitor.get(f"{base}step2_relationships.yaml").text
    assert re.search(r"<td>One</td>.*?<td>calls</td>.*?<td>Two</td>", text, re.DOTALL)
    assert "relationships" in text
    assert "First &lt;i&gt;" in visitor.get(f"{base}step1_abstractions.yaml").text
    assert "<td>base</td>" in visitor.get(f"{base}step3_order.yaml").text


def test_a_reference_of_another_shape_is_shown_as_it_is(visitor: Visitor) -> None:
    job_id = visitor.publish([chapter(0, "One"), reference("step1_abstractions.yaml", "not: [json <b>")])
    answer = visitor.get(f"/courses/{job_id}/step1_abstractions.yaml")
    assert answer.status_code == 200
    assert "&lt;b&gt;" in answer.text


def test_the_latest_course_has_an_address_of_its_own(visitor: Visitor) -> None:
    base = course(visitor)
    assert visitor.get("/course/owner/name/latest").headers["location"] == base
    slug = "reviewed-chapters/chapter_0_one.md"
    newer = visitor.publish([chapter(0, "One"), chapter(1, "Two")])
    assert visitor.get(f"/course/owner/name/latest/{slug}").headers["location"] == f"/courses/{newer}/{slug}"
    assert visitor.get("/course/owner/name/latest/%0d%0aSet-Cookie: x").status_code == 404
    for gone in ("chapters/nowhere.md", "..%2f..%2fhealth"):
        assert visitor.get(f"/course/owner/name/latest/{gone}").headers["location"] == f"/courses/{newer}/"


def test_a_course_that_was_replaced_links_to_the_newest(visitor: Visitor) -> None:
    old = visitor.publish([chapter(0, "One")])
    visitor.backend.put_documents(old, [])
    visitor.backend.put_job(old, docs_count=1)
    new = visitor.publish([chapter(0, "One")])
    answer = visitor.get(f"/courses/{old}/")
    assert answer.status_code == 404
    assert f'href="/courses/{new}/"' in answer.text


def test_a_job_without_a_course_leads_to_its_page(visitor: Visitor) -> None:
    job_id = visitor.submit()
    assert visitor.get(f"/courses/{job_id}/").headers["location"] == f"/jobs/{job_id}"


def test_a_course_without_chapters_says_so(visitor: Visitor) -> None:
    job_id = visitor.publish([tutorial(0, "One")])
    assert "no chapter" in visitor.get(f"/courses/{job_id}/").text
