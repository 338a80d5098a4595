"""Opening the file: migrations, lock, damage, permission."""

import sqlite3
from pathlib import Path

import pytest

from backend import database
from backend.database import open_database
from backend.errors import DatabaseError
from backend.schema import MIGRATIONS


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(tmp_path / "backend.sqlite3")


def test_writes_reach_the_disk_before_they_are_acknowledged(file: str) -> None:
    opened = open_database(file, now=5)
    pragmas = [opened.writer.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    opened.close()
    assert pragmas == ["wal", 2]


def test_the_schema_version_is_recorded_once(file: str) -> None:
    for _ in range(2):
        opened = open_database(file, now=5)
        versions = [tuple(row) for row in opened.writer.execute("SELECT * FROM schemaVersion")]
        opened.close()
        assert versions == [(number, 5.0) for number in range(1, len(MIGRATIONS) + 1)]


def test_a_migration_is_applied_whole_or_not_at_all(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    open_database(file, now=1).close()
    monkeypatch.setattr(database, "MIGRATIONS", (*MIGRATIONS, "CREATE TABLE extra (x); CREATE TABLE extra (x);"))
    with pytest.raises(DatabaseError, match="extra"):
        open_database(file, now=2)
    monkeypatch.setattr(database, "MIGRATIONS", (*MIGRATIONS, "CREATE TABLE extra (x);"))
    opened = open_database(file, now=3)
    versions = [row[0] for row in opened.writer.execute("SELECT version FROM schemaVersion ORDER BY version")]
    assert versions == list(range(1, len(MIGRATIONS) + 2))
    opened.close()


def test_before_an_upgrade_a_copy_is_kept_that_the_older_release_reads(
    file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = open_database(file, now=1)
    older.writer.execute("INSERT INTO users VALUES ('u', 1.0, 'ada', 'ada', NULL, NULL, 1.0)")
    older.close()
    newer = len(MIGRATIONS) + 1
    with monkeypatch.context() as upgraded:
        upgraded.setattr(database, "MIGRATIONS", (*MIGRATIONS, "DELETE FROM users;"))
        opened = open_database(file, now=2)
        assert opened.writer.execute("SELECT count(*) FROM users").fetchone()[0] == 0
        opened.close()
        open_database(file, now=3).close()  # no second copy, whose content would be the newer one's
    with pytest.raises(DatabaseError, match=f"schema version {newer}, .*version-<number>"):
        open_database(file, now=4)
    Path(f"{file}.version-{len(MIGRATIONS)}").replace(file)
    restored = open_database(file, now=5)
    assert restored.writer.execute("SELECT username FROM users").fetchone()[0] == "ada"
    restored.close()


def test_an_upgrade_without_room_for_the_copy_changes_nothing(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    open_database(file, now=1).close()
    Path(f"{file}.version-{len(MIGRATIONS)}").mkdir()
    monkeypatch.setattr(database, "MIGRATIONS", (*MIGRATIONS, "CREATE TABLE extra (x);"))
    with pytest.raises(DatabaseError, match="the copy before an upgrade cannot be written"):
        open_database(file, now=2)
    monkeypatch.undo()
    open_database(file, now=3).close()


def test_a_copy_from_before_an_upgrade_goes_after_a_month(file: str) -> None:
    open_database(file, now=1).close()
    copy = Path(f"{file}.version-1")
    copy.write_bytes(b"older")
    made_ms = copy.stat().st_mtime * 1000
    open_database(file, now=made_ms + database.COPY_KEPT_MS - 1000).close()
    assert copy.exists()
    open_database(file, now=made_ms + database.COPY_KEPT_MS + 1000).close()
    assert not copy.exists()


def test_a_newer_schema_is_refused(file: str) -> None:
    opened = open_database(file, now=1)
    opened.writer.execute("INSERT INTO schemaVersion VALUES (99, 1.0)")
    opened.close()
    known = f"this program knows up to {len(MIGRATIONS)}"
    with pytest.raises(DatabaseError, match=f"schema version 99, {known}: run the newer release"):
        open_database(file, now=2)


def test_a_second_process_is_refused(file: str) -> None:
    opened = open_database(file, now=1)
    with pytest.raises(DatabaseError, match="another backend process has it open"):
        open_database(file, now=2)
    opened.close()
    open_database(file, now=3).close()


def test_a_database_that_another_program_locked_is_refused(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_BUSY_TIMEOUT_S", 0.05)
    open_database(file, now=1).close()
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DatabaseError, match="locked by another program"):
        open_database(file, now=2)
    other.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "backend.sqlite3"
    file.write_bytes(b"not a database, but long enough to look at" * 50)
    with pytest.raises(DatabaseError, match=r"damaged .*restore a copy"):
        open_database(str(file), now=1)
    assert file.read_bytes().startswith(b"not a database")


def test_a_damaged_database_is_refused(file: str) -> None:
    open_database(file, now=1).close()
    with Path(file).open("r+b") as raw:
        raw.seek(4096)
        raw.write(b"\xff" * 8192)
    with pytest.raises(DatabaseError, match="damaged"):
        open_database(file, now=2)


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match=r"missing/x\.sqlite3: its folder cannot be written"):
        open_database(str(tmp_path / "missing" / "x.sqlite3"), now=1)


def test_memory_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    open_database(":memory:", now=1).close()
    assert list(tmp_path.iterdir()) == []
