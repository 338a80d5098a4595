"""Relations between concepts: what one's code calls of another, what one's pages and examples name of another."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from analyzer.code.model import Role, Span, Symbol
from analyzer.concepts.evidence import identifiers_in
from analyzer.graph.links import LinkKind, path_of
from analyzer.static.repository_map import RepositoryMap

PER_CONCEPT_MAX: Final = 3
STRENGTH: Final = {
    LinkKind.INHERITS: 3.0,
    LinkKind.CREATES: 1.0,
    LinkKind.CALLS: 1.0,
    LinkKind.RAISES: 0.3,
    LinkKind.TYPED: 0.4,
}
VERBS: Final = {LinkKind.INHERITS: "extends", LinkKind.CREATES: "creates", LinkKind.CALLS: "calls"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """One concept's use of another. `verb` is a phrase's key; `target_symbol` what is used; `span` the line."""

    source: int
    target: int
    verb: str
    target_symbol: Symbol
    span: Span
    strength: float


def relations(repo_map: RepositoryMap) -> list[Relation]:
    """The strongest uses of each concept, in order of source."""
    best: dict[tuple[int, int], Relation] = {}
    totals: dict[tuple[int, int], float] = {}
    for relation in (*_by_code(repo_map), *_by_words(repo_map)):
        pair = (relation.source, relation.target)
        totals[pair] = totals.get(pair, 0.0) + relation.strength
        if pair not in best or relation.strength > best[pair].strength:
            best[pair] = relation
    found: list[Relation] = []
    for source in range(len(repo_map.concepts)):
        mine = [relation for (one, _), relation in best.items() if one == source]
        mine.sort(key=lambda relation: (-totals[relation.source, relation.target], relation.target))
        found.extend(mine[:PER_CONCEPT_MAX])
    return found


def _by_code(repo_map: RepositoryMap) -> Iterator[Relation]:
    for link in repo_map.links.all:
        source, target = repo_map.owner.get(link.source), repo_map.owner.get(link.target)
        symbol = repo_map.symbol(link.target)
        if source is None or target is None or source == target or symbol is None or link.kind not in STRENGTH:
            continue
        if repo_map.links.modules[path_of(link.source)].role in {Role.TEST, Role.EXAMPLE}:
            continue
        yield Relation(
            source=source,
            target=target,
            verb=VERBS.get(link.kind, "mentions"),
            target_symbol=symbol,
            span=link.span,
            strength=STRENGTH[link.kind],
        )


def _by_words(repo_map: RepositoryMap) -> Iterator[Relation]:
    for source, concept in enumerate(repo_map.concepts):
        for section in concept.sections:
            for block in section.blocks:
                for name in dict.fromkeys(identifiers_in(block)):
                    symbol = next(iter(repo_map.evidence.by_name.get(name, ())), None)
                    target = repo_map.owner.get(symbol.key) if symbol is not None else None
                    if symbol is not None and target is not None and target != source:
                        span = section.span(block)
                        yield Relation(
                            source=source, target=target, verb="mentions", target_symbol=symbol, span=span, strength=0.8
                        )
