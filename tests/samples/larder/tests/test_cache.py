import pytest

from larder import BadKeyError, Cache, FirstIn, LeastFrequent, ManualClock, TooLargeError, Unused


def test_what_is_put_in_is_found() -> None:
    cache = Cache(room=2)
    cache.put("a", 1)
    assert cache.get("a") == 1
    assert "a" in cache
    assert len(cache) == 1


def test_an_unknown_key_gives_the_default() -> None:
    assert Cache(room=1).get("a", default=0) == 0


def test_a_value_takes_the_place_of_an_earlier_one() -> None:
    cache = Cache(room=10, weigh=len)
    cache.put("a", "long one")
    cache.put("a", "short")
    assert cache.taken == 5
    assert cache.keys() == ["a"]


def test_what_was_used_longest_ago_goes_first() -> None:
    cache = Cache(room=2)
    cache.put("a", 1)
    cache.put("b", 2)
    cache.get("a")
    cache.put("c", 3)
    assert cache.keys() == ["a", "c"]


def test_what_came_first_goes_first_where_that_is_wanted() -> None:
    cache = Cache(room=2, policy=FirstIn())
    cache.put("a", 1)
    cache.put("b", 2)
    cache.get("a")
    cache.put("c", 3)
    assert cache.keys() == ["b", "c"]


def test_what_is_used_seldom_goes_first_where_that_is_wanted() -> None:
    cache = Cache(room=2, policy=LeastFrequent())
    cache.put("a", 1)
    cache.put("b", 2)
    cache.get("a")
    cache.get("a")
    cache.get("b")
    cache.put("c", 3)
    assert cache.keys() == ["a", "c"]


def test_room_is_made_by_weight() -> None:
    cache = Cache(room=10, weigh=len)
    cache.put("a", "12345")
    cache.put("b", "12345")
    cache.put("c", "123456789")
    assert cache.keys() == ["c"]
    assert cache.taken == 9


def test_a_value_that_is_heavier_than_the_room_costs_no_other() -> None:
    cache = Cache(room=3, weigh=len)
    cache.put("a", "123")
    with pytest.raises(TooLargeError, match="'b' weighs 4, and the whole room is 3"):
        cache.put("b", "1234")
    assert cache.get("a") == "123"


def test_what_is_over_goes_before_what_is_good() -> None:
    clock = ManualClock()
    cache = Cache(room=2, expiry=Unused(10), clock=clock)
    cache.put("a", 1)
    clock.advance(9)
    cache.put("b", 2)
    clock.advance(1)
    cache.put("c", 3)
    assert cache.keys() == ["b", "c"]


@pytest.mark.parametrize("key", ["", None, 3])
def test_a_key_is_a_text_with_something_in_it(key: object) -> None:
    cache = Cache(room=1)
    with pytest.raises(BadKeyError):
        cache.get(key)
    assert key not in cache


def test_a_namespace_sees_its_own_keys_alone() -> None:
    cache = Cache(room=10)
    users = cache.within("users")
    users.put("7", "Ada")
    cache.put("7", "a number")
    assert users.get("7") == "Ada"
    assert users.keys() == ["7"]
    assert users.clear() == 1
    assert cache.keys() == ["7"]


def test_removing_says_whether_something_was_there() -> None:
    cache = Cache(room=1)
    cache.put("a", 1)
    assert cache.remove("a")
    assert not cache.remove("a")
    assert cache.taken == 0
