"""Archives in the form of `npx convex export`: out, in, and what does not fit."""

import json
import sqlite3
import zipfile
from contextlib import closing
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import pytest

from backend import archive
from backend.database import open_database, table_numbers
from backend.errors import ArchiveError, DatabaseError
from backend.ids import convex_id, derived_id, may_name, new_id, table_number
from backend.schema import TABLES
from backend.transaction import Transaction, to_document
from tests.unit.backend.conftest import Deployment

NOW = 1_800_000_100_000.0


def documents(database: Path) -> dict[str, list[dict[str, Any]]]:
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        return {
            name: [to_document(table, row) for row in connection.execute(f"SELECT * FROM {name} ORDER BY rowid")]  # noqa: S608
            for name, table in TABLES.items()
        }


def exported(database: Path, target: Path) -> Path:
    with target.open("wb") as stream:
        archive.export(str(database), stream)
    return target


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A database with a course, a job at work and a log."""
    file = tmp_path / "old.sqlite3"
    deployment = Deployment(str(file))
    done = deployment.claimed(name="alpha")
    deployment.publish(done)
    deployment.mutate("queue:complete", jobId=done, workerId="w:1", result={"success": True})
    deployment.now += 1_000
    deployment.claimed(name="beta")
    deployment.mutate("jobs:appendLog", jobId=done, level="info", msg="cloned")
    deployment.database.close()
    return file


def test_ids_of_convex_are_read_and_written() -> None:
    """Two of a real deployment, as Convex's own tests have them."""
    assert table_number("m57068j1c1zsxfewzcd3jp3qjttx99vg") == 10017
    assert table_number("nx70paj9d23tdhf40ch42r3zktyxrddc") == 10031
    assert table_number("m57068j1c1zsxfewzcd3jp3qjttx99vh") is None
    assert table_number(new_id("jobs", Random(1))) is None  # noqa: S311 - the same each time
    for number in (1, 127, 128, 10_001, 16_384, 4_294_967_295):
        text = convex_id(number, bytes(range(16)))
        assert table_number(text) == number
        assert may_name(text, "jobs")
    assert derived_id(15003, "j") == derived_id(15003, "j") != derived_id(15003, "k")


@pytest.mark.parametrize("text", ["", "0" * 31, "j" * 32, "m57068j1c1zsxfewzcd3jp3qjttx99v", "é" * 32, "ZZ" * 16])
def test_other_texts_are_no_ids_of_convex(text: str) -> None:
    assert table_number(text) is None


def test_what_goes_out_comes_in_again(filled: Path, tmp_path: Path) -> None:
    first = exported(filled, tmp_path / "first.zip")
    target = tmp_path / "new.sqlite3"
    counts = archive.import_archive(first, str(target), replace=False, now=NOW)
    assert counts == {table: len(rows) for table, rows in documents(filled).items()}
    assert exported(target, tmp_path / "second.zip").stat().st_size
    texts = [
        {name: source.read(name) for name in source.namelist()}
        for source in (zipfile.ZipFile(tmp_path / "first.zip"), zipfile.ZipFile(tmp_path / "second.zip"))
    ]
    assert texts[0] == texts[1]
    before, after = documents(filled), documents(target)
    assert [doc["content"] for doc in before["docs"]] == [doc["content"] for doc in after["docs"]]
    assert [job["_creationTime"] for job in before["jobs"]] == [job["_creationTime"] for job in after["jobs"]]
    assert {doc["jobId"] for doc in after["docs"]} == {after["jobs"][0]["_id"]}


def test_a_job_at_work_waits_where_it_arrives(filled: Path, tmp_path: Path) -> None:
    source = exported(filled, tmp_path / "a.zip")
    archive.import_archive(source, str(tmp_path / "new.sqlite3"), replace=False, now=NOW)
    assert [job["status"] for job in documents(filled)["jobs"]] == ["completed", "claimed"]
    arrived = documents(tmp_path / "new.sqlite3")["jobs"]
    assert [job["status"] for job in arrived] == ["completed", "pending"]
    assert not {"lockedBy", "leaseUntil"} & set(arrived[1])


def test_further_rows_get_ids_like_those_that_came(filled: Path, tmp_path: Path) -> None:
    target = tmp_path / "new.sqlite3"
    archive.import_archive(exported(filled, tmp_path / "a.zip"), str(target), replace=False, now=NOW)
    database = open_database(str(target), now=NOW)
    numbers = table_numbers(database.writer)
    assert numbers == {"users": 15001, "repositories": 15002, "jobs": 15003, "docs": 15004, "jobLogs": 15005}
    database.writer.execute("BEGIN IMMEDIATE")
    made = Transaction(database.writer, now=NOW, random=Random(1), numbers=numbers)  # noqa: S311 - the same each time
    fields = {"githubId": "7", "username": "seven", "createdAt": NOW}
    assert table_number(made.insert("users", fields)) == 15001
    database.writer.execute("ROLLBACK")
    database.close()


def test_documents_that_are_there_give_way_only_when_told(filled: Path, tmp_path: Path) -> None:
    source = exported(filled, tmp_path / "a.zip")
    before = filled.read_bytes()
    with pytest.raises(DatabaseError, match=r"holds 1 users, 2 repositories, 2 jobs, .*--replace"):
        archive.import_archive(source, str(filled), replace=False, now=NOW)
    assert filled.read_bytes() == before
    archive.import_archive(source, str(filled), replace=True, now=NOW)
    assert table_number(documents(filled)["jobs"][0]["_id"]) == 15003
    kept = Path(f"{filled}.before-import")
    assert documents(kept)["jobs"][1]["status"] == "claimed"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "a.zip", "old.sqlite3", "old.sqlite3.before-import", "old.sqlite3.lock",
    ]  # fmt: skip


def test_a_database_in_use_is_left_alone(filled: Path, tmp_path: Path) -> None:
    source = exported(filled, tmp_path / "a.zip")
    used = open_database(str(filled), now=NOW)
    with pytest.raises(DatabaseError, match="another backend process has it open"):
        archive.import_archive(source, str(filled), replace=True, now=NOW)
    used.close()


def test_an_export_of_a_database_in_use_is_of_one_moment(filled: Path, tmp_path: Path) -> None:
    used = open_database(str(filled), now=NOW)
    used.writer.execute("BEGIN IMMEDIATE")
    used.writer.execute("DELETE FROM jobLogs")
    source = exported(filled, tmp_path / "a.zip")
    used.writer.execute("ROLLBACK")
    used.close()
    kept = zipfile.ZipFile(source).read("jobLogs/documents.jsonl").splitlines()
    assert len(kept) == len(documents(filled)["jobLogs"]) > 0


def rewritten(source: Path, target: Path, name: str, change: bytes) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.namelist():
            new.writestr(entry, change if entry == name else old.read(entry))
        if name not in old.namelist():
            new.writestr(name, change)
    return target


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("jobs/documents.jsonl", b"{", "jobs/documents.jsonl, line 1: no JSON"),
        ("jobs/documents.jsonl", b"[]\n", "no document, but list"),
        ("jobs/documents.jsonl", b'{"_id": "x"}\n', "line 1: not a row of jobs"),
        ("users/documents.jsonl", b'{"_id": "x", "colour": "red"}\n', "users have no field colour"),
        ("users/documents.jsonl", b'{"_id": "x", "createdAt": NaN}\n', "no JSON"),
        ("docs/documents.jsonl", b'{"_id": "' + b"x" * (5 << 20) + b'"}\n', "longer than"),
        ("orders/documents.jsonl", b"{}\n", "tables that this release does not know: orders"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_changes(
    filled: Path, tmp_path: Path, name: str, text: bytes, says: str
) -> None:
    source = rewritten(exported(filled, tmp_path / "a.zip"), tmp_path / "b.zip", name, text)
    before = documents(filled)
    with pytest.raises(ArchiveError, match=says):
        archive.import_archive(source, str(filled), replace=True, now=NOW)
    assert documents(filled) == before
    assert not list(tmp_path.glob("*.importing*")) + list(tmp_path.glob("*.staging*"))


def test_an_archive_that_is_cut_is_refused(filled: Path, tmp_path: Path) -> None:
    source = exported(filled, tmp_path / "a.zip")
    source.write_bytes(source.read_bytes()[:-200])
    with pytest.raises(ArchiveError, match="no ZIP, or is cut"):
        archive.import_archive(source, str(filled), replace=True, now=NOW)
    damaged = exported(filled, tmp_path / "c.zip")
    text = bytearray(damaged.read_bytes())
    text[len(text) // 2] ^= 0xFF
    damaged.write_bytes(bytes(text))
    with pytest.raises(ArchiveError, match=r"damaged|line"):
        archive.import_archive(damaged, str(filled), replace=True, now=NOW)


def test_documents_of_a_deployment_come_in_the_order_in_which_they_were_made(tmp_path: Path) -> None:
    """Convex exports by id; tables of its own are passed over."""
    fields = {"username": "u", "createdAt": 1.0}
    users = [
        {"_id": convex_id(10_001, bytes([n]) * 16), "_creationTime": 100.0 - n, "githubId": str(n), **fields}
        for n in range(3)
    ]
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as source:
        source.writestr("snapshot/_storage/documents.jsonl", "{}\n")
        source.writestr("snapshot/users/documents.jsonl", "".join(json.dumps(user) + "\n" for user in users))
        source.writestr("snapshot/leases/documents.jsonl", "{}\n")
    target = tmp_path / "new.sqlite3"
    assert archive.import_archive(tmp_path / "a.zip", str(target), replace=False, now=NOW)["users"] == 3
    assert documents(target)["users"] == list(reversed(users))
    written = BytesIO()
    archive.export(str(target), written)
    numbers = [json.loads(line) for line in zipfile.ZipFile(written).read("_tables/documents.jsonl").splitlines()]
    assert {"name": "users", "id": 10_001} in numbers


def test_the_command_says_what_it_moved(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FONDATION_DATABASE", str(filled))
    assert archive.main(["export", str(tmp_path / "a.zip")]) == 0
    assert json.loads(capsys.readouterr().err)["jobs"] == 2
    assert archive.main(["import", str(tmp_path / "a.zip")]) == DatabaseError.exit_code
    assert "--replace" in capsys.readouterr().err
    monkeypatch.setenv("FONDATION_DATABASE", str(tmp_path / "none" / "x.sqlite3"))
    assert archive.main(["export", str(tmp_path / "b.zip")]) == ArchiveError.exit_code
