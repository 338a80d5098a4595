"""Where entries lie: in memory, in files, in SQLite. A store knows nothing of time or room."""

import contextlib
import hashlib
import json
import os
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from larder.entries import Entry
from larder.errors import StoreError
from larder.serializers import Json, Serializer


class Store(Protocol):
    """Maps keys to entries. Reading what is not there, or cannot be read, gives nothing."""

    def read(self, key: str) -> Entry | None:
        """Return the entry of a key."""

    def write(self, key: str, entry: Entry) -> None:
        """Put an entry in the place of an earlier one.

        Raises:
            StoreError: It cannot be written.
            NotStorableError: The value cannot be turned into bytes.
        """

    def remove(self, key: str) -> None:
        """Take an entry away; a key that is not there is no error."""

    def keys(self) -> list[str]:
        """Return all keys, those that were written first coming first."""


class MemoryStore:
    """Entries in a dictionary: the fastest store, and the one that ends with the process."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}

    def read(self, key: str) -> Entry | None:
        """Return the entry of a key."""
        return self._entries.get(key)

    def write(self, key: str, entry: Entry) -> None:
        """Put an entry in the place of an earlier one."""
        self._entries[key] = entry

    def remove(self, key: str) -> None:
        """Take an entry away."""
        self._entries.pop(key, None)

    def keys(self) -> list[str]:
        """Return all keys."""
        return list(self._entries)


class FileStore:
    """Each entry in a file of its own, put in place in one move.

    Args:
        folder: Where the files lie; it is made when it is missing.
        serializer: Turns values into bytes.
    """

    SUFFIX = ".entry"

    def __init__(self, folder: str | Path, serializer: Serializer | None = None) -> None:
        self._folder = Path(folder)
        self._serializer = serializer or Json()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"the folder {self._folder} cannot be made: {error.strerror}") from error

    def read(self, key: str) -> Entry | None:
        """Return the entry of a key; a file that cannot be read is removed, since it never will be."""
        place = self._place(key)
        try:
            head, _, body = place.read_bytes().partition(b"\n")
            return self._entry(json.loads(head), body)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            self.remove(key)
            return None

    def write(self, key: str, entry: Entry) -> None:
        """Write beside the place and move there: a reader finds the old file or the new one.

        Raises:
            StoreError: The disk is full, or the folder is gone.
        """
        body = self._serializer.dump(entry.value)
        head = {"key": key, "made": entry.made, "used": entry.used, "weight": entry.weight}
        try:
            handle, temporary = tempfile.mkstemp(dir=self._folder, prefix=".new-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(json.dumps(head).encode() + b"\n" + body)
                os.replace(temporary, self._place(key))
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(temporary)
                raise
        except OSError as error:
            raise StoreError(f"{key!r} cannot be written to {self._folder}: {error.strerror}") from error

    def remove(self, key: str) -> None:
        """Take an entry away."""
        with contextlib.suppress(OSError):
            self._place(key).unlink()

    def keys(self) -> list[str]:
        """Return all keys, those whose files are oldest coming first."""
        found: list[tuple[float, str]] = []
        for place in self._folder.glob(f"*{self.SUFFIX}"):
            try:
                with place.open("rb") as file:
                    found.append((place.stat().st_mtime, str(json.loads(file.readline())["key"])))
            except (OSError, ValueError, KeyError, TypeError):
                continue
        return [key for _, key in sorted(found)]

    def _place(self, key: str) -> Path:
        # A hash, since a key may hold what a file name may not, and be longer.
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:40]}{self.SUFFIX}"

    def _entry(self, head: dict[str, Any], body: bytes) -> Entry:
        return Entry(
            value=self._serializer.load(body),
            made=float(head["made"]),
            used=float(head["used"]),
            weight=float(head["weight"]),
        )


class SqliteStore:
    """Entries in one file, each in a transaction of its own.

    Args:
        path: The file; `:memory:` keeps it in memory.
        serializer: Turns values into bytes.
    """

    def __init__(self, path: str | Path, serializer: Serializer | None = None) -> None:
        self._serializer = serializer or Json()
        self._lock = threading.Lock()
        try:
            self._database = sqlite3.connect(str(path), check_same_thread=False, isolation_level=None)
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute(
                "CREATE TABLE IF NOT EXISTS entries"
                " (key TEXT PRIMARY KEY, made REAL, used REAL, weight REAL, value BLOB) WITHOUT ROWID"
            )
        except sqlite3.Error as error:
            raise StoreError(f"{path} cannot be opened: {error}") from error

    def read(self, key: str) -> Entry | None:
        """Return the entry of a key; a row that cannot be read is removed."""
        row = self._row("SELECT made, used, weight, value FROM entries WHERE key = ?", key)
        if row is None:
            return None
        made, used, weight, value = row
        try:
            return Entry(value=self._serializer.load(value), made=made, used=used, weight=weight)
        except (ValueError, TypeError):
            self.remove(key)
            return None

    def write(self, key: str, entry: Entry) -> None:
        """Put an entry in the place of an earlier one.

        Raises:
            StoreError: SQLite cannot write.
        """
        value = self._serializer.dump(entry.value)
        try:
            with self._lock:
                self._database.execute(
                    "INSERT INTO entries VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET"
                    " made = excluded.made, used = excluded.used, weight = excluded.weight, value = excluded.value",
                    (key, entry.made, entry.used, entry.weight, value),
                )
        except sqlite3.Error as error:
            raise StoreError(f"{key!r} cannot be written: {error}") from error

    def remove(self, key: str) -> None:
        """Take an entry away."""
        with contextlib.suppress(sqlite3.Error), self._lock:
            self._database.execute("DELETE FROM entries WHERE key = ?", (key,))

    def keys(self) -> list[str]:
        """Return all keys, those that were made first coming first."""
        with contextlib.suppress(sqlite3.Error), self._lock:
            return [key for (key,) in self._database.execute("SELECT key FROM entries ORDER BY made, key")]
        return []

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _row(self, query: str, key: str) -> tuple[Any, ...] | None:
        with contextlib.suppress(sqlite3.Error), self._lock:
            row: tuple[Any, ...] | None = self._database.execute(query, (key,)).fetchone()
            return row
        return None


def entries_of(store: Store) -> Iterator[tuple[str, Entry]]:
    """Yield every key of a store with its entry, those that can be read."""
    for key in store.keys():
        entry = store.read(key)
        if entry is not None:
            yield key, entry
