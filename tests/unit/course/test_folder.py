import json
import os
from pathlib import Path

import pytest

from course.documents import DocumentKind
from course.folder import read_folder
from course.limits import DOCUMENT_MAX_BYTES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "step1_abstractions.yaml").write_text("- name: A\n  description: d\n  file_paths: [a.py]\n")
    (tmp_path / "step2_relationships.yaml").write_text("summary: s\nrelationships: []\n")
    (tmp_path / "step3_order.yaml").write_text("order:\n- {index: 0, name: A, reasoning: r}\n")
    for directory, stem in (("chapters", "chapter"), ("reviewed-chapters", "chapter"), ("tutorials", "tutorial")):
        (tmp_path / directory).mkdir()
        for index in (0, 1, 2, 10):
            (tmp_path / directory / f"{stem}_{index}_x.md").write_text(f"# Part {index}\n\ntext\n")
    return tmp_path


def reasons(folder: Path) -> dict[str, str]:
    return {problem.file: problem.reason for problem in read_folder(folder).problems}


def test_documents_come_in_the_contracts_order_with_numeric_positions(folder: Path) -> None:
    read = read_folder(folder)
    assert read.problems == ()
    assert [document.slug for document in read.documents[:5]] == [
        "step1_abstractions.yaml",
        "step2_relationships.yaml",
        "step3_order.yaml",
        "chapters/chapter_0_x.md",
        "chapters/chapter_1_x.md",
    ]
    chapters = [(d.slug, d.chapter_index) for d in read.documents if d.slug.startswith("chapters/")]
    assert chapters[2:] == [("chapters/chapter_2_x.md", 2), ("chapters/chapter_10_x.md", 3)]


def test_titles_carry_the_contracts_prefixes(folder: Path) -> None:
    titles = {document.slug: document.title for document in read_folder(folder).documents}
    assert titles["step3_order.yaml"] == "Chapter Order"
    assert titles["chapters/chapter_0_x.md"] == "Part 0"
    assert titles["reviewed-chapters/chapter_0_x.md"] == "Reviewed: Part 0"
    assert titles["tutorials/tutorial_0_x.md"] == "Tutorial: Part 0"


def test_yaml_is_published_as_json_without_a_position(folder: Path) -> None:
    document = read_folder(folder).documents[0]
    assert document.kind is DocumentKind.YAML
    assert json.loads(document.content) == [{"name": "A", "description": "d", "file_paths": ["a.py"]}]
    assert "chapterIndex" not in document.to_argument()


def test_a_text_without_a_heading_is_called_by_its_chapters_name(folder: Path) -> None:
    (folder / "step3_order.yaml").write_text(
        "order:\n- {index: 0, name: 'Request '}\n- {index: 10, name: Transport}\n- {index: x, name: 3}\n- odd\n"
    )
    for index in (0, 1, 10):
        (folder / "tutorials" / f"tutorial_{index}_x.md").write_text("Do this.\n")
    titles = {document.slug: document.title for document in read_folder(folder).documents}
    assert titles["tutorials/tutorial_0_x.md"] == "Tutorial: Request"
    assert titles["tutorials/tutorial_1_x.md"] == "Tutorial: tutorial 1 x"
    assert titles["tutorials/tutorial_2_x.md"] == "Tutorial: Part 2"
    assert titles["tutorials/tutorial_10_x.md"] == "Tutorial: Transport"


def test_a_heading_inside_a_fence_is_no_title(folder: Path) -> None:
    path = folder / "chapters" / "chapter_0_x.md"
    path.write_text("```python\n# install\n```\n\n# The real title\n")
    assert read_folder(folder).documents[3].title == "The real title"
    path.write_text("~~~\n# comment\n~~~\n")
    assert read_folder(folder).documents[3].title == "A"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"[]", "is empty"),
        (b"a: [1,", "is not valid YAML"),
        (b"a: &x [1]\nb: *x\n", "aliases are not accepted"),
        (b"\xff\xfe\x00", "is not UTF-8 (byte 0)"),
        (b"# " + b"x" * DOCUMENT_MAX_BYTES, "is larger than a document may be"),
        (b"!!python/object/apply:os.system [id]", "is not valid YAML"),
        (b"[" * 5000, "is not valid YAML"),
    ],
)
def test_a_bad_step_file_is_named_and_the_rest_is_kept(folder: Path, content: bytes, reason: str) -> None:
    (folder / "step1_abstractions.yaml").write_bytes(content)
    assert reason in reasons(folder)["step1_abstractions.yaml"]
    assert len(read_folder(folder).documents) == 14


def test_a_missing_step_file_and_folder_are_named(folder: Path) -> None:
    (folder / "step2_relationships.yaml").unlink()
    for path in (folder / "tutorials").iterdir():
        path.unlink()
    (folder / "tutorials").rmdir()
    assert reasons(folder) == {
        "step2_relationships.yaml": "there is no such file",
        "tutorials": "there is no such folder",
    }
    assert len(read_folder(folder).documents) == 10


def test_symbolic_links_are_never_followed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.md").write_text("# secret\n")
    (folder / "chapters" / "chapter_3_x.md").symlink_to(outside / "secret.md")
    (folder / "step1_abstractions.yaml").unlink()
    (folder / "step1_abstractions.yaml").symlink_to(outside / "secret.md")
    (folder / "tutorials").rename(outside / "tutorials")
    (folder / "tutorials").symlink_to(outside / "tutorials")
    assert reasons(folder) == {
        "step1_abstractions.yaml": "is a symbolic link",
        "chapters/chapter_3_x.md": "is a symbolic link",
        "tutorials": "is a symbolic link",
    }


def test_a_pipe_does_not_block(folder: Path) -> None:
    os.mkfifo(folder / "chapters" / "chapter_3_x.md")
    assert reasons(folder) == {"chapters/chapter_3_x.md": "is not a regular file"}


def test_an_empty_chapter_does_not_take_a_position(folder: Path) -> None:
    (folder / "chapters" / "chapter_1_x.md").write_text(" \n")
    positions = {d.slug: d.chapter_index for d in read_folder(folder).documents if d.slug.startswith("chapters/")}
    assert positions == {
        "chapters/chapter_0_x.md": 0,
        "chapters/chapter_2_x.md": 1,
        "chapters/chapter_10_x.md": 2,
    }
    assert reasons(folder) == {"chapters/chapter_1_x.md": "is empty"}


def test_a_missing_folder_has_no_documents_and_says_so(tmp_path: Path) -> None:
    read = read_folder(tmp_path / ".claude-tutorial-output")
    assert read.documents == ()
    assert [str(problem) for problem in read.problems] == [".claude-tutorial-output: there is no such folder"]
