"""Teaching order: foundations before what is built on them, cycles cut where they are weakest.

Topics that depend on each other in a circle (strongly connected components) are collapsed; components come in
topological order, and inside one the greedy heuristic of Eades, Lin and Smyth (1993) keeps the lightest links backward.
"""

from collections.abc import Mapping, Sequence

Weights = Mapping[tuple[int, int], float]


def teaching_order(count: int, needs: Weights, weight: Sequence[float]) -> list[int]:
    """Order topics 0..count-1; `needs[a, b]` says how strongly `a` is built on `b`, which then comes first."""
    components = _components(count, needs)
    home = {member: number for number, component in enumerate(components) for member in component}
    before: dict[int, set[int]] = {number: set() for number in range(len(components))}
    for source, target in needs:
        if home[source] != home[target]:
            before[home[source]].add(home[target])
    order: list[int] = []
    placed: set[int] = set()
    while len(placed) < len(components):
        ready = [number for number in before if number not in placed and before[number] <= placed]
        # Among what may come next, what most of the rest waits for; then the most important.
        chosen = max(
            ready, key=lambda number: (_waiting(number, before, placed), _total(components[number], weight), -number)
        )
        order.extend(_inside(components[chosen], needs, weight))
        placed.add(chosen)
    return order


def _waiting(number: int, before: Mapping[int, set[int]], placed: set[int]) -> int:
    return sum(1 for other, needed in before.items() if other not in placed and number in needed)


def _total(members: Sequence[int], weight: Sequence[float]) -> float:
    return max(weight[member] for member in members)


def _components(count: int, needs: Weights) -> list[list[int]]:
    """Strongly connected components, by reachability: there are a dozen topics at most."""
    reach = [{number} for number in range(count)]
    changed = True
    while changed:
        changed = False
        for source, target in needs:
            if not reach[target] <= reach[source]:
                reach[source] |= reach[target]
                changed = True
    components: list[list[int]] = []
    for number in range(count):
        for component in components:
            if component[0] in reach[number] and number in reach[component[0]]:
                component.append(number)
                break
        else:
            components.append([number])
    return components


def _inside(members: Sequence[int], needs: Weights, weight: Sequence[float]) -> list[int]:
    left = list(members)
    first: list[int] = []
    while left:

        def balance(topic: int) -> tuple[float, float, int]:
            used = sum(needs.get((other, topic), 0.0) for other in left if other != topic)
            uses = sum(needs.get((topic, other), 0.0) for other in left if other != topic)
            return (used - uses, weight[topic], -topic)

        best = max(left, key=balance)
        left.remove(best)
        first.append(best)
    return first
