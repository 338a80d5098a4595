"""Opens the SQLite file: lock, pragmas, integrity, migrations.

Every acknowledged write is on the disk (WAL with synchronous=FULL). One process owns a file; a second one is refused.
"""

import contextlib
import fcntl
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from backend.errors import DatabaseError
from backend.ids import table_number
from backend.schema import MIGRATIONS, TABLES
from backend.settings import MEMORY

_BUSY_TIMEOUT_S = 2.0
_CACHE_KIB = 8192
_CHECKPOINT_PAGES = 1000
COPY_KEPT_MS = 30 * 24 * 3_600_000.0


@dataclass(slots=True, kw_only=True)
class Database:
    """The open connections of one file; `reader` is None for a database in memory."""

    writer: sqlite3.Connection
    reader: sqlite3.Connection | None
    lock: int | None

    def close_connections(self) -> None:
        """Close the connections and keep the lock: nobody else opens the file meanwhile."""
        if self.reader is not None:
            self.reader.close()
        self.writer.close()

    def close(self) -> None:
        """Close the connections, then give up the lock."""
        self.close_connections()
        if self.lock is not None:
            os.close(self.lock)


def open_database(file: str, *, now: float) -> Database:
    """Open the file, creating or migrating it.

    Args:
        file: Path, or ":memory:".
        now: Time in milliseconds, recorded with each migration.

    Raises:
        DatabaseError: The file is in use, damaged, unwritable or of a newer version.
    """
    if file == MEMORY:
        return Database(writer=_open(file, now=now), reader=None, lock=None)
    lock = _take_lock(file)
    try:
        writer = _open(file, now=now)
        try:
            reader = _connect(file)
            reader.execute("PRAGMA query_only = ON")
        except BaseException:
            writer.close()
            raise
    except BaseException:
        os.close(lock)
        raise
    return Database(writer=writer, reader=reader, lock=lock)


def table_numbers(connection: sqlite3.Connection) -> dict[str, int]:
    """Return the numbers that Convex gave the tables whose rows came from a deployment."""
    newest = {
        table: connection.execute(f"SELECT _id FROM {table} ORDER BY rowid DESC LIMIT 1").fetchone()  # noqa: S608 - ours
        for table in TABLES
    }
    numbers = {table: table_number(row[0]) for table, row in newest.items() if row is not None}
    return {table: number for table, number in numbers.items() if number is not None}


def _open(file: str, *, now: float) -> sqlite3.Connection:
    connection: sqlite3.Connection | None = None
    try:
        connection = _connect(file)
        connection.execute("PRAGMA journal_mode = WAL")
        _check_integrity(connection, file)
        _migrate(connection, file, now=now)
    except sqlite3.Error as error:
        if connection is not None:
            connection.close()
        raise DatabaseError(f"database {file}: {_explain(error)}") from error
    except DatabaseError:
        if connection is not None:
            connection.close()
        raise
    return connection


def _connect(file: str) -> sqlite3.Connection:
    # Each connection is handed to exactly one thread after this one opened it.
    connection = sqlite3.connect(file, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
    return connection


def _take_lock(file: str) -> int:
    lock_file = Path(f"{file}.lock")
    try:
        lock = os.open(lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DatabaseError(
            f"database {file}: its folder cannot be written ({error.strerror}): "
            "create it, or give it to the user this process runs as",
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise DatabaseError(
            f"database {file}: another backend process has it open: stop that one, or name another FONDATION_DATABASE",
        ) from error
    return lock


def _check_integrity(connection: sqlite3.Connection, file: str) -> None:
    problems = [row[0] for row in connection.execute("PRAGMA quick_check(3)")]
    if problems != ["ok"]:
        raise DatabaseError(
            f"database {file} is damaged ({'; '.join(problems)}): restore a copy, or move the file away to start empty",
        )


def _migrate(connection: sqlite3.Connection, file: str, *, now: float) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS schemaVersion (version INTEGER NOT NULL, appliedAt REAL NOT NULL) STRICT"
    )
    version: int = connection.execute("SELECT coalesce(max(version), 0) FROM schemaVersion").fetchone()[0]
    connection.execute("COMMIT")
    if version > len(MIGRATIONS):
        raise DatabaseError(
            f"database {file} has schema version {version}, this program knows up to {len(MIGRATIONS)}: "
            f"run the newer release, or put the copy from before the upgrade ({file}.version-<number>) in its place",
        )
    if file != MEMORY:
        _forget_copies(Path(file), now=now)
        if 0 < version < len(MIGRATIONS):
            _keep_copy(connection, Path(f"{file}.version-{version}"))
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        # executescript commits on its own, so the transaction is part of the script: all of it or none.
        connection.executescript(
            f"BEGIN IMMEDIATE;\n{script}\nINSERT INTO schemaVersion VALUES ({number}, {now:f});\nCOMMIT;",
        )


def _keep_copy(connection: sqlite3.Connection, copy: Path) -> None:
    """Keep the file as it is before it is upgraded: an older release reads no newer one."""
    try:
        copy.unlink(missing_ok=True)
        connection.execute("VACUUM INTO ?", (str(copy),))
    except (OSError, sqlite3.Error) as error:
        why = _explain(error) if isinstance(error, sqlite3.Error) else str(error)
        raise DatabaseError(f"{copy}: the copy before an upgrade cannot be written ({why})") from error


def _forget_copies(file: Path, *, now: float) -> None:
    """Remove copies that were made long ago: they have what was deleted since."""
    for copy in file.parent.glob(f"{file.name}.version-*"):
        with contextlib.suppress(OSError):
            if now - copy.stat().st_mtime * 1000 > COPY_KEPT_MS:
                copy.unlink()


def _explain(error: sqlite3.Error) -> str:
    match getattr(error, "sqlite_errorname", ""):
        case "SQLITE_NOTADB" | "SQLITE_CORRUPT":
            return f"damaged ({error}): restore a copy, or move the file away to start empty"
        case "SQLITE_BUSY" | "SQLITE_LOCKED":
            return f"locked by another program ({error}): stop the one that has it open"
        case "SQLITE_FULL":
            return f"the disk is full ({error}): free some space"
        case "SQLITE_CANTOPEN" | "SQLITE_READONLY" | "SQLITE_READONLY_DIRECTORY":
            return f"cannot be written ({error}): give the file and its folder to the user this process runs as"
        case _:
            return str(error)
