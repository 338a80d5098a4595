"""Moving data: a thousand courses of the embedded backend into an archive, and out of it."""

import resource
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Final

from backend import archive
from backend.database import open_database
from backend.transaction import Transaction
from bench.filled import NOW_MS, insert_course, insert_user
from bench.report import Figure, timed

COURSES: Final = 1_000
DOCUMENTS: Final = 39
LINES: Final = 20
DOCUMENT_CHARS: Final = 8_000
LIMIT_S: Final = 60.0


def measure() -> Iterator[Figure]:
    """Yield the seconds of an export and an import of `COURSES` courses, and the most memory that they took.

    Compared with SQLite's own copy of the same file, which is no other form of it.
    """
    with tempfile.TemporaryDirectory(prefix="fondation-bench-") as scratch:
        folder = Path(scratch)
        source, moved = folder / "from.sqlite3", folder / "moved.zip"
        _fill(source)
        copied_s = timed(lambda: _copy(source, folder / "copy.sqlite3"))
        exported_s = timed(lambda: _export(source, moved))
        imported_s = timed(lambda: archive.import_archive(moved, str(folder / "to.sqlite3"), replace=False, now=NOW_MS))
        size_mb = source.stat().st_size / 1e6
        peer = f"a copy by SQLite: {copied_s:.1f} s; export {exported_s:.1f} s, import {imported_s:.1f} s"
        name = f"export and import of {COURSES} courses of {DOCUMENTS} documents, {size_mb:.0f} MB"
        yield Figure(name=name, samples=[exported_s + imported_s], unit="s", limit=LIMIT_S, peer=peer)
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        yield Figure(name="memory of both", samples=[peak_mb], unit="MB")


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))


def _export(source: Path, target: Path) -> None:
    with target.open("wb") as stream:
        archive.export(str(source), stream)


def _fill(file: Path) -> None:
    database = open_database(str(file), now=NOW_MS)
    database.writer.execute("BEGIN IMMEDIATE")
    random = Random(7)  # noqa: S311 - the same documents each time
    rows = Transaction(database.writer, now=NOW_MS, random=random)
    text = "".join(random.choices("abcdefghijklmnopqrstuvwxyz    \n", k=2 * DOCUMENT_CHARS))
    user = insert_user(rows)
    for number in range(COURSES):
        starts = [random.randrange(DOCUMENT_CHARS) for _ in range(DOCUMENTS)]
        documents = [
            {"slug": str(place), "title": "t", "kind": "chapter", "content": text[start : start + DOCUMENT_CHARS]}
            for place, start in enumerate(starts)
        ]
        job = insert_course(rows, user, number, documents)
        for place in range(LINES):
            line = {"ts": NOW_MS, "seq": float(place), "level": "info", "msg": "a line of a log"}
            rows.insert("jobLogs", {"jobId": job, **line})
    database.writer.execute("COMMIT")
    database.close()
