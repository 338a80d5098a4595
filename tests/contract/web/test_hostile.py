"""A hostile repository's course in a real browser: nothing of it runs."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Dialog, Page, Request, expect

from tests.contract.web.conftest import Worker
from tests.contract.web.course_text import DIAGRAM, DIAGRAM_PAYLOADS, PAYLOADS, chapter
from tests.contract.web.pages import submit

DRAWN_MS = 60_000
QUIET_MS = 250
SETTLE_POLLS = 60
# Counts every sign of a script of the course: our own scripts set none of these.
WATCH = """
    window.hacked = 0;
    for (const name of ["alert", "confirm", "prompt"]) window[name] = () => { window.top.hacked = 1; };
"""


class Watched:
    """A page on which a running script leaves a trace."""

    def __init__(self, browser: Browser) -> None:
        self._context = browser.new_context(locale="en-US")
        self._context.add_init_script(WATCH)
        self.page: Page = self._context.new_page()
        self.dialogs: list[str] = []
        self.requests: list[str] = []
        self.page.on("dialog", self._refuse)
        self.page.on("request", self._note)

    def _note(self, request: Request) -> None:
        self.requests.append(request.url)

    def _refuse(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def check(self, url: str) -> None:
        page = self.page
        self._settle()
        for frame in page.frames:
            assert not frame.evaluate("window.hacked")
        assert self.dialogs == []
        foreign = [address for address in self.requests if not address.startswith((url, "data:image/svg+xml"))]
        assert foreign == []

    def _settle(self) -> None:
        """Wait until a loaded page asks for nothing more: images that fail and scripts that they would start."""
        self.page.wait_for_load_state("load")
        for _ in range(SETTLE_POLLS):
            before = len(self.requests)
            self.page.wait_for_timeout(QUIET_MS)
            if len(self.requests) == before:
                return
        raise AssertionError(f"still asking after {SETTLE_POLLS * QUIET_MS} ms: {self.requests[-5:]}")

    def close(self) -> None:
        self._context.close()


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    made = Watched(browser)
    yield made
    made.close()


def published(web_url: str, worker: Worker, name: str, text: str, title: str) -> str:
    submit(web_url, f"https://github.com/owner/{name}.git")
    job = worker.claim()
    document = chapter(0, "x", text)
    document["content"] = f"# {title}\n\n{text}"
    document["title"] = title
    worker.finish(job, [document])
    return f"{web_url}/courses/{job['id']}/reviewed-chapters/chapter_0_x.md"


def test_there_are_payloads_enough() -> None:
    assert len(set(PAYLOADS)) >= 60
    assert len(set(DIAGRAM_PAYLOADS)) >= 12


def test_the_watch_notices_a_script(watched: Watched) -> None:
    watched.page.set_content("<img src=x onerror='window.top.hacked=1'>")
    watched.page.wait_for_function("window.hacked === 1")


def test_no_payload_in_a_text_runs(watched: Watched, web_url: str, worker: Worker) -> None:
    # A divider after each, so that none hides in the construct that another opened.
    text = "\n\n---\n\n".join(f"before\n\n{payload}\n\nafter" for payload in PAYLOADS)
    address = published(web_url, worker, "texts", text, PAYLOADS[0])
    watched.page.goto(address)
    article = watched.page.locator("article.text")
    expect(article).to_be_visible()
    watched.check(web_url)
    handlers = article.evaluate(
        "root => [...root.querySelectorAll('*')].flatMap(e => [...e.attributes])"
        ".filter(a => /^on/i.test(a.name) || /^\\s*(javascript|vbscript|data):/i.test(a.value)).length"
    )
    assert handlers == 0
    assert article.locator("script, iframe, img, svg, math, style, form, input, object, embed").count() == 0
    for link in article.locator("a").all():
        assert str(link.get_attribute("href")).startswith(("https://", "#"))


def test_no_payload_in_a_title_a_name_or_an_error_runs(watched: Watched, web_url: str, worker: Worker) -> None:
    for number, payload in enumerate(p for p in PAYLOADS[:12] if "\n" not in p):
        job_id = submit(web_url, f"https://github.com/owner/t{number}.git")
        job = worker.claim()
        repository = worker.call("query", "repositories:getByRepositoryId", repositoryId=job["repositoryId"])
        user = worker.call("query", "users:getUserByGithubId", githubId="fondation")
        worker.call(
            "mutation",
            "repositories:register",
            userId=user["_id"],
            url=repository["cloneUrl"],
            fullName=f"owner/{payload}",
            name=payload,
        )
        worker.heartbeat(job["id"], status="analyzing", currentStep=2, progress=payload)
        worker.call("mutation", "jobs:appendLog", jobId=job["id"], level="error", msg=payload)
        watched.page.goto(f"{web_url}/jobs/{job_id}")
        expect(watched.page.locator("#announcement")).to_contain_text("Step 2 of 6")
        worker.call("mutation", "queue:retryOrFail", jobId=job["id"], workerId="worker:test", error=payload)
        expect(watched.page.locator("#error")).to_have_text(" ".join(payload.split()))
        expect(watched.page.locator("#log")).to_contain_text(payload)
        watched.check(web_url)
        watched.page.reload()
        watched.check(web_url)
        # Else it would be due again, and claimed in place of the next one.
        worker.call("mutation", "jobs:requestCancel", jobId=job["id"])
    watched.page.goto(web_url)
    expect(watched.page.locator(".card").first).to_be_visible()
    watched.check(web_url)


def test_no_payload_in_a_diagram_runs(watched: Watched, web_url: str, worker: Worker) -> None:
    text = "\n".join((DIAGRAM, *DIAGRAM_PAYLOADS, DIAGRAM))
    watched.page.goto(published(web_url, worker, "diagrams", text, "Diagrams"))
    figures = watched.page.locator("figure.diagram[data-drawn]")
    expect(figures).to_have_count(len(DIAGRAM_PAYLOADS) + 2, timeout=DRAWN_MS)
    # The library goes on working after what it refused.
    assert figures.last.get_attribute("data-drawn") == "yes"
    assert watched.page.locator("figure.diagram img").count() >= 6
    watched.check(web_url)


def test_an_inline_script_could_not_run_even_if_it_passed(watched: Watched, web_url: str) -> None:
    watched.page.goto(web_url)
    refused = watched.page.evaluate(
        """() => new Promise((done) => {
            addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective));
            const script = document.createElement("script");
            try { script.textContent = "window.top.hacked = 1"; } catch (error) { done("trusted types"); }
            document.body.append(script);
            setTimeout(() => done("nothing"), 2000);
        })"""
    )
    assert refused in {"script-src-elem", "require-trusted-types-for", "trusted types"}
    assert not watched.page.evaluate("window.hacked")
