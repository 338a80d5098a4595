"""The pages in a real browser."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from course.book import page_of
from course.documents import Document, DocumentKind
from tests.contract.web.conftest import Worker
from tests.contract.web.course_text import course
from tests.contract.web.pages import submit

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
DRAWN_MS = 30_000


class Tab:
    """A page and what its console said against the content security policy or as an error."""

    def __init__(self, browser: Browser, **options: Any) -> None:  # noqa: ANN401 - the browser's own
        self._context = browser.new_context(**{"viewport": DESKTOP, "locale": "en-US", **options})
        self._context.set_default_timeout(15_000)
        self.page: Page = self._context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type in {"error", "warning"} else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def close(self) -> None:
        self._context.close()
        assert self.complaints == []


@pytest.fixture
def tab(browser: Browser) -> Iterator[Tab]:
    made = Tab(browser)
    yield made
    made.close()


@pytest.fixture(scope="module")
def course_url(web_url: str, worker: Worker) -> str:
    submit(web_url, "https://github.com/owner/course.git")
    job = worker.claim()
    worker.finish(job, course())
    return f"{web_url}/courses/{job['id']}/"


def width_of(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))


def test_from_the_form_to_the_course_without_a_reload(tab: Tab, web_url: str, worker: Worker) -> None:
    page = tab.page
    page.goto(web_url)
    page.get_by_label("Repository").fill("https://github.com/owner/walk.git")
    page.get_by_role("button", name="Create the course").click()
    page.wait_for_url("**/jobs/*")
    page.evaluate("window.stays = true")
    expect(page.locator("#badge")).to_have_text("Waiting")
    expect(page.locator("#live")).to_have_text("This page follows the job by itself.")
    job = worker.claim()
    for step in range(1, 7):
        worker.heartbeat(job["id"], status="analyzing", currentStep=step)
        expect(page.locator("li[aria-current=step]")).to_have_count(1)
        expect(page.locator("#announcement")).to_contain_text(f"Step {step} of 6")
        assert page.locator("#bar").evaluate("bar => bar.value") == step
    worker.finish(job, course())
    button = page.get_by_role("link", name="View the course")
    expect(button).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_be_hidden()
    assert page.evaluate("window.stays") is True
    button.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Course: owner/walk")


def test_a_failed_attempt_and_the_end_are_shown_without_a_reload(tab: Tab, web_url: str, worker: Worker) -> None:
    job_id = submit(web_url, "https://github.com/owner/fails.git")
    tab.page.goto(f"{web_url}/jobs/{job_id}")
    job = worker.claim()
    worker.call("mutation", "queue:retryOrFail", jobId=job["id"], workerId="worker:test", error="no such branch")
    expect(tab.page.locator("#error")).to_have_text("no such branch")
    expect(tab.page.locator("#attempt")).to_contain_text("Attempt 2 of 5")
    tab.page.get_by_role("button", name="Cancel").click()
    expect(tab.page.get_by_role("button", name="Start again")).to_be_visible()


def test_diagrams_are_drawn_as_images_and_a_broken_one_stays_text(tab: Tab, course_url: str) -> None:
    page = tab.page
    page.goto(f"{course_url}reviewed-chapters/chapter_2_client.md")
    expect(page.locator("figure.diagram[data-drawn]")).to_have_count(3, timeout=DRAWN_MS)
    expect(page.locator("figure.diagram[data-drawn=yes] img")).to_have_count(2)
    for image in page.locator("figure.diagram img").all():
        assert str(image.get_attribute("src")).startswith("data:image/svg+xml")
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    expect(page.locator("figure.diagram[data-drawn=no] pre")).to_be_visible()
    assert page.locator("figure.diagram[data-drawn=no] pre").inner_text().startswith("flowchart LR")


def test_the_frame_that_draws_has_no_access_to_the_page(tab: Tab, course_url: str) -> None:
    page = tab.page
    page.goto(f"{course_url}reviewed-chapters/chapter_2_client.md")
    expect(page.locator("figure.diagram[data-drawn]")).to_have_count(3, timeout=DRAWN_MS)
    frame = next(frame for frame in page.frames if frame.url.endswith("/diagram-frame"))
    assert frame.evaluate("self.origin") == "null"
    for reach in ("parent.document.title", "document.cookie", "localStorage.length"):
        assert frame.evaluate(f"(() => {{ try {{ {reach}; return 'reached' }} catch (e) {{ return e.name }} }})()") == (
            "SecurityError"
        )


def test_links_between_documents_lead_there(tab: Tab, course_url: str) -> None:
    page = tab.page
    page.goto(course_url)
    page.get_by_role("link", name="Start with the first chapter").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Client")
    page.get_by_role("article").get_by_role("link", name="the server").click()
    expect(heading).to_have_text("Server")
    page.get_by_role("link", name=re.compile("^← Previous")).click()
    expect(heading).to_have_text("Client")
    page.get_by_role("link", name="Read the draft").click()
    expect(page.get_by_role("link", name="Read the reviewed text")).to_be_visible()
    page.get_by_role("link", name="Practise: Client").click()
    page.get_by_role("link", name="Back").click()
    expect(page).to_have_url(re.compile("reviewed-chapters/chapter_2_client.md$"))
    citation = page.locator("a.citation").first
    assert "/owner/course/blob/0123456789abcdef" in str(citation.get_attribute("href"))


def test_everything_is_reached_with_the_keyboard(tab: Tab, web_url: str, course_url: str) -> None:
    page = tab.page
    page.goto(web_url)
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the content")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Repository")).to_be_focused()
    page.keyboard.type("ftp://example.org/x")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("is not accepted")
    expect(page.get_by_label("Repository")).to_be_focused()
    expect(page.get_by_label("Repository")).to_have_value("ftp://example.org/x")
    page.goto(course_url)
    seen = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        text, outline = page.evaluate("""() => {
            const element = document.activeElement;
            return [element.innerText, getComputedStyle(element).outlineStyle];
        }""")
        seen.add(text)
        assert outline != "none", text
    assert {"Overview", "Client", "Server"} <= seen
    # The refused form is an answer with status 422, which the console reports.
    tab.complaints[:] = [text for text in tab.complaints if "422" not in text]


def test_without_javascript_everything_is_there(
    browser: Browser, web_url: str, course_url: str, worker: Worker
) -> None:
    tab = Tab(browser, java_script_enabled=False)
    page = tab.page
    page.goto(f"{course_url}reviewed-chapters/chapter_2_client.md")
    expect(page.locator("figure.diagram pre").first).to_be_visible()
    page.goto(web_url)
    page.get_by_label("Repository").fill("owner/nojs")
    page.get_by_role("button", name="Create the course").click()
    page.wait_for_url("**/jobs/*")
    expect(page.locator("#badge")).to_have_text("Waiting")
    job = worker.claim()
    worker.heartbeat(job["id"], status="analyzing", currentStep=4)
    # The page reloads by itself.
    expect(page.locator("#announcement")).to_contain_text("Step 4 of 6", timeout=12_000)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Start again")).to_be_visible()
    tab.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_phone(browser: Browser, web_url: str, course_url: str, scheme: str) -> None:
    tab = Tab(browser, viewport=PHONE, is_mobile=True, has_touch=True, color_scheme=scheme)
    page = tab.page
    job = course_url.removesuffix("/").replace("/courses/", "/jobs/")
    for address in (
        web_url,
        job,
        course_url,
        f"{course_url}reviewed-chapters/chapter_2_client.md",
        f"{course_url}step2_relationships.yaml",
    ):
        page.goto(address)
        if address.endswith("client.md"):
            expect(page.locator("figure.diagram[data-drawn]")).to_have_count(3, timeout=DRAWN_MS)
        assert width_of(page) <= PHONE["width"], address
    contents = page.get_by_role("navigation", name="Contents")
    expect(contents.get_by_role("link", name="Server")).to_be_hidden()
    contents.get_by_text("Contents").click()
    expect(contents.get_by_role("link", name="Server")).to_be_visible()
    assert width_of(page) <= PHONE["width"]
    tab.close()


def test_french_for_who_reads_it_and_the_choice_sticks(browser: Browser, web_url: str, course_url: str) -> None:
    tab = Tab(browser, locale="fr-FR")
    page = tab.page
    page.goto(web_url)
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.get_by_role("link", name="Voir le cours").first).to_be_visible()
    page.goto(course_url)
    page.get_by_role("button", name="English").click()
    expect(page).to_have_url(course_url)
    page.goto(web_url)
    expect(page.get_by_role("link", name="View the course").first).to_be_visible()
    tab.close()


def test_the_reader_remembers_what_was_read_and_where_one_left_off(tab: Tab, course_url: str) -> None:
    page = tab.page
    page.goto(course_url)
    expect(page.locator("#resume")).to_be_hidden()
    page.goto(f"{course_url}reviewed-chapters/chapter_2_client.md")
    contents = page.locator(".contents ol").first
    expect(contents.get_by_role("link", name="Client")).not_to_contain_text("✓")
    page.locator(".around").scroll_into_view_if_needed()
    expect(contents.get_by_role("link", name="Client")).to_contain_text("✓")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", level=1)).to_have_text("Server")
    page.goto(course_url)
    expect(page.locator("#resume")).to_have_text(re.compile(r"Where you left off:\s+Server"))
    page.locator("#resume a").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Server")
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type("travel")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Nothing of this course")


@pytest.mark.parametrize(
    "spoil",
    [
        "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };",
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } });",
        "localStorage.setItem('fondation:reading:owner/course', '{\"read\": null, \"last\": 7}');",
        "localStorage.setItem('fondation:reading:owner/course', '[');",
    ],
)
def test_where_nothing_can_be_remembered_everything_is_there(tab: Tab, course_url: str, spoil: str) -> None:
    page = tab.page
    page.add_init_script(f"if (self.origin !== 'null') {{ {spoil} }}")  # not in the frame that draws, which has none
    page.goto(f"{course_url}reviewed-chapters/chapter_2_client.md")
    page.locator(".around").scroll_into_view_if_needed()
    page.get_by_role("link", name=re.compile("^Next")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Server")


def test_a_course_in_one_file_fits_a_phone(tab: Tab) -> None:
    path = "src/main/java/org/example/shop/orders/OrderController.java#L1"
    text = f"# {'OrderController' * 4}\n\n| what comes in | what answers | where |\n| --- | --- | --- |\n"
    text += f"| `GET /orders` | `OrderController.show` | `{path}` → `{path}` |\n"
    document = Document(slug="reviewed-chapters/chapter_0_a.md", title="A", kind=DocumentKind.CHAPTER, content=text)
    tab.page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # two numbers
    tab.page.set_content(page_of([document], "", "en", name="shop"))
    expect(tab.page.get_by_role("cell", name="OrderController.show")).to_be_visible()
    assert width_of(tab.page) == PHONE["width"]
