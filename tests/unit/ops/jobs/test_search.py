"""What the terminal shows of a text that was found."""

import pytest

from course.documents import Document, DocumentKind
from ops.jobs.search import _line


@pytest.mark.parametrize(
    ("title", "heading"),
    [
        ("Reviewed: Chapter 5: Middlewares", "Chapter 5: Middlewares"),
        ("Tutorial: Interactive Tutorial: Middlewares", "Interactive Tutorial: Middlewares"),
        ("Chapter 5: Tutorial: Middlewares", "Chapter 5: Tutorial: Middlewares"),
    ],
)
def test_a_title_is_shown_as_the_page_shows_it(title: str, heading: str) -> None:
    assert Document(slug="a", title=title, kind=DocumentKind.CHAPTER, content="").heading == heading


def test_the_line_that_is_shown_says_more_than_the_title() -> None:
    content = "# Chapter 5: Middlewares\n\nText.\n\n> Middlewares handle a request before others.\n"
    assert _line(content, ["middlewares"]) == "Middlewares handle a request before others."
    assert _line("# Chapter 5: Middlewares\n", ["middlewares"]) == ""
