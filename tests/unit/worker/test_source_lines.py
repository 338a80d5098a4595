"""Lines of a clone: of regular files inside it, and of nothing else."""

from pathlib import Path

import pytest

from worker.source_lines import FILE_BYTES_MAX, lines_of


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "clone"
    (folder / "src").mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("[core]\n")
    (folder / "src" / "app.py").write_bytes(b"\xef\xbb\xbfone\r\ntwo\x0b\n\nlast")
    (folder / "src" / "image.png").write_bytes(b"\x89PNG\xff\xfe")
    (tmp_path / "secret").write_text("secret\n")
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "out").symlink_to(tmp_path)
    return folder


def test_lines_end_at_line_feeds(clone: Path) -> None:
    assert lines_of(clone, "src/app.py") == ["one", "two\x0b", "", "last"]


@pytest.mark.parametrize(
    "path",
    [
        "gone.py",
        "src",
        "src/image.png",
        "link",
        "out/secret",
        "../secret",
        "/etc/passwd",
        ".git/config",
        "src/../link",
        "",
    ],
)
def test_nothing_else_is_read(clone: Path, path: str) -> None:
    assert lines_of(clone, path) is None


def test_a_file_that_is_too_large_is_left_out(clone: Path) -> None:
    (clone / "large.txt").write_text("x" * (FILE_BYTES_MAX + 1))
    assert lines_of(clone, "large.txt") is None
