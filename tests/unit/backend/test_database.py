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
        assert versions == [(1, 5.0)]


def test_a_migration_is_applied_whole_or_not_at_all(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    open_database(file, now=1).close()
    monkeypatch.setattr(database, "MIGRATIONS", (*MIGRATIONS, "CREATE TABLE extra (x); CREATE TABLE extra (x);"))
    with pytest.raises(DatabaseError, match="extra"):
        open_database(file, now=2)
    monkeypatch.setattr(database, "MIGRATIONS", (*MIGRATIONS, "CREATE TABLE extra (x);"))
    opened = open_database(file, now=3)
    assert [row[0] for row in opened.writer.execute("SELECT version FROM schemaVersion ORDER BY version")] == [1, 2]
    opened.close()


def test_a_newer_schema_is_refused(file: str) -> None:
    opened = open_database(file, now=1)
    opened.writer.execute("INSERT INTO schemaVersion VALUES (99, 1.0)")
    opened.close()
    with pytest.raises(DatabaseError, match="schema version 99, this program knows up to 1: run the newer release"):
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
