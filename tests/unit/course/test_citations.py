import pytest

from course.citations import Citation, check_citation, check_links, citations

SOURCE = {"src/a.py": ["def a():", "    return 1", "", "x = a()"], "win.txt": ["one\r", "two\r"]}

TEXT = """# A

See `src/a.py#L1-L2` and `src/a.py#L4`, not `a#b` nor `x.py`.

```python src/a.py#L1-L2
def a():
    return 1
```

| where |
|---|
| `src/a.py#L3` |
"""


def test_both_written_forms_are_found() -> None:
    found = citations(TEXT)
    assert [citation.label for citation in found] == ["src/a.py#L1-L2", "src/a.py#L1-L2", "src/a.py#L4", "src/a.py#L3"]
    assert [citation.quote for citation in found] == ["def a():\n    return 1\n", None, None, None]
    assert all(check_citation(citation, SOURCE.get) is None for citation in found)


@pytest.mark.parametrize(
    ("path", "start", "end", "quote", "reason"),
    [
        ("gone.py", 1, 1, None, "no such file"),
        ("src/a.py", 1, 5, None, "the file has 4 lines"),
        ("src/a.py", 3, 2, None, "ends before it begins"),
        ("../src/a.py", 1, 1, None, "leaves the repository"),
        ("/etc/passwd", 1, 1, None, "leaves the repository"),
        ("src/a.py", 1, 2, "def a():\n    return 2\n", "differs"),
        ("src/a.py", 1, 2, "def a():\n", "differs"),
    ],
)
def test_what_does_not_resolve_says_why(path: str, start: int, end: int, quote: str | None, reason: str) -> None:
    citation = Citation(path=path, start=start, end=end, quote=quote, line=1)
    assert reason in (check_citation(citation, SOURCE.get) or "")


def test_quotes_of_files_with_carriage_returns_match() -> None:
    citation = Citation(path="win.txt", start=1, end=2, quote="one\ntwo\n", line=1)
    assert check_citation(citation, SOURCE.get) is None


@pytest.mark.parametrize(
    ("path", "lines", "quote"),
    [
        ("a.rs", ["    /// # use x;", "    /// x();", "    /// #[derive(Y)]"], "x();\n#[derive(Y)]\n"),
        ("A.java", ["   * x();", "   *   y();"], "x();\n  y();\n"),
        ("a.rb", ["# x", "#   y"], "x\n  y\n"),
        ("a.rb", ["  #   x", "  #     y"], "x\n  y\n"),
        ("a.rb", ["  #   x", "  #     y"], "  x\n    y\n"),
    ],
)
def test_lines_of_a_comment_are_quoted_without_its_marks(path: str, lines: list[str], quote: str) -> None:
    citation = Citation(path=path, start=1, end=len(lines), quote=quote, line=1)
    assert check_citation(citation, {path: lines}.get) is None
    assert check_citation(citation, {path: [*lines[:-1], "code"]}.get) is not None


def test_a_list_of_prose_keeps_its_marks() -> None:
    citation = Citation(path="a.md", start=1, end=2, quote="x\ny\n", line=1)
    assert check_citation(citation, {"a.md": ["* x", "* y"]}.get) is not None


def test_links_resolve_relative_to_their_document() -> None:
    documents = {
        "reviewed-chapters/chapter_0_a.md": "[next](chapter_1_b.md) [web](https://x.org) [here](#top)",
        "reviewed-chapters/chapter_1_b.md": "[t](../tutorials/tutorial_1_b.md#go) [gone](chapter_2_c.md)",
        "tutorials/tutorial_1_b.md": "[c](../reviewed-chapters/chapter_1_b.md)",
    }
    assert check_links(documents) == ["reviewed-chapters/chapter_1_b.md: chapter_2_c.md: no such document"]
