"""Every page against the rules of axe (WCAG 2.2 AA and good practice), in the light and in the dark."""

from typing import Final, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it ships no types
from playwright.sync_api import Browser, ViewportSize

from course.cited_sources import sources_document
from course.documents import Document
from course.folder import read_folder
from tests.contract.web.conftest import Worker
from tests.contract.web.pages import submit
from tests.trial import ROOT
from web.outline import outline

SAMPLE: Final = "larder"

SIZES: Final[dict[str, ViewportSize]] = {
    "desktop": {"width": 1280, "height": 900},
    "phone": {"width": 390, "height": 844},
}
Scheme = Literal["light", "dark"]


@pytest.fixture(scope="module")
def course() -> list[Document]:
    """A course as the program writes it, with the source that it cites: code, questions, tables, diagrams."""
    documents = [*read_folder(ROOT / "docs" / "examples" / SAMPLE).documents]
    sources = ROOT / "tests" / "samples" / SAMPLE
    lines = {str(file.relative_to(sources)): file.read_text().splitlines() for file in sources.rglob("*.*")}
    kept = sources_document(documents, lines.get)
    assert kept is not None
    return [*documents, kept]


@pytest.fixture(scope="module")
def paths(web_url: str, worker: Worker, course: list[Document]) -> list[str]:
    """The address of a page of every kind."""
    submit(web_url, "https://github.com/owner/course.git")
    job = worker.claim()
    worker.finish(job, [document.to_argument() for document in course])
    submit(web_url, "https://github.com/owner/working.git")
    working = worker.claim()
    worker.heartbeat(working["id"], status="analyzing", currentStep=2)
    base = f"/courses/{job['id']}/"
    made = outline(course)
    assert made.sources is not None
    texts = [*made.read_first[:1], *made.tutorials[:1], *made.references]
    drafts = [chapter.draft for chapter in made.chapters[:1] if chapter.draft is not None]
    return [
        "/",
        f"/jobs/{job['id']}",
        f"/jobs/{working['id']}",
        f"/jobs/{job['id']}/delete",
        base,
        *(f"{base}{entry.slug}" for entry in (*texts, *drafts)),
        f"{base}source/{min(made.sources.files)}?lines=1-3",
        f"{base}search?q=the",
        f"{base}ask?q=the+cache",
        "/search?q=the",
        "/nowhere",
    ]


@pytest.mark.parametrize(("scheme", "size"), [("light", "desktop"), ("dark", "phone")])
def test_no_page_breaks_a_rule(browser: Browser, web_url: str, paths: list[str], scheme: Scheme, size: str) -> None:
    context = browser.new_context(viewport=SIZES[size], locale="en-US", color_scheme=scheme, base_url=web_url)
    page, axe, broken = context.new_page(), Axe(), []
    for path in paths:
        page.goto(path)
        for violation in axe.run(page).response["violations"]:
            nodes = [node["html"][:200] for node in violation["nodes"]]
            broken.append(f"{path}: {violation['id']} ({violation['help']}), {len(nodes)} nodes, such as {nodes[0]}")
    context.close()
    assert broken == [], "\n".join(broken)
