"""What a function sees of the database: rows as documents, every read and write noted as a tag.

A tag names something a query read (`jobs:<id>`, `jobs.userId=<id>`, `jobs#state`); a commit touches tags; a
subscription is looked at again when one of its tags was touched.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from random import Random
from types import MappingProxyType
from typing import Any

from backend.errors import Code, FunctionError
from backend.ids import new_id
from backend.schema import TABLES, Table
from backend.values import check_size, size_of, to_json
from course.limits import DOCUMENT_MAX_BYTES

Document = dict[str, Any]


def state_tag(table: str) -> str:
    """Return the tag of a table's state as a whole."""
    return f"{table}#state"


class Snapshot:
    """Reads at one point in time; `tags` collects what was read."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.tags: set[str] = set()

    def branch(self) -> "Snapshot":
        """Return the same point in time with its own record of what is read."""
        return Snapshot(self._connection)

    def get(self, table: str, row_id: str) -> Document | None:
        """Return the row with this id."""
        self.tags.add(f"{table}:{row_id}")
        return self._first(table, "_id = ?", (row_id,))

    def find(
        self, table: str, column: str, value: str, *, newest_first: bool = False, limit: int = -1
    ) -> list[Document]:
        """Return the rows whose watched column has this value, in the order they were made."""
        self.tags.add(f"{table}.{column}={value}")
        order = "DESC" if newest_first else "ASC"
        rows = self._connection.execute(
            f"SELECT * FROM {table} WHERE {column} = ? ORDER BY rowid {order} LIMIT ?",  # noqa: S608 - names of ours
            (value, limit),
        )
        return [to_document(TABLES[table], row) for row in rows]

    def select(self, table: str, where: str, parameters: Iterable[object], *, tag: str) -> list[Document]:
        """Return the rows that satisfy SQL of ours, read under the given tag."""
        self.tags.add(tag)
        rows = self._connection.execute(f"SELECT * FROM {table} {where}", tuple(parameters))  # noqa: S608
        return [to_document(TABLES[table], row) for row in rows]

    def scalars(self, sql: str, parameters: Iterable[object], *, tag: str) -> list[tuple[Any, ...]]:
        """Return plain rows of an aggregate, read under the given tag."""
        self.tags.add(tag)
        return [tuple(row) for row in self._connection.execute(sql, tuple(parameters))]

    def _first(self, table: str, where: str, parameters: Iterable[object]) -> Document | None:
        row = self._connection.execute(f"SELECT * FROM {table} WHERE {where}", tuple(parameters)).fetchone()  # noqa: S608
        return None if row is None else to_document(TABLES[table], row)


class Transaction(Snapshot):
    """Reads and writes; `touched` collects the tags that the commit will touch.

    `numbers` are those of the tables whose rows have ids of Convex's form: further rows get such ids, too.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        *,
        now: float,
        random: Random,
        numbers: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        super().__init__(connection)
        self._numbers = numbers
        self.touched: set[str] = set()
        self.now = now
        self.random = random

    def insert(self, table: str, fields: Mapping[str, object]) -> str:
        """Add a row and return its id."""
        row_id = new_id(table, self.random, self._numbers.get(table))
        document = {"_id": row_id, "_creationTime": self.now, **fields}
        self._check_size(table, document)
        insert_row(self._connection, TABLES[table], document)
        self._touch(TABLES[table], document)
        self.touched.add(state_tag(table))
        return row_id

    def patch(
        self, table: str, before: Document, changes: Mapping[str, object], *, clear: Iterable[str] = ()
    ) -> Document:
        """Change fields of a row read in this transaction, remove those named in `clear`, return the new row."""
        after = {**before, **changes}
        for name in clear:
            after.pop(name, None)
        self._check_size(table, after)
        columns = _to_columns(TABLES[table], changes) | dict.fromkeys(clear)
        self._connection.execute(
            f"UPDATE {table} SET {', '.join(f'{name} = ?' for name in columns)} WHERE _id = ?",  # noqa: S608
            (*columns.values(), before["_id"]),
        )
        self._touch(TABLES[table], before)
        self._touch(TABLES[table], after)
        if any(before.get(name) != after.get(name) for name in TABLES[table].state):
            self.touched.add(state_tag(table))
        return after

    def delete(self, table: str, document: Document) -> None:
        """Remove a row that was read in this transaction."""
        self._connection.execute(f"DELETE FROM {table} WHERE _id = ?", (document["_id"],))  # noqa: S608
        self._touch(TABLES[table], document)
        self.touched.add(state_tag(table))

    def execute(self, sql: str, parameters: Iterable[object] = ()) -> sqlite3.Cursor:
        """Run a statement on tables that no query reads."""
        return self._connection.execute(sql, tuple(parameters))

    def touch(self, tag: str) -> None:
        """Wake the readers of a tag although no row changed."""
        self.touched.add(tag)

    def _touch(self, table: Table, document: Document) -> None:
        self.touched.add(f"{table.name}:{document['_id']}")
        self.touched.update(f"{table.name}.{column}={document.get(column)}" for column in table.watched)

    def _check_size(self, table: str, document: Document) -> None:
        size_bytes = size_of(document)
        if size_bytes > DOCUMENT_MAX_BYTES:
            name = document.get("slug") or document["_id"]
            check_size(size_bytes, DOCUMENT_MAX_BYTES, f"document {name!r} of table {table}")


def require(document: Document | None, table: str, row_id: str) -> Document:
    """Return the document.

    Raises:
        FunctionError: NOT_FOUND, when there is none.
    """
    if document is None:
        raise FunctionError(Code.NOT_FOUND, f"{table} has no row {row_id}: it was deleted or never existed")
    return document


def to_document(table: Table, row: sqlite3.Row) -> Document:
    """Return the row as Convex shows it: absent fields are left out."""
    document: Document = {}
    for name in row.keys():  # noqa: SIM118 - a Row iterates over its values
        value = row[name]
        if value is None:
            continue
        if name in table.json:
            document[name] = json.loads(value)
        elif name in table.booleans:
            document[name] = bool(value)
        else:
            document[name] = value
    return document


def insert_row(connection: sqlite3.Connection, table: Table, document: Document) -> None:
    """Add a document as a row."""
    columns = _to_columns(table, document)
    connection.execute(
        f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",  # noqa: S608
        tuple(columns.values()),
    )


def _to_columns(table: Table, fields: Mapping[str, object]) -> dict[str, object]:
    return {name: to_json(value) if name in table.json else value for name, value in fields.items()}
