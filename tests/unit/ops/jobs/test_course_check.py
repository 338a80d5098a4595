import subprocess
from pathlib import Path

import pytest

from course.documents import Document, DocumentKind
from ops.errors import CheckError, NotFoundError
from ops.jobs.course_check import Source, analysed_commit, check_course, split_lines
from ops.jobs.courses import prove, save
from ops.jobs.git import head_commit

FILE = "def one():\n    return 1\n\n\ndef two():\n    return 2\n"
GOOD = """# Chapter

Function `src/app.py#L1-L2` comes first, `src/app.py#L5` second; see [the other](chapter_1_b.md).

```python src/app.py#L5-L6
def two():
    return 2
```
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    path = tmp_path / "repository"
    (path / "src").mkdir(parents=True)
    (path / "src" / "app.py").write_text(FILE)
    for arguments in (
        ["init", "--quiet"],
        ["add", "."],
        ["-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "--quiet", "--message", "files"],
    ):
        subprocess.run(["git", "-C", str(path), *arguments], check=True)
    (path / "src" / "app.py").write_text("changed after the commit\n")
    return path


def chapter(slug: str, content: str) -> Document:
    return Document(slug=slug, title=slug, kind=DocumentKind.CHAPTER, content=content)


def relationships(content: str) -> Document:
    return Document(slug="step2_relationships.yaml", title="Relationships", kind=DocumentKind.YAML, content=content)


def test_a_true_course_is_counted_and_passes(repository: Path) -> None:
    documents = [chapter("chapters/chapter_0_a.md", GOOD), chapter("chapters/chapter_1_b.md", "# B\n")]
    result = check_course(documents, Source(repository, head_commit(repository)))
    assert result.failures == ()
    assert result.summary == "2 documents: 3 citations (1 of them excerpts) and 1 links, all resolved"


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("`src/app.py#L5`", "`src/app.py#L50`", "the file has 6 lines"),
        ("`src/app.py#L5`", "`src/gone.py#L5`", "no such file at the analysed commit"),
        ("`src/app.py#L5`", "`../etc/passwd#L5`", "the path leaves the repository"),
        ("    return 2\n", "    return 3\n", "the quoted text differs from the file"),
        ("chapter_1_b.md", "chapter_9_z.md", "no such document"),
    ],
)
def test_every_kind_of_untruth_is_found(before: str, after: str, reason: str, repository: Path) -> None:
    assert before in GOOD
    documents = [
        chapter("chapters/chapter_0_a.md", GOOD.replace(before, after)),
        chapter("chapters/chapter_1_b.md", "# B\n"),
    ]
    (failure,) = check_course(documents, Source(repository, head_commit(repository))).failures
    assert failure.startswith("chapters/chapter_0_a.md:")
    assert reason in failure


def test_a_proof_of_a_remote_repository_fetches_the_analysed_commit(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commit = head_commit(repository)
    documents = [relationships(f'{{"commit": "{commit}"}}'), chapter("chapters/chapter_1_b.md", GOOD)]
    prove(documents, str(repository), stack_name="dev", say=print)
    assert f"at commit {commit[:12]}: 1 documents: 3 citations" in capsys.readouterr().out


def test_a_failed_proof_shows_each_failure_and_ends_with_an_error(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    documents = [
        relationships(f'{{"commit": "{head_commit(repository)}"}}'),
        chapter("chapters/chapter_0_a.md", "# A\n\n`src/app.py#L99` and `nothing.py#L1`\n"),
    ]
    with pytest.raises(CheckError, match="2 citations or links"):
        prove(documents, str(repository), stack_name="dev", say=print)
    assert "chapters/chapter_0_a.md:3: nothing.py#L1: no such file" in capsys.readouterr().out


def test_a_commit_that_is_gone_is_named(repository: Path) -> None:
    documents = [relationships(f'{{"commit": "{"0" * 40}"}}')]
    with pytest.raises(NotFoundError, match="does not have commit 0000000"):
        prove(documents, str(repository), stack_name="dev", say=print)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"commit": ""}'])
def test_a_course_that_does_not_name_its_commit_cannot_be_proved(content: str) -> None:
    with pytest.raises(CheckError, match="does not name the commit"):
        analysed_commit([relationships(content)])


def test_lines_are_counted_as_git_does() -> None:
    assert split_lines(b"a\r\nb\x0cc\xe2\x80\xa8d") == ["a\r", "b\x0cc\u2028d"]
    assert split_lines(b"") == []


def test_documents_are_saved_at_their_slugs(tmp_path: Path) -> None:
    save([chapter("chapters/chapter_0_a.md", "# A\n")], tmp_path / "out")
    assert (tmp_path / "out" / "chapters" / "chapter_0_a.md").read_text() == "# A\n"


def test_a_slug_cannot_leave_the_folder(tmp_path: Path) -> None:
    with pytest.raises(CheckError, match="outside"):
        save([chapter("../escaped.md", "x")], tmp_path / "out")
    assert not (tmp_path / "escaped.md").exists()
