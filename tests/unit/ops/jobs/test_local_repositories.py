import subprocess
from pathlib import Path

import pytest

from course.repository import UrlPolicy, parse_repository_url
from ops.errors import NotFoundError
from ops.jobs.git import clean_environment, has_changes, head_commit, require_whole
from ops.jobs.local_repositories import FOLDER, local_url, repository_name


@pytest.mark.parametrize(
    ("path", "name"),
    [("/a/httpx", "httpx"), ("/a/httpx.git", "httpx"), ("/a/My Repo (2)", "My-Repo-2"), ("/a/.dotfiles", "dotfiles")],
)
def test_a_folder_names_its_repository_and_the_url_gate_accepts_it(path: str, name: str) -> None:
    assert repository_name(Path(path)) == name
    accepted = parse_repository_url(local_url(name), UrlPolicy(local_prefix=FOLDER))
    assert accepted.full_name == f"local/{name}"


@pytest.mark.parametrize("wanted", ["", "../up", "a/b", ".hidden", "a b", "x" * 101])
def test_a_name_that_is_none_is_refused(wanted: str) -> None:
    with pytest.raises(NotFoundError, match="--name is"):
        repository_name(Path("/a/b"), wanted)


def test_a_folder_without_a_usable_name_asks_for_one() -> None:
    with pytest.raises(NotFoundError, match="give one with --name"):
        repository_name(Path("/"))


def test_what_is_no_repository_is_told_apart_from_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="is not a folder"):
        head_commit(tmp_path / "nothing")
    with pytest.raises(NotFoundError, match="is not a git repository"):
        head_commit(tmp_path)
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    with pytest.raises(NotFoundError, match="has no commit yet"):
        head_commit(tmp_path)


def test_changes_beside_the_last_commit_are_noticed(tmp_path: Path) -> None:
    git = ["git", "-C", str(tmp_path), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    (tmp_path / "a").write_text("1")
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    subprocess.run([*git, "add", "a"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "a"], check=True)
    assert not has_changes(tmp_path)
    (tmp_path / "a").write_text("2")
    assert has_changes(tmp_path)


def test_a_clone_without_all_files_of_its_commit_is_refused_with_how_to_bring_them(tmp_path: Path) -> None:
    whole, partial = tmp_path / "whole", tmp_path / "partial"
    git = ["git", "-C", str(whole), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", "init", "--quiet", str(whole)], check=True)
    (whole / "a").write_text("1")
    (whole / "b").write_text("2")
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "a"], check=True)
    subprocess.run([*git, "config", "uploadpack.allowFilter", "true"], check=True)
    require_whole(whole)
    clone = ["git", "clone", "--quiet", "--filter=blob:none", "--no-checkout"]
    subprocess.run([*clone, f"file://{whole}", str(partial)], check=True)
    with pytest.raises(NotFoundError, match=r"lacks 2 of the files of its commit.*`git -C \S+ checkout HEAD -- \.`"):
        require_whole(partial)
    subprocess.run(["git", "-C", str(partial), "checkout", "--quiet", "HEAD", "--", "."], check=True)
    require_whole(partial)
    for loose in (whole / ".git" / "objects").glob("??/*"):
        loose.unlink()
    with pytest.raises(NotFoundError, match="is damaged"):
        require_whole(whole)


def test_git_looks_at_the_named_repository_only_and_asks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    monkeypatch.setenv("GIT_SSL_CAINFO", "/etc/ssl/own.pem")
    environment = clean_environment()
    assert environment["GIT_DIR"] is None
    assert environment["GIT_TERMINAL_PROMPT"] == "0"
    assert "GIT_SSL_CAINFO" not in environment
