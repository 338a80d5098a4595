"""Ranking."""

from analyzer.graph.rank import pagerank


def test_rank_flows_to_what_is_used() -> None:
    ranked = pagerank({"a": {"c": 1.0}, "b": {"c": 1.0}}, {"a": 1.0, "b": 1.0, "c": 1.0})
    assert ranked["c"] > ranked["a"] == ranked["b"]
    assert abs(sum(ranked.values()) - 1) < 1e-9
    assert pagerank({}, {}) == {}
