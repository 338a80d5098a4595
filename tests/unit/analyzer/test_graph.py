"""Ranking, grouping, naming and ordering."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.code.model import Symbol
from analyzer.graph.groups import target_count
from analyzer.graph.naming import words
from analyzer.graph.order import teaching_order
from analyzer.graph.rank import pagerank
from analyzer.static.main_definitions import main_definitions
from analyzer.static.repository_map import RepositoryMap
from course.layout import slugify
from tests.unit.analyzer.repositories import SHOP, Files


def test_rank_flows_to_what_is_used() -> None:
    ranked = pagerank({"a": {"c": 1.0}, "b": {"c": 1.0}}, {"a": 1.0, "b": 1.0, "c": 1.0})
    assert ranked["c"] > ranked["a"] == ranked["b"]
    assert abs(sum(ranked.values()) - 1) < 1e-9
    assert pagerank({}, {}) == {}


@given(
    st.integers(1, 8).flatmap(
        lambda n: st.tuples(st.just(n), st.sets(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1))))
    )
)
def test_an_order_is_complete_and_respects_dependencies_outside_circles(
    given_: tuple[int, set[tuple[int, int]]],
) -> None:
    count, pairs = given_
    needs = {pair: 1.0 for pair in sorted(pairs) if pair[0] != pair[1]}
    order = teaching_order(count, needs, [1.0] * count)
    assert sorted(order) == list(range(count))
    reach = {number: {number} for number in range(count)}
    for _ in range(count):
        for source, target in needs:
            reach[source] |= reach[target]
    for source, target in needs:
        if source not in reach[target]:
            assert order.index(target) < order.index(source)


def test_foundations_come_first_in_a_real_course(map_of: Callable[[Files], RepositoryMap]) -> None:
    repo_map = map_of(SHOP)
    assert {topic.name for topic in repo_map.topics} == {"Basket", "Prices"}


def test_names_stay_distinct_as_file_names(map_of: Callable[[Files], RepositoryMap]) -> None:
    body = "".join(f"def work_{n}(x):\n    return x\n\n\n" for n in range(60))
    repo_map = map_of({f"{folder}/{stem}.py": body for folder in ("a", "b", "c") for stem in ("x-y", "x_y", "models")})
    slugs = [slugify(topic.name).strip("_-") for topic in repo_map.topics]
    assert len(set(slugs)) == len(slugs)
    assert all(slugs)


def test_words_for_people() -> None:
    assert words("_url_parsing") == "URL Parsing"
    assert words("wheel_house") == "Wheel House"
    assert words("HTTPTransport") == "HTTP Transport"


def test_a_repository_gets_as_many_chapters_as_it_deserves() -> None:
    assert [target_count(lines) for lines in (50, 1_000, 8_800, 1_000_000)] == [2, 5, 10, 12]


def test_exceptions_come_last_among_ideas_and_no_definition_is_compared_with_all_others(
    map_of: Callable[[Files], RepositoryMap], monkeypatch: pytest.MonkeyPatch
) -> None:
    functions = "".join(f"\n\ndef step_{number}():\n    a = 1\n    b = 2\n    return a + b\n" for number in range(2))
    repo_map = map_of({"app.py": f'class WrongError(Exception):\n    """No."""\n\n    a = 1\n    b = 2\n{functions}'})
    (topic,) = repo_map.topics

    def compare(left: Symbol, right: object) -> bool:
        raise AssertionError(f"{left.qualname} was compared with {right}: the time grows with the square")

    monkeypatch.setattr(Symbol, "__eq__", compare)
    assert [symbol.name for symbol in main_definitions(repo_map, topic)][-1] == "WrongError"
