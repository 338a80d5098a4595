"""Markdown normalisation leaves code alone and is stable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.normaliser import normalise
from course.markdown import fences


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("a\r\nb\rc", "a\nb\nc\n"),
        ("text\n# Title\ntext", "text\n\n# Title\ntext\n"),
        ("a\n\n\n\nb\n\n", "a\n\nb\n"),
        ("\n\n# Title", "# Title\n"),
        ("#hashtag\nb", "#hashtag\nb\n"),
        ("```python\nx\n# comment\n\n\n\ny\n```\nz", "```python\nx\n# comment\n\n\n\ny\n```\nz\n"),
        ("````\n```\n# inner\n```\n````\n", "````\n```\n# inner\n```\n````\n"),
        ("~~~\n```\n# inner\n~~~\n", "~~~\n```\n# inner\n~~~\n"),
        ("use `a` and ```b``` here\n# T", "use `a` and ```b``` here\n\n# T\n"),
        ("```bash\necho", "```bash\necho\n```\n"),
        ("````md\n```\nx\n", "````md\n```\nx\n````\n"),
        ("a\n\n    code\n\n\n    more\n", "a\n\n    code\n\n\n    more\n"),
        ("", "\n"),
    ],
)
def test_normal_form(text: str, normal: str) -> None:
    assert normalise(text) == normal


LINES = st.sampled_from(["# a", "text", "", "```", "```py", "````", "~~~", "    x", "- y", "  ```", "## b"])


@given(st.lists(LINES, max_size=30))
def test_normalising_twice_changes_nothing(lines: list[str]) -> None:
    once = normalise("\n".join(lines))
    assert normalise(once) == once


@given(st.lists(st.sampled_from(["# a", "text", "", "```", "```py", "## b"]), max_size=20))
def test_what_stands_in_fences_stays(lines: list[str]) -> None:
    text = "\n".join(lines)
    closed = [fence.content for fence in fences(text)]
    assert [fence.content.rstrip("\n") for fence in fences(normalise(text))] == [one.rstrip("\n") for one in closed]
