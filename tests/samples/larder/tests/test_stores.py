from pathlib import Path

import pytest

from larder import After, Cache, FileStore, Json, ManualClock, NotStorableError, SqliteStore, Text
from larder.entries import Entry

ENTRY = Entry(value={"a": [1, 2]}, made=1.0, used=2.0, weight=3.0)


@pytest.fixture(params=["files", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore | SqliteStore:
    return FileStore(tmp_path / "entries") if request.param == "files" else SqliteStore(tmp_path / "entries.sqlite3")


def test_an_entry_comes_back_as_it_was(store: FileStore | SqliteStore) -> None:
    store.write("a/../b", ENTRY)
    assert store.read("a/../b") == ENTRY
    assert store.keys() == ["a/../b"]
    store.remove("a/../b")
    store.remove("a/../b")
    assert store.read("a/../b") is None


def test_a_later_cache_finds_what_an_earlier_one_left(store: FileStore | SqliteStore) -> None:
    clock = ManualClock()
    Cache(room=10, store=store, clock=clock, expiry=After(60)).put("a", 1)
    assert Cache(room=10, store=store, clock=clock, expiry=After(60)).get("a") == 1
    clock.advance(60)
    assert Cache(room=10, store=store, clock=clock, expiry=After(60)).keys() == []
    assert store.keys() == []


def test_a_cache_with_less_room_lets_go_what_was_there(store: FileStore | SqliteStore) -> None:
    cache = Cache(room=3, store=store)
    for key in "abc":
        cache.put(key, key)
    assert len(Cache(room=1, store=store).keys()) == 1


def test_a_file_that_cannot_be_read_is_a_key_that_is_not_there(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    store.write("a", ENTRY)
    (file,) = tmp_path.glob("*.entry")
    file.write_bytes(b"{")
    assert store.read("a") is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", [(1, 2), {1: 2}, float("nan"), object(), {1, 2}])
def test_json_refuses_what_it_would_not_give_back(value: object) -> None:
    with pytest.raises(NotStorableError):
        Json().dump(value)


def test_texts_are_kept_as_they_are() -> None:
    assert Text().load(Text().dump("née")) == "née"
    with pytest.raises(NotStorableError, match="keeps texts, not int"):
        Text().dump(3)
