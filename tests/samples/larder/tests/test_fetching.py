import threading

import pytest

from larder import After, BadKeyError, Cache, Flights, ManualClock, Statistics, cached
from larder.decorator import plain
from larder.events import Event, Kind


def test_one_goes_and_the_others_wait() -> None:
    cache = Cache(room=10)
    gate, calls, results = threading.Event(), [], []

    def slow() -> str:
        calls.append(1)
        gate.wait(5)
        return "value"

    threads = [threading.Thread(target=lambda: results.append(cache.fetch("a", slow))) for _ in range(5)]
    for thread in threads:
        thread.start()
    gate.set()
    for thread in threads:
        thread.join()
    assert (len(calls), results) == (1, ["value"] * 5)


def test_an_error_is_never_kept() -> None:
    cache = Cache(room=10)
    answers = iter([ValueError("not now"), "value"])

    def make() -> str:
        answer = next(answers)
        if isinstance(answer, ValueError):
            raise answer
        return answer

    with pytest.raises(ValueError, match="not now"):
        cache.fetch("a", make)
    assert cache.fetch("a", make) == "value"


def test_who_waited_long_enough_goes_itself() -> None:
    cache = Cache(room=10, flights=Flights(patience=0.01))
    gate, begun = threading.Event(), threading.Event()

    def slow() -> str:
        begun.set()
        gate.wait(5)
        return "slow"

    first = threading.Thread(target=cache.fetch, args=("a", slow))
    first.start()
    begun.wait(5)
    assert cache.fetch("a", lambda: "own") == "own"
    gate.set()
    first.join()


def test_a_value_is_made_anew_while_the_old_one_is_still_good() -> None:
    clock = ManualClock()
    cache = Cache(room=10, expiry=After(100), clock=clock)
    numbers = iter(range(10))
    assert cache.fetch("a", lambda: next(numbers), early=0.1) == 0
    clock.advance(89)
    assert cache.fetch("a", lambda: next(numbers), early=0.1) == 0
    clock.advance(1)
    assert cache.fetch("a", lambda: next(numbers), early=0.1) == 1
    clock.advance(50)
    assert cache.fetch("a", lambda: next(numbers), early=0.1) == 1


def test_a_function_is_called_once_for_arguments_that_mean_the_same() -> None:
    calls = []

    @cached(Cache(room=10))
    def add(left: int, right: int = 2) -> int:
        calls.append((left, right))
        return left + right

    assert (add(1), add(1, 2), add(right=2, left=1), add(1, 3)) == (3, 3, 3, 4)
    assert calls == [(1, 2), (1, 3)]
    assert add.forget(1)
    assert add.forget_all() == 1


def test_an_object_is_no_part_of_a_key() -> None:
    @cached(Cache(room=10))
    def load(connection: object) -> str:
        return "x"

    with pytest.raises(BadKeyError, match="object is no plain value"):
        load(object())


def test_parts_of_keys_differ_where_values_do() -> None:
    values = [1, "1", 1.5, True, None, b"1", (1,), ("1",), (1, 2), ((1, 2),), {"a": 1}]
    assert len({plain(value) for value in values}) == len(values)


def test_a_cache_tells_what_it_does() -> None:
    clock = ManualClock()
    cache = Cache(room=1, expiry=After(10), clock=clock)
    seen: list[Event] = []
    end = cache.listen(seen.append)
    cache.put("a", 1)
    cache.get("a")
    cache.put("b", 2)
    clock.advance(10)
    cache.get("b")
    end()
    cache.put("c", 3)
    assert [(event.kind, event.key) for event in seen] == [
        (Kind.PUT, "a"), (Kind.HIT, "a"), (Kind.PUT, "b"), (Kind.EVICTED, "a"), (Kind.EXPIRED, "b"), (Kind.MISS, "b"),
    ]  # fmt: skip


def test_a_listener_that_raises_disturbs_nobody() -> None:
    cache = Cache(room=1)
    statistics = Statistics()

    def broken(event: Event) -> None:
        raise RuntimeError

    cache.listen(broken)
    cache.listen(statistics)
    cache.put("a", 1)
    assert cache.get("a") == 1
    assert (statistics.hits, statistics.misses, statistics.hit_rate) == (1, 0, 1.0)
