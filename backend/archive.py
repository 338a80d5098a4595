"""`python -m backend.archive`: a database as an archive in the form of `npx convex export`, and back.

An archive is a ZIP with a folder for each table, `documents.jsonl` in each, a document a line; `_tables` tells the
tables' numbers. Documents keep ids and times. Three things differ where the archive leaves here: a row whose id is not
of Convex's form gets the one that its own id always gives; how far a job is stands in a table of its own, as the
functions of a deployment have it; and a job that is at work waits again, since its worker does not come along.
"""

import argparse
import json
import os
import re
import sqlite3
import sys
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import IO, Final

from backend import shown_text
from backend.database import open_database, table_numbers
from backend.errors import ArchiveError, DatabaseError, FunctionError
from backend.ids import derived_id, table_number
from backend.schema import TABLES
from backend.settings import database_in
from backend.transaction import Document, insert_row, to_document
from backend.values import check_size, parse_json, size_of, to_json
from course.jobs import ACTIVE, JobStatus
from course.limits import DOCUMENT_MAX_BYTES

# The numbers of tables whose rows have ids of ours; Convex counts from 10 001.
NUMBERS: Final = {
    "users": 15001,
    "repositories": 15002,
    "jobs": 15003,
    "docs": 15004,
    "jobLogs": 15005,
    "progress": 15006,
}
PROGRESS: Final = ("progress", "currentStep", "totalSteps")
LOCK: Final = ("lockedBy", "leaseUntil")
REFERENCES: Final = {"userId": "users", "repositoryId": "repositories", "jobId": "jobs"}
LINE_MAX_BYTES: Final = 4 * DOCUMENT_MAX_BYTES
BESIDE: Final = frozenset({"progress", "leases"})
_DOCUMENTS: Final = re.compile(r"(?:.*/)?(?P<table>[^/]+)/documents\.jsonl")
README: Final = """# An export of Fondation

Jobs, courses and logs, in the form of `npx convex export`. `bin/fondation backend import` reads it, and
`npx convex import` does. It holds the tokens of jobs: keep it as you keep a backup.
"""


def export(database: str, target: IO[bytes]) -> dict[str, int]:
    """Write an archive of a database that may be in use, as it is at one moment; return the documents by table.

    Raises:
        ArchiveError: The database cannot be read.
    """
    try:
        with closing(sqlite3.connect(f"{Path(database).absolute().as_uri()}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("BEGIN")
            with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                archive.writestr("README.md", README)
                return _Export(connection, archive).write()
    except sqlite3.Error as error:
        raise ArchiveError(f"database {database} cannot be read ({error}): is the backend running?") from error


class _Export:
    def __init__(self, connection: sqlite3.Connection, archive: zipfile.ZipFile) -> None:
        self._connection = connection
        self._archive = archive
        self._numbers = {**NUMBERS, **table_numbers(connection)}

    def write(self) -> dict[str, int]:
        listed = [{"name": name, "id": float(number)} for name, number in sorted(self._numbers.items())]
        self._table("_tables", iter(listed))
        counts = {table: self._table(table, self._rows(table)) for table in TABLES}
        return {**counts, "progress": self._table("progress", self._progress())}

    def _table(self, name: str, documents: Iterator[Document]) -> int:
        count = 0
        with self._archive.open(f"{name}/documents.jsonl", "w", force_zip64=True) as stream:
            for count, document in enumerate(documents, start=1):  # noqa: B007 - how many there were
                stream.write(to_json(document).encode() + b"\n")
        if not name.startswith("_"):
            self._archive.writestr(f"{name}/generated_schema.jsonl", '"uniform"\n')
        return count

    def _rows(self, table: str) -> Iterator[Document]:
        for row in self._connection.execute(f"SELECT * FROM {table} ORDER BY rowid"):  # noqa: S608 - names of ours
            document = to_document(TABLES[table], row)
            if table == "jobs":
                document = _at_rest({name: value for name, value in document.items() if name not in PROGRESS})
            yield document | self._ids(table, document)

    def _progress(self) -> Iterator[Document]:
        for row in self._connection.execute("SELECT * FROM jobs WHERE progress IS NOT NULL ORDER BY rowid"):
            job = to_document(TABLES["jobs"], row)
            job_id = self._id("jobs", job["_id"])
            yield {
                "_id": derived_id(self._numbers["progress"], job_id),
                "_creationTime": job["_creationTime"],
                "jobId": job_id,
                **{name: job.get(name, 0.0) for name in PROGRESS},
            }

    def _ids(self, table: str, document: Document) -> Document:
        found = {name: self._id(of, document[name]) for name, of in REFERENCES.items() if name in document}
        return {"_id": self._id(table, document["_id"]), **found}

    def _id(self, table: str, text: str) -> str:
        return text if table_number(text) is not None else derived_id(self._numbers[table], text)


def _at_rest(job: Document) -> Document:
    """A job without a worker: one that is at work waits again."""
    kept = {name: value for name, value in job.items() if name not in LOCK}
    is_live = JobStatus(job["status"]) in ACTIVE
    return kept | {"status": JobStatus.PENDING.value} if is_live else kept


def import_archive(archive: Path, database: str, *, replace: bool, now: float) -> dict[str, int]:
    """Bring an archive into a database that no process has open; return the documents by table.

    What was there before is kept beside it, under the name with `.before-import`. Nothing changes unless all of the
    archive fits.

    Args:
        archive: A ZIP of `export`, or of `npx convex export`.
        database: The database's file; made where there is none.
        replace: Whether documents that are there give way.
        now: Time in milliseconds.

    Raises:
        ArchiveError: The archive cannot be read, or holds what the database does not know.
        DatabaseError: The database is in use, holds documents, or cannot be written.
    """
    incoming, staging = Path(f"{database}.importing"), Path(f"{database}.staging")
    existing = open_database(database, now=now)
    try:
        rows = {table: existing.writer.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}  # noqa: S608
        if any(rows.values()) and not replace:
            held = ", ".join(f"{count} {table}" for table, count in rows.items() if count)
            raise DatabaseError(f"database {database} holds {held}: with --replace they give way to the archive")
        existing.close_connections()  # what the log holds is in the file then; the lock stays
        for path in (incoming, staging):
            _remove(path)
        try:
            counts = _fill(archive, str(incoming), str(staging), now=now)
            if any(rows.values()):
                Path(f"{database}.before-import").unlink(missing_ok=True)
                os.link(database, f"{database}.before-import")
            incoming.replace(database)
            _sync_folder(Path(database).parent)
        finally:
            for path in (incoming, staging):
                _remove(path)
    finally:
        existing.close()
    return counts


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal", ".lock"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _fill(archive: Path, incoming: str, staging: str, *, now: float) -> dict[str, int]:
    """Write the archive's documents into a new file, in the order in which they were made."""
    target = open_database(incoming, now=now)
    try:
        with closing(sqlite3.connect(staging, isolation_level=None)) as staged, _opened(archive) as source:
            staged.execute("PRAGMA journal_mode = OFF")
            entries = _entries(source, archive)
            progress = {line["jobId"]: line for _, line in _lines(source, entries.get("progress"))}
            target.writer.execute("BEGIN IMMEDIATE")
            counts = {
                table: _insert(target.writer, table, _sorted(staged, source, entries.get(table)), progress)
                for table in TABLES
            }
            shown_text.show_all(target.writer)
            target.writer.execute("UPDATE commitClock SET ts = ?", (int(now * 1e6),))
            target.writer.execute("COMMIT")
    except (zipfile.BadZipFile, EOFError, OSError) as error:
        raise ArchiveError(f"{archive}: {error}: it is cut or damaged, export it again") from error
    finally:
        target.close()
    return counts


def _opened(archive: Path) -> zipfile.ZipFile:
    if not zipfile.is_zipfile(archive):
        raise ArchiveError(f"{archive} is no ZIP, or is cut: give the file that an export wrote")
    return zipfile.ZipFile(archive)


def _entries(source: zipfile.ZipFile, archive: Path) -> dict[str, zipfile.ZipInfo]:
    """The archive's tables; those of Convex's own are passed over."""
    found = {match["table"]: info for info in source.infolist() if (match := _DOCUMENTS.fullmatch(info.filename))}
    known = {name: info for name, info in found.items() if not name.startswith("_")}
    unknown = sorted(set(known) - set(TABLES) - BESIDE)
    if unknown:
        raise ArchiveError(
            f"{archive} has tables that this release does not know: {', '.join(unknown)}: is it of another project, or"
            " of a newer release?"
        )
    if not set(known) & set(TABLES):
        raise ArchiveError(f"{archive} has none of the tables {', '.join(TABLES)}: give the file that an export wrote")
    return known


def _lines(source: zipfile.ZipFile, info: zipfile.ZipInfo | None) -> Iterator[tuple[int, Document]]:
    """The documents of a table with their line numbers."""
    if info is None:
        return
    with source.open(info) as stream:
        number = 0
        while line := stream.readline(LINE_MAX_BYTES + 1):
            number += 1
            if len(line) > LINE_MAX_BYTES:
                raise ArchiveError(f"{info.filename}, line {number}: longer than {LINE_MAX_BYTES} bytes")
            try:
                document = parse_json(line)
            except (ValueError, RecursionError) as error:
                raise ArchiveError(f"{info.filename}, line {number}: no JSON ({error})") from error
            if not isinstance(document, dict):
                raise ArchiveError(f"{info.filename}, line {number}: no document, but {type(document).__name__}")
            yield number, document


def _sorted(
    staged: sqlite3.Connection, source: zipfile.ZipFile, info: zipfile.ZipInfo | None
) -> Iterator[tuple[str, Document]]:
    """A table's documents with their places, in the order in which they were made: rows of one time as they stand."""
    staged.execute("DROP TABLE IF EXISTS document")
    staged.execute("CREATE TABLE document (made REAL, number INTEGER, text TEXT)")
    staged.execute("BEGIN")
    for number, document in _lines(source, info):
        values = (document.get("_creationTime", 0.0), number, json.dumps(document))
        staged.execute("INSERT INTO document VALUES (?, ?, ?)", values)
    staged.execute("COMMIT")
    for number, text in staged.execute("SELECT number, text FROM document ORDER BY made, number"):
        yield f"{info.filename if info else ''}, line {number}", json.loads(text)


def _insert(
    connection: sqlite3.Connection,
    table: str,
    documents: Iterator[tuple[str, Document]],
    progress: Mapping[str, Document],
) -> int:
    """Insert a table's documents; those at work wait again, and how far they are is theirs again."""
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    count = 0
    for where, given in documents:
        document = given
        if table == "jobs":
            far = progress.get(str(given.get("_id")), {})
            document = {**{name: far[name] for name in PROGRESS if name in far}, **given}
        unknown = sorted(set(document) - set(columns))
        if unknown:
            raise ArchiveError(f"{where}: {table} have no field {', '.join(unknown)}: is it of a newer release?")
        try:
            document = _at_rest(document) if table == "jobs" else document
            check_size(size_of(document), DOCUMENT_MAX_BYTES, where)
            insert_row(connection, TABLES[table], document)
        except (sqlite3.Error, FunctionError, KeyError, ValueError, TypeError) as error:
            raise ArchiveError(f"{where}: not a row of {table} ({error})") from error
        count += 1
    return count


def _private(path: str, flags: int) -> int:
    """Open a file that only its owner may read: it holds the tokens of jobs."""
    return os.open(path, flags, 0o600)


def main(arguments: list[str]) -> int:
    """Export to a file or to standard output, or import; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m backend.archive", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    writes = commands.add_parser("export", help="write an archive of the database, which may be in use")
    writes.add_argument("file", help="the archive's file; - for standard output")
    reads = commands.add_parser("import", help="bring an archive into the database; no backend may have it open")
    reads.add_argument("file", type=Path, help="the archive's file")
    reads.add_argument("--remove", action="store_true", help="remove the archive's file afterwards")
    reads.add_argument("--replace", action="store_true", help="take the place of the documents that are there")
    options = parser.parse_args(arguments)
    database = database_in(os.environ)
    try:
        if options.command == "import":
            counts = import_archive(options.file, database, replace=options.replace, now=time.time() * 1000)
        elif options.file == "-":
            counts = export(database, sys.stdout.buffer)
        else:
            with open(options.file, "xb", opener=_private) as target:
                counts = export(database, target)
    except (ArchiveError, DatabaseError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return getattr(error, "exit_code", 1)
    finally:
        if options.command == "import" and options.remove:
            options.file.unlink(missing_ok=True)
    sys.stderr.write(json.dumps(counts) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
