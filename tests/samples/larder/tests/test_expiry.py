import pytest

from larder import After, Cache, Either, ManualClock, Spread, Unused
from larder.entries import Entry
from larder.expiry import NEVER_ENDS, Never, part_left, place_of

ENTRY = Entry(value=1, made=100.0, used=150.0)


def test_the_moment_at_which_an_entry_ends_is_too_late() -> None:
    clock = ManualClock()
    cache = Cache(room=1, expiry=After(30), clock=clock)
    cache.put("a", 1)
    clock.advance(29.9)
    assert cache.get("a") == 1
    clock.advance(0.1)
    assert cache.get("a") is None


def test_each_use_begins_the_time_anew() -> None:
    clock = ManualClock()
    cache = Cache(room=1, expiry=Unused(30), clock=clock)
    cache.put("a", 1)
    for _ in range(5):
        clock.advance(20)
        assert cache.get("a") == 1
    clock.advance(30)
    assert cache.get("a") is None


def test_looking_whether_a_key_is_there_is_no_use() -> None:
    clock = ManualClock()
    cache = Cache(room=1, expiry=Unused(30), clock=clock)
    cache.put("a", 1)
    clock.advance(20)
    assert "a" in cache
    clock.advance(10)
    assert "a" not in cache


def test_the_earlier_end_counts() -> None:
    assert Either(After(100), Unused(20)).ends("a", ENTRY) == 170.0
    assert Either(After(60), Unused(20)).ends("a", ENTRY) == 160.0
    with pytest.raises(ValueError, match="at least one expiry"):
        Either()


def test_spread_entries_never_live_longer_and_each_key_always_as_long() -> None:
    spread = Spread(After(100), share=0.5)
    ends = {key: spread.ends(key, ENTRY) for key in map(str, range(200))}
    assert all(150.0 < end <= 200.0 for end in ends.values())
    assert len(set(ends.values())) > 190
    assert ends == {key: spread.ends(key, ENTRY) for key in ends}
    assert Spread(Never()).ends("a", ENTRY) == NEVER_ENDS


def test_places_are_evenly_spread() -> None:
    places = [place_of(f"key {number}") for number in range(1000)]
    assert 0.45 < sum(places) / len(places) < 0.55
    assert all(0 <= place < 1 for place in places)


def test_the_part_of_a_life_that_is_left() -> None:
    assert part_left(After(100), "a", ENTRY, 100.0) == 1.0
    assert part_left(After(100), "a", ENTRY, 175.0) == 0.25
    assert part_left(After(100), "a", ENTRY, 500.0) == 0.0
    assert part_left(Never(), "a", ENTRY, 500.0) == 1.0


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_an_entry_is_good_for_some_time(seconds: float) -> None:
    with pytest.raises(ValueError, match="more than no time"):
        After(seconds)


def test_time_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="time does not go back"):
        ManualClock().advance(-1)
