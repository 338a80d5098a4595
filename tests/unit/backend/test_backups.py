"""Backups on a schedule: whole or not at all, the newest few, and what is in them comes back."""

import asyncio
import json
import os
import zipfile
from pathlib import Path

import pytest

from backend import archive, backups
from backend.backups import Schedule, back_up, backups_in, folder_of, keep_backing_up, newest_s
from tests.unit.backend.conftest import Deployment

NOW_S = 1_800_000_000.0
DAY_S = 86_400.0


@pytest.fixture
def database(tmp_path: Path) -> str:
    file = str(tmp_path / "backend.sqlite3")
    deployment = Deployment(file)
    deployment.claimed()
    deployment.database.close()
    return file


def made(database: str, *, now_s: float = NOW_S, kept: int = 3) -> Path:
    return asyncio.run(back_up(database, kept=kept, now_s=now_s))


def test_a_backup_is_an_archive_that_only_its_owner_reads_and_that_comes_back(database: str, tmp_path: Path) -> None:
    found = made(database)
    assert found == folder_of(database) / "2027-01-15T08-00-00Z.zip"
    assert (found.stat().st_mode & 0o777, found.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert b"team/alpha" in zipfile.ZipFile(found).read("repositories/documents.jsonl")
    other = str(tmp_path / "other.sqlite3")
    assert archive.import_archive(found, other, replace=False, now=NOW_S * 1000)["jobs"] == 1
    assert newest_s(folder_of(database)) > 0


def test_the_newest_stay_and_what_a_killed_one_left_goes(database: str) -> None:
    (folder_of(database)).mkdir()
    (folder_of(database) / "2027-01-01T00-00-00Z.part").write_bytes(b"half")
    names = [made(database, now_s=NOW_S + day * DAY_S, kept=2).name for day in range(4)]
    assert [path.name for path in backups_in(folder_of(database))] == names[:1:-1]
    assert len(list(folder_of(database).iterdir())) == 2


def test_a_backup_that_cannot_be_made_says_why_and_leaves_the_others(database: str) -> None:
    first = made(database)
    Path(database).unlink()
    with pytest.raises(OSError, match="cannot be read"):
        made(database, now_s=NOW_S + DAY_S, kept=1)
    assert list(folder_of(database).iterdir()) == [first]


def test_one_is_made_when_the_newest_is_older_than_the_schedule_says(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "LOOK_S", 0.01)
    clock, folder = [NOW_S], folder_of(database)

    async def until_there_are(count: int) -> None:
        for _ in range(3_000):
            if len(backups_in(folder)) >= count:
                return
            await asyncio.sleep(0.01)
        raise TimeoutError

    async def scenario() -> None:
        schedule = Schedule(every_s=DAY_S, kept=5)
        keeping = asyncio.create_task(keep_backing_up(database, schedule, now_s=lambda: clock[0]))
        await until_there_are(1)
        os.utime(backups_in(folder)[0], (NOW_S, NOW_S))
        clock[0] = NOW_S + DAY_S / 2
        await asyncio.sleep(0.5)
        assert len(list(folder.iterdir())) == 1
        clock[0] = NOW_S + DAY_S
        await until_there_are(2)
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)

    asyncio.run(scenario())


def test_a_folder_that_cannot_be_read_ends_no_schedule(
    database: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[Path] = []

    def unreadable(folder: Path) -> float:
        asked.append(folder)
        raise PermissionError("not yours")

    monkeypatch.setattr(backups, "newest_s", unreadable)
    monkeypatch.setattr(backups, "RETRY_S", 0.01)

    async def scenario() -> None:
        keeping = asyncio.create_task(keep_backing_up(database, Schedule(every_s=DAY_S, kept=5), now_s=lambda: NOW_S))
        for _ in range(3_000):
            if len(asked) > 1:
                break
            await asyncio.sleep(0.01)
        assert not keeping.done()
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)

    asyncio.run(scenario())
    assert len(asked) > 1
    assert "no backup could be made, the next try is in an hour: not yours" in caplog.text


def test_they_are_listed_with_their_sizes(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [made(database, now_s=NOW_S + day * DAY_S).name for day in range(2)]
    monkeypatch.setenv("FONDATION_DATABASE", database)
    assert backups.main() == 0
    listed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["name"] for line in listed] == names[::-1]
    assert all(line["bytes"] > 100 for line in listed)
