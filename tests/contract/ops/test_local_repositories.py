"""Importing into, and reading from, a hardened container's volume."""

import subprocess
from pathlib import Path

import pytest

from ops.errors import NotFoundError, StackError
from ops.jobs.course_check import Source
from ops.jobs.git import head_commit
from ops.jobs.local_repositories import export_repository, import_repository, remove_repository
from tests.contract.ops.conftest import WorkerContainer


def commit(path: Path, text: str) -> str:
    git = ["git", "-C", str(path), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    path.mkdir(parents=True, exist_ok=True)
    subprocess.run(["git", "init", "--quiet", "--initial-branch=trunk", str(path)], check=True)
    (path / "app.py").write_text(text)
    subprocess.run([*git, "add", "app.py"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", text], check=True)
    return head_commit(path)


def in_container(worker: WorkerContainer, *argv: str) -> str:
    done = worker.container.exec_run(list(argv))
    assert isinstance(done.output, bytes)
    output = done.output.decode().strip()
    assert done.exit_code == 0, output
    return output


def test_the_worker_can_clone_what_was_imported(worker: WorkerContainer, tmp_path: Path) -> None:
    first = commit(tmp_path / "project", "one = 1\n")
    url = import_repository(tmp_path / "project", stack=worker.stack)
    assert url == "file:///srv/repositories/project.git"
    in_container(worker, "git", "clone", "--quiet", "--depth", "1", url, "/tmp/clone")
    assert in_container(worker, "git", "-C", "/tmp/clone", "rev-parse", "HEAD") == first
    assert in_container(worker, "git", "-C", "/tmp/clone", "branch", "--show-current") == "trunk"
    assert in_container(worker, "stat", "-c", "%u:%g", "/srv/repositories/project.git") == "10001:10001"


def test_a_second_import_brings_new_commits_and_leaves_nothing_behind(worker: WorkerContainer, tmp_path: Path) -> None:
    commit(tmp_path / "project", "one = 1\n")
    import_repository(tmp_path / "project", stack=worker.stack)
    second = commit(tmp_path / "project", "two = 2\n")
    import_repository(tmp_path / "project", stack=worker.stack)
    assert in_container(worker, "git", "-C", "/srv/repositories/project.git", "rev-parse", "HEAD") == second
    assert in_container(worker, "ls", "-A", "/srv/repositories") == "project.git"


def test_a_name_that_is_taken_is_not_taken_over_unasked(worker: WorkerContainer, tmp_path: Path) -> None:
    commit(tmp_path / "a" / "app", "a = 1\n")
    other = commit(tmp_path / "b" / "app", "b = 1\n")
    import_repository(tmp_path / "a" / "app", stack=worker.stack)
    with pytest.raises(StackError, match=r"'app' was already imported from \S+/a/app: .* --name, .* --replace"):
        import_repository(tmp_path / "b" / "app", stack=worker.stack)
    import_repository(tmp_path / "b" / "app", stack=worker.stack, name="app-b")
    import_repository(tmp_path / "b" / "app", stack=worker.stack, replace=True)
    assert in_container(worker, "git", "-C", "/srv/repositories/app.git", "rev-parse", "HEAD") == other


def test_an_imported_repository_can_be_read_back_at_its_commit(worker: WorkerContainer, tmp_path: Path) -> None:
    made = commit(tmp_path / "project", "one = 1\ntwo = 2\n")
    url = import_repository(tmp_path / "project", stack=worker.stack)
    export_repository(url, tmp_path / "back", stack=worker.stack)
    source = Source(tmp_path / "back", made)
    assert source.lines_of("app.py") == ["one = 1", "two = 2"]
    assert source.lines_of("gone.py") is None
    with pytest.raises(NotFoundError, match=r"has no repository file:///srv/repositories/gone\.git any more"):
        export_repository("file:///srv/repositories/gone.git", tmp_path / "gone", stack=worker.stack)


def test_a_stack_without_a_worker_is_named(tmp_path: Path) -> None:
    commit(tmp_path / "project", "one = 1\n")
    with pytest.raises(NotFoundError, match="there is no container fondation-test-nobody-worker: deploy the stack"):
        import_repository(tmp_path / "project", stack="test-nobody")


def test_what_was_imported_is_removed_and_nothing_beside_it(worker: WorkerContainer, tmp_path: Path) -> None:
    for name in ("one", "two"):
        commit(tmp_path / name, "one = 1\n")
        import_repository(tmp_path / name, stack=worker.stack)
    assert remove_repository("file:///srv/repositories/one.git", stack=worker.stack)
    for url in ("https://example.com/team/two.git", "file:///srv/repositories/../two.git", "file:///srv/repositories/"):
        assert not remove_repository(url, stack=worker.stack)
    assert in_container(worker, "ls", "-A", "/srv/repositories") == "two.git"
