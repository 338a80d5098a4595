import fcntl
import os
from pathlib import Path

import pytest

from worker.errors import StartupError
from worker.folders import Folders
from worker.queue import Held, JobId, RepositoryId


def test_a_job_has_folders_while_it_runs(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    folder = folders.open(JobId("job/../1"))
    assert folder.output.is_dir()
    assert folder.scratch.is_dir()
    assert not folder.clone.exists()
    assert tmp_path / "work" in folder.root.parents
    folders.discard(folder)
    assert not folder.root.exists()
    folders.close()
    assert list((tmp_path / "work").iterdir()) == []


def test_the_output_of_a_failed_job_is_kept_with_its_reason(tmp_path: Path) -> None:
    folders = Folders(tmp_path, now_s=lambda: 0.0)
    folder = folders.open(JobId("j1"))
    (folder.output / "step1_abstractions.yaml").write_text("x")
    kept = folders.keep(folder, "why")
    assert kept is not None
    assert kept.name.startswith("19700101T000000Z-j1-")
    assert (kept / "output" / "step1_abstractions.yaml").read_text() == "x"
    assert (kept / "reason.txt").read_text() == "why\n"
    folders.close()


def test_nothing_is_kept_of_a_job_that_wrote_nothing_or_replaced_its_folder(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    folder = folders.open(JobId("j1"))
    assert folders.keep(folder, "why") is None
    folder.output.rmdir()
    folder.output.symlink_to("/etc")
    assert folders.keep(folder, "why") is None
    folders.discard(folder)
    assert Path("/etc").is_dir()
    folders.close()


def test_the_last_course_of_a_repository_is_there_for_its_next_job(tmp_path: Path) -> None:
    folders, repository = Folders(tmp_path), RepositoryId("r/../1")
    first = folders.open(JobId("j1"))
    assert not folders.recall(first, repository)
    (first.output / "step1_abstractions.yaml").write_text("x")
    folders.remember(first, repository)
    folders.discard(first)
    second, third, other = (folders.open(JobId(name)) for name in ("j2", "j3", "j4"))
    assert not folders.recall(other, RepositoryId("r2"))
    assert folders.recall(second, repository)
    assert (second.output / "step1_abstractions.yaml").read_text() == "x"
    # One job alone works on it.
    assert not folders.recall(third, repository)
    assert list(third.output.iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} == {"work", "kept", "courses", "answers"}
    folders.close()


def test_a_course_is_kept_only_when_it_is_a_small_folder_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.folders.COURSE_MAX_BYTES", 100_000)
    monkeypatch.setattr("worker.folders.COURSES_MAX", 2)
    folders = Folders(tmp_path)
    large, linked = folders.open(JobId("large")), folders.open(JobId("linked"))
    (large.output / "big").write_bytes(bytes(200_000))
    linked.output.rmdir()
    linked.output.symlink_to("/etc")
    for folder in (large, linked):
        folders.remember(folder, RepositoryId(folder.job_id))
    assert list((tmp_path / "courses").iterdir()) == []
    for number in range(4):
        folder = folders.open(JobId(f"j{number}"))
        (folder.output / "x").write_text("x")
        folders.remember(folder, RepositoryId(f"r{number}"))
        os.utime(tmp_path / "courses" / f"r{number}", (number, number))
    assert {path.name for path in (tmp_path / "courses").iterdir()} == {"r2", "r3"}
    (tmp_path / "courses" / "r9").symlink_to("/etc")
    assert not folders.recall(folders.open(JobId("j9")), RepositoryId("r9"))
    folders.close()


def test_answers_are_a_repository_s_own_and_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.folders.ANSWERS_MAX", 2)
    monkeypatch.setattr("worker.folders.ANSWERS_MAX_BYTES", 100)
    folders = Folders(tmp_path)
    first, second = folders.answers(RepositoryId("r1")), folders.answers(RepositoryId("r2"))
    assert first != second
    (first / "a.json").write_text("x" * 50)
    assert (folders.answers(RepositoryId("r1")) / "a.json").is_file()
    (first / "b.json").write_text("x" * 60)
    assert list(folders.answers(RepositoryId("r1")).iterdir()) == []
    os.utime(second, (1, 1))
    folders.answers(RepositoryId("r3"))
    assert sorted(path.name for path in (tmp_path / "answers").iterdir()) == sorted([first.name, "r3"])
    folders.close()


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    clock = iter(range(100))
    folders = Folders(tmp_path, kept_max=3, now_s=lambda: float(next(clock)))
    for number in range(6):
        folder = folders.open(JobId(f"j{number}"))
        (folder.output / "x").touch()
        folders.keep(folder, "why")
    assert [path.name.split("-")[1] for path in sorted((tmp_path / "kept").iterdir())] == ["j3", "j4", "j5"]
    folders.close()


def test_what_a_dead_worker_left_is_swept_and_what_a_live_one_holds_is_not(tmp_path: Path) -> None:
    live = Folders(tmp_path)
    live_job = live.open(JobId("live"))
    dead = tmp_path / "work" / "dead"
    (dead / "j1" / "output" / "chapters").mkdir(parents=True)
    (dead / "j1" / "clone" / ".git").mkdir(parents=True)
    (dead / "lock").touch()
    (dead / "stray").symlink_to("/etc")
    fresh = Folders(tmp_path)
    assert live_job.root.is_dir()
    assert not dead.exists()
    (kept,) = (tmp_path / "kept").iterdir()
    assert (kept / "output" / "chapters").is_dir()
    assert not (kept / "clone").exists()
    fresh.close()
    live.close()


def test_a_data_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StartupError, match="make FONDATION_DATA_DIR a folder that the worker may write"):
        Folders(tmp_path / "file")


def test_the_lock_ends_with_its_holder(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    (run,) = (tmp_path / "work").iterdir()
    descriptor = os.open(run / "lock", os.O_RDWR)
    with pytest.raises(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    folders.close()
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(descriptor)


def test_what_is_kept_of_the_deleted_is_forgotten(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    for job, repository in (("j1", "r1"), ("j2", "r2")):
        (folders.answers(RepositoryId(repository)) / "answer.json").write_text("{}")
        failed, done = folders.open(JobId(f"{job}-failed")), folders.open(JobId(job))
        for folder in (failed, done):
            (folder.output / "step1_abstractions.yaml").write_text("x")
        folders.keep(failed, "why")
        folders.remember(done, RepositoryId(repository))
    held = folders.held()
    assert held == Held(
        repositories=frozenset(map(RepositoryId, ("r1", "r2"))), jobs=frozenset(map(JobId, ("j1-failed", "j2-failed")))
    )
    folders.forget(Held(repositories=frozenset({RepositoryId("r1")}), jobs=frozenset({JobId("j1-failed")})))
    assert folders.held() == Held(repositories=frozenset({RepositoryId("r2")}), jobs=frozenset({JobId("j2-failed")}))
    assert {path.name for path in tmp_path.rglob("r*") if path.is_dir()} == {"r2"}
    folders.close()
