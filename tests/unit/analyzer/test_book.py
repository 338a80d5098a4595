"""A course as one file: everything inside, nothing from outside, nothing that a course's text could start."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from course.book import page_of, summary_of
from course.documents import Document, DocumentKind
from tests.unit.analyzer.repositories import ROOT, analyze


def document(slug: str, text: str, kind: DocumentKind = DocumentKind.CHAPTER) -> Document:
    return Document(slug=slug, title="T", kind=kind, content=text)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "analyzer", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_one_file_has_every_chapter_and_tutorial_and_links_inside_itself(shop: Path, tmp_path: Path) -> None:
    analyze(shop, tmp_path / "out")
    done = run("html", str(tmp_path / "out"), "-o", str(tmp_path / "course.html"))
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "course.html").read_text()
    for file in (*(tmp_path / "out/reviewed-chapters").iterdir(), *(tmp_path / "out/tutorials").iterdir()):
        title = file.read_text().splitlines()[0].lstrip("# ")
        assert f"<h1>{title}</h1>" in text
    anchors = set(re.findall(r' id="(\w+)"', text))
    assert anchors
    assert set(re.findall(r'href="#(\w*)"', text)) <= anchors
    assert "<details" in text
    assert not re.findall(r'(?:src|href)="(?!#)', text)
    assert "<script" not in text


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "![x](https://evil.example/a.png)",
        "<img src=x>",
    ],
)
def test_nothing_of_a_text_becomes_markup(text: str) -> None:
    page = page_of([document("chapters/chapter_0_a.md", f"# A\n\n{text}\n")], "", "en")
    body = page.partition("<body>")[2]
    assert "<script" not in body
    assert "<img" not in body
    assert 'javascript:alert(1)"' not in body


def test_a_reviewed_chapter_stands_in_for_its_draft() -> None:
    documents = [
        document("chapters/chapter_0_a.md", "# A\n\ndraft\n"),
        document("reviewed-chapters/chapter_0_a.md", "# A\n\nreviewed [again](../chapters/chapter_0_a.md)\n"),
        document("step2_relationships.yaml", '{"summary": "All of it."}', DocumentKind.YAML),
    ]
    page = page_of(documents, summary_of(documents), "fr")
    assert "draft" not in page
    assert 'href="#d0"' in page
    assert "All of it." in page
    assert "Chapitres" in page


@pytest.mark.parametrize(
    ("options", "title"), [((), "Chapitres"), (("--language", "en"), "Chapters")], ids=["of the course", "asked for"]
)
def test_the_page_speaks_the_language_of_its_course(
    shop: Path, tmp_path: Path, options: tuple[str, ...], title: str
) -> None:
    analyze(shop, tmp_path / "out", language="fr")
    done = run("html", str(tmp_path / "out"), "-o", str(tmp_path / "course.html"), *options)
    assert done.returncode == 0, done.stderr
    assert f"<h2>{title}</h2>" in (tmp_path / "course.html").read_text()


def test_a_folder_without_a_course_is_refused(tmp_path: Path) -> None:
    for command in ("html", "check"):
        done = run(command, str(tmp_path))
        assert done.returncode == 4
        assert "holds no course" in done.stderr


def test_check_proves_a_course_and_names_what_does_not_hold(shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    analyze(shop, out)
    assert run("check", str(out), "-r", str(shop)).returncode == 0
    chapter = min((out / "reviewed-chapters").iterdir())
    chapter.write_text(chapter.read_text() + "\n`src/shop/basket.py#L9000`\n")
    done = run("check", str(out), "-r", str(shop))
    assert done.returncode == 7
    assert "basket.py#L9000" in done.stderr
