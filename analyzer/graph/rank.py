"""How much each definition matters: PageRank over the links, pulled towards what users and entry points touch.

Page and Brin's ranking with a personalised restart vector (Haveliwala, "Topic-sensitive PageRank", 2002), in plain
Python: a repository has thousands of definitions, not millions.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Final

from analyzer.code.model import Kind, Role, Symbol
from analyzer.graph.links import LinkKind, Links

DAMPING: Final = 0.85
ROUNDS: Final = 30
KIND_WEIGHT: Final = {
    LinkKind.CALLS: 1.0,
    LinkKind.CREATES: 1.0,
    LinkKind.INHERITS: 1.5,
    LinkKind.RAISES: 0.3,
    LinkKind.TYPED: 0.25,
    LinkKind.IMPORTS: 0.5,
}
EVIDENCE: Final = (Role.TEST, Role.EXAMPLE, Role.DOC)
_WORD: Final = re.compile(r"[A-Za-z_]\w{2,}")


def importance(links: Links, prose: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """Score every subject definition by key; `prose` is the lines of the README and its like, by path.

    A method's links count for its class too, so that a class is as important as what is done with it.
    """
    subjects = {
        symbol.key: symbol
        for module in links.repository.subjects
        for symbol in module.symbols
        if module.language == "python" or symbol.kind is not Kind.CONSTANT
    }
    public = exported_keys(links)
    mentioned = _mentioned(prose)
    tested = _evidence_counts(links, subjects)
    restart = {key: _restart(symbol, key in public, mentioned, tested.get(key, 0)) for key, symbol in subjects.items()}
    edges = _edges(links, subjects)
    ranked = pagerank(edges, restart)
    top = max(ranked.values(), default=1.0) or 1.0
    return {
        key: round(
            math.sqrt(ranked[key] / top) * 3
            + restart[key]
            + math.log10(1 + symbol.line_count)
            + (0.5 if symbol.kind is Kind.CLASS else 0),
            6,
        )
        for key, symbol in subjects.items()
    }


def pagerank(edges: Mapping[str, Mapping[str, float]], restart: Mapping[str, float]) -> dict[str, float]:
    """Rank the nodes of `restart`; iteration follows its order, so equal inputs give equal floats."""
    total = sum(restart.values())
    if not restart or total <= 0:
        return dict.fromkeys(restart, 0.0)
    base = {node: weight / total for node, weight in restart.items()}
    out = {node: sum(targets.values()) for node, targets in edges.items()}
    rank = dict(base)
    for _ in range(ROUNDS):
        lost = sum(rank[node] for node in rank if not out.get(node))
        fresh = {node: (1 - DAMPING + DAMPING * lost) * base[node] for node in rank}
        for node, targets in edges.items():
            share = DAMPING * rank[node] / out[node] if out[node] else 0.0
            for target, weight in targets.items():
                fresh[target] += share * weight
        rank = fresh
    return rank


def exported_keys(links: Links) -> set[str]:
    """Keys of what the packages hand to their users: `__all__`, and what a package's `__init__` imports by name."""
    keys: set[str] = set()
    for module in links.repository.subjects:
        if module.language != "python":
            keys.update(symbol.key for symbol in module.symbols if symbol.signature.startswith(("export ", "pub ")))
            continue
        names = list(module.exports or ())
        if module.path.endswith("__init__.py"):
            names += [item.alias or item.name for item in module.imports if item.name and item.name != "*"]
        for name in names:
            target = links.names.top(module, name)
            if isinstance(target, Symbol) and not name.startswith("_"):
                keys.add(target.key)
    return keys


def _mentioned(prose: Mapping[str, Sequence[str]]) -> set[str]:
    return {word for lines in prose.values() for line in lines for word in _WORD.findall(line)}


def _evidence_counts(links: Links, subjects: Mapping[str, Symbol]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for link in links.all:
        if link.target in subjects and links.modules[link.span.path].role in EVIDENCE:
            counts[link.target] = counts.get(link.target, 0) + 1
    return counts


def _restart(symbol: Symbol, exported: bool, mentioned: set[str], tests: int) -> float:  # noqa: FBT001
    weight = 0.3 if symbol.is_public else 0.05
    weight += 2.0 if exported else 0.0
    weight += 0.6 if symbol.is_public and not symbol.parent and symbol.name in mentioned and len(symbol.name) > 3 else 0  # noqa: PLR2004
    weight += 0.5 if symbol.name == "main" else 0.0
    weight += 0.4 * math.log10(1 + tests)
    weight += 0.2 if symbol.doc else 0.0
    return weight * (0.4 if symbol.parent or symbol.kind is Kind.CONSTANT else 1.0)


def _edges(links: Links, subjects: Mapping[str, Symbol]) -> dict[str, dict[str, float]]:
    edges: dict[str, dict[str, float]] = {}

    def add(source: str, target: str, weight: float) -> None:
        if source != target:
            targets = edges.setdefault(source, {})
            targets[target] = targets.get(target, 0.0) + weight

    for link in links.all:
        if link.source in subjects and link.target in subjects:
            weight = KIND_WEIGHT[link.kind]
            add(link.source, link.target, weight)
            source, target = _owner(subjects, link.source), _owner(subjects, link.target)
            if (source, target) != (link.source, link.target):
                add(source, target, weight * 0.5)
    for key, symbol in subjects.items():
        if symbol.parent and (owner := _owner(subjects, key)) != key:
            add(key, owner, 0.5)
    return edges


def _owner(subjects: Mapping[str, Symbol], key: str) -> str:
    path, separator, qualname = key.partition("::")
    top = path + separator + qualname.partition(".")[0]
    return top if top in subjects else key
