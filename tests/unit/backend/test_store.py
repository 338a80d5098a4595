"""Transactions from the event loop: order, group commit, isolation, full disk."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import SystemRandom
from typing import TypeVar
from uuid import uuid4

import pytest

from backend.database import open_database
from backend.errors import Code, FunctionError, StorageError
from backend.store import Store
from backend.tags import TagClock
from backend.transaction import Snapshot, Transaction

Commits = list[tuple[int, frozenset[str]]]
T = TypeVar("T")
CLOCK_MS = 1_800_000_000_000.0


def add_user(name: str) -> Callable[[Transaction], str]:
    return lambda db: db.insert("users", {"githubId": name, "username": name, "createdAt": db.now})


def count_users(snapshot: Snapshot, _ts: int) -> int:
    return int(snapshot.scalars("SELECT count(*) FROM users", (), tag="users#state")[0][0])


def with_store(file: str, scenario: Callable[[Store, Commits], Awaitable[T]]) -> T:
    async def main() -> T:
        commits: Commits = []
        store = Store(open_database(file, now=0), clock=lambda: CLOCK_MS, random=SystemRandom())
        store.start(lambda ts, tags: commits.append((ts, tags)))
        try:
            return await scenario(store, commits)
        finally:
            await store.stop()

    return asyncio.run(main())


@pytest.fixture(params=["file", "memory"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "backend.sqlite3") if request.param == "file" else ":memory:"


def test_a_read_sees_every_acknowledged_write_at_its_timestamp(file: str) -> None:
    async def scenario(store: Store, commits: Commits) -> None:
        for number in range(20):
            written = await store.write(add_user(str(number)))
            read = await store.read(count_users)
            assert (read.value, read.ts) == (number + 1, written.ts)
        assert [ts for ts, _ in commits] == sorted({ts for ts, _ in commits})

    with_store(file, scenario)


def test_many_writers_share_commits_and_keep_their_order(file: str) -> None:
    async def scenario(store: Store, commits: Commits) -> None:
        outcomes = await asyncio.gather(*(store.write(add_user(str(number))) for number in range(300)))
        assert len(commits) < 300
        names = await store.read(
            lambda db, _: [row["username"] for row in db.select("users", "ORDER BY rowid", (), tag="")]
        )
        assert names.value == [str(number) for number in range(300)]
        assert [one.ts for one in outcomes] == sorted(one.ts for one in outcomes)

    with_store(file, scenario)


def test_a_refused_call_leaves_nothing_and_harms_no_other(file: str) -> None:
    def refuse(db: Transaction) -> str:
        add_user("bad")(db)
        raise FunctionError(Code.INVALID, "no")

    def fail(db: Transaction) -> str:
        add_user("worse")(db)
        raise AttributeError("a bug")

    async def scenario(store: Store, _commits: Commits) -> None:
        calls = [add_user("a"), refuse, add_user("a"), fail, add_user("b")]
        results = await asyncio.gather(*(store.write(call) for call in calls), return_exceptions=True)
        codes = [getattr(result, "code", None) for result in results]
        assert codes == [None, Code.INVALID, Code.INTERNAL, Code.INTERNAL, None]
        assert (await store.read(count_users)).value == 2

    with_store(file, scenario)


def test_a_write_that_changes_nothing_commits_nothing(file: str) -> None:
    async def scenario(store: Store, commits: Commits) -> None:
        first = await store.write(add_user("a"))
        second = await store.write(lambda db: db.find("users", "githubId", "a")[0]["username"])
        assert (second.value, second.ts, len(commits)) == ("a", first.ts, 1)

    with_store(file, scenario)


def test_timestamps_never_go_back_across_restarts(tmp_path: Path) -> None:
    file = str(tmp_path / "backend.sqlite3")

    async def scenario(store: Store, _commits: Commits) -> int:
        return (await store.write(add_user(uuid4().hex))).ts

    assert with_store(file, scenario) < with_store(file, scenario)


def test_a_full_disk_refuses_clearly_and_loses_nothing(tmp_path: Path) -> None:
    file = str(tmp_path / "backend.sqlite3")

    def add_large(number: int | str) -> Callable[[Transaction], str]:
        return lambda db: db.insert("users", {"githubId": str(number), "username": "x" * 50_000, "createdAt": db.now})

    async def fill(store: Store, _commits: Commits) -> int:
        writer = store._database.writer
        writer.execute(f"PRAGMA max_page_count = {writer.execute('PRAGMA page_count').fetchone()[0] + 50}")
        kept = 0

        async def write_many() -> None:
            nonlocal kept
            for number in range(100):
                await store.write(add_large(number))
                kept += 1

        with pytest.raises(StorageError, match=r"full.*free space") as caught:
            await write_many()
        assert caught.value.data["code"] == "unavailable"
        assert (await store.read(count_users)).value == kept > 0
        writer.execute("PRAGMA max_page_count = 1000000")
        await store.write(add_large("after"))
        return kept + 1

    async def count(store: Store, _commits: Commits) -> int:
        return (await store.read(count_users)).value

    kept = with_store(file, fill)
    assert with_store(file, count) == kept


def test_after_stopping_a_call_is_refused(tmp_path: Path) -> None:
    async def scenario() -> None:
        store = Store(open_database(str(tmp_path / "x"), now=0), clock=lambda: CLOCK_MS, random=SystemRandom())
        store.start(lambda _ts, _tags: None)
        await store.stop()
        with pytest.raises(StorageError, match="stopping"):
            await store.write(add_user("a"))

    asyncio.run(scenario())


def test_forgotten_tags_count_as_touched() -> None:
    tags = TagClock(max_tags=10)
    for number in range(30):
        tags.touch([f"t{number}"], number + 1)
    assert tags.newest(["t29"]) == 30
    assert tags.newest(["t0"]) >= 1
    assert tags.newest(["never"]) >= 1
    assert tags.newest([]) == 0
