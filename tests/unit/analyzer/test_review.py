"""The review mends what code can prove wrong, counts it, and leaves the rest alone."""

from collections.abc import Callable

import pytest

from analyzer.checks import check_document
from analyzer.plan import CoursePlan, OrderEntry
from analyzer.static.catalogue import Words
from analyzer.static.course import Course
from analyzer.static.engine import StaticEngine
from analyzer.static.review import review_chapter
from course.layout import chapter_file
from tests.unit.analyzer.repositories import SHOP


@pytest.fixture
def course(map_of: Callable[..., object]) -> Course:
    engine = StaticEngine(map_of(SHOP), Words("en"))  # type: ignore[arg-type]
    abstractions = tuple(engine.extract())
    relationships = engine.relate(abstractions)
    order = tuple(engine.order(abstractions, relationships))
    return engine.course(CoursePlan(abstractions=abstractions, relationships=relationships, order=order))


def review(course: Course, text: str) -> tuple[str, OrderEntry]:
    entry = course.plan.order[0]
    reviewed = review_chapter(course, entry, text)
    slugs = [f"reviewed-chapters/{chapter_file(known.index, known.name)}" for known in course.plan.order]
    assert check_document(reviewed, course.repo_map.snapshot.lines, slugs, slugs[0]).problems == ()
    return reviewed, entry


@pytest.mark.parametrize(
    ("wrong", "kept", "reason"),
    [
        ("See `src/shop/prices.py#L900`.", "See `src/shop/prices.py`.", "citation was dropped"),
        ("See `src/shop/none.py#L1`.", "See a file that is not there.", "no such file"),
        ("See [it](chapter_9_none.md).", "See it.", "no such chapter"),
        ("```python src/shop/prices.py#L1\ndifferent\n```", "An excerpt stood here", "quoted text differs"),
        ("```mermaid\nflowchart LR\n a --> \n```", "A diagram stood here", "not understood"),
        ("> Never said.\n>\n> — `src/shop/prices.py#L1`", "A quotation stood here", "not in these lines"),
        ("#### Too deep", "## Too deep", "headings"),
        ("# Second title", "## Second title", "headings"),
    ],
)
def test_what_is_wrong_is_mended_and_counted(course: Course, wrong: str, kept: str, reason: str) -> None:
    entry = course.plan.order[0]
    title = f"# Chapter {entry.index + 1}: {entry.name}"
    code = '```python\nx["a"]("chapter_9_none.md")  # `src/shop/none.py#L1`\n```'
    reviewed, _ = review(course, f"{title}\n\nTrue: `src/shop/prices.py#L1`.\n\n{wrong}\n\nStill here.\n\n{code}\n")
    body, _, report = reviewed.partition("## Review")
    assert kept in body
    assert "Still here." in body
    assert code in body
    assert "| mended | 1 |" in report
    assert reason in report.replace("\\", "")


def test_a_chapter_without_a_title_gets_it(course: Course) -> None:
    reviewed, entry = review(course, "Only text.\n")
    assert reviewed.startswith(f"# Chapter 1: {entry.name}\n\nOnly text.")


def test_a_second_review_replaces_the_report_of_the_first(course: Course) -> None:
    once, _ = review(course, "Only text.\n")
    twice, _ = review(course, once)
    assert twice.count("## Review") == 1
    assert "| mended | 0 |" in twice
