from pathlib import Path

from worker import bundle


def test_what_a_repository_could_pass_off_is_taken_away(tmp_path: Path) -> None:
    clone, outside = tmp_path / "clone", tmp_path / "outside"
    outside.mkdir()
    (outside / "kept.md").write_text("kept")
    for name in (
        ".claude/settings.json",
        "src/CLAUDE.md",
        "src/deep/.claude/agents/a.md",
        ".mcp.json",
        "src/claude.py",
    ):
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).write_text("x")
    (clone / "CLAUDE.md").symlink_to(outside / "kept.md")
    (clone / bundle.OUTPUT).symlink_to(outside)
    bundle.make_ready(clone)
    left = sorted(path.relative_to(clone).as_posix() for path in clone.rglob("*") if not path.is_dir())
    assert left == ["src/claude.py"]
    assert (outside / "kept.md").read_text() == "kept"


def test_what_was_written_is_moved_to_where_courses_are_read(tmp_path: Path) -> None:
    clone, output = tmp_path / "clone", tmp_path / "output"
    output.mkdir()
    (bundle.output_in(clone) / "chapters").mkdir(parents=True)
    (bundle.output_in(clone) / "chapters" / "chapter_0_a.md").write_text("# A")
    bundle.collect(clone, output)
    assert (output / "chapters" / "chapter_0_a.md").read_text() == "# A"
    assert not bundle.output_in(clone).exists()


def test_a_link_in_the_place_of_a_course_is_not_followed(tmp_path: Path) -> None:
    clone, output, secret = tmp_path / "clone", tmp_path / "output", tmp_path / "secret"
    for folder in (clone, output, secret):
        folder.mkdir()
    bundle.output_in(clone).symlink_to(secret)
    bundle.collect(clone, output)
    assert output.is_dir()
    assert secret.is_dir()


def test_the_command_line_is_the_contracts() -> None:
    assert bundle.analyze_argv(("/usr/bin/x", "launch.py"), Path("/c")) == (
        *("/usr/bin/x", "launch.py", "analyze", "/c", "--profile", "production"),
    )
