"""Cohesive groups of parts: what the chapters are about.

Agglomerative: the least important group joins the one it is linked with most, until there are as many groups as a
repository of that size deserves.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from analyzer.graph.links import LinkKind, Links
from analyzer.graph.parts import Part, locate, part_of
from analyzer.graph.rank import joint

SIZES: Final = ((120, 2), (400, 3), (1_200, 5), (3_000, 7), (6_000, 9), (15_000, 10), (60_000, 11))
GROUPS_MAX: Final = 12
STEM_CHARS: Final = 3
FRONTS: Final = frozenset({"init", "main", "version", "about"})
CLOSENESS: Final = {
    LinkKind.CALLS: 1.0,
    LinkKind.CREATES: 1.0,
    LinkKind.INHERITS: 4.0,
    LinkKind.RAISES: 0.3,
    LinkKind.TYPED: 0.7,
    LinkKind.IMPORTS: 0.3,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Parts that belong together, the most important first."""

    parts: tuple[Part, ...]

    @property
    def weight(self) -> float:
        """Importance of everything in it."""
        return joint(part.weight for part in self.parts)

    @property
    def paths(self) -> tuple[str, ...]:
        """Files, those of the most important part first, each once."""
        return tuple(dict.fromkeys(path for part in self.parts for path in part.paths))


def target_count(line_count: int) -> int:
    """How many groups a repository of so many source lines is cut into at most."""
    return next((count for limit, count in SIZES if line_count < limit), GROUPS_MAX)


def group(links: Links, parts: Sequence[Part]) -> list[Group]:
    """Merge parts until the target count is reached; groups are ordered by weight, the heaviest first."""
    affinity = _affinity(links, parts)
    clusters: dict[int, list[int]] = {number: [number] for number in range(len(parts))}
    limit = target_count(sum(part.line_count for part in parts))
    while len(clusters) > limit:
        weights = {name: joint(parts[member].weight for member in members) for name, members in clusters.items()}
        weakest = min(clusters, key=lambda name: (weights[name], name))
        others = [name for name in clusters if name != weakest]
        best = _front_home(parts, clusters, weakest, weights)
        if best is None:
            best = max(others, key=lambda name: (_pull(affinity, parts, clusters[weakest], clusters[name]), -name))
        clusters[best].extend(clusters.pop(weakest))
    groups = [
        Group(
            parts=tuple(parts[member] for member in sorted(members, key=lambda member: (-parts[member].weight, member)))
        )
        for members in clusters.values()
    ]
    return sorted(groups, key=lambda group: (-group.weight, group.paths))


def _front_home(
    parts: Sequence[Part], clusters: Mapping[int, Sequence[int]], weakest: int, weights: Mapping[int, float]
) -> int | None:
    """A package's front door (`__init__`, `__main__`, a version file) goes to the heaviest group of its folder."""
    paths = [path for member in clusters[weakest] for path in parts[member].paths]
    if not all(_stem(path) in FRONTS for path in paths):
        return None
    folder = paths[0].rpartition("/")[0]
    near = [
        name
        for name, members in clusters.items()
        if name != weakest
        and any(path.rpartition("/")[0] == folder for member in members for path in parts[member].paths)
    ]
    return max(near, key=lambda name: (weights[name], -name)) if near else None


def _affinity(links: Links, parts: Sequence[Part]) -> Mapping[tuple[int, int], float]:
    """How strongly the first part uses the second; what a package's `__init__` hands on says nothing."""
    index = part_of(parts)
    table: dict[tuple[int, int], float] = {}
    for link in links.all:
        source, target = locate(index, link.source), locate(index, link.target)
        if source is None or target is None or source == target:
            continue
        if link.kind is LinkKind.IMPORTS and link.span.path.endswith("__init__.py"):
            continue
        table[source, target] = table.get((source, target), 0.0) + CLOSENESS[link.kind]
    return table


def _pull(
    affinity: Mapping[tuple[int, int], float],
    parts: Sequence[Part],
    weak: Sequence[int],
    strong: Sequence[int],
) -> float:
    """How much a weak group belongs to a strong one: a helper belongs to its user more than a user to its helper."""
    used = sum(affinity.get((two, one), 0.0) for one in weak for two in strong)
    uses = sum(affinity.get((one, two), 0.0) for one in weak for two in strong)
    near = max(_nearness(parts[one].paths[0], parts[two].paths[0]) for one in weak for two in strong)
    size = sum(parts[two].line_count for two in strong)
    return (used + 0.5 * uses + 2 * near) / math.sqrt(1 + size / 100)


def _nearness(one: str, two: str) -> float:
    """How close two paths are in the tree: the same file, the same folder, the same top folder."""
    if one == two:
        return 4.0
    related = 1.5 if _stem(one)[:STEM_CHARS] == _stem(two)[:STEM_CHARS] else 0.0
    first, second = one.split("/")[:-1], two.split("/")[:-1]
    shared = 0
    for left, right in zip(first, second, strict=False):
        if left != right:
            break
        shared += 1
    return related + (3.0 * shared / max(len(first), len(second)) if first or second else 0.5)


def _stem(path: str) -> str:
    return path.rpartition("/")[2].partition(".")[0].strip("_").lower()
