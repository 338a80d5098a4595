"""The smallest things that a chapter may be made of: a file, or a family of classes in a large file."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from analyzer.code.model import Kind, Module, Symbol
from analyzer.graph.links import LinkKind, Links, path_of
from analyzer.graph.rank import joint, module_score

LARGE_FILE_LINES: Final = 600
FAMILY_MIN_LINES: Final = 60
FAMILIES_MAX: Final = 6
PARTS_MAX: Final = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Files, and of a large file only the top-level definitions named in `tops` (empty: the whole of each file)."""

    paths: tuple[str, ...]
    tops: tuple[str, ...] = ()
    weight: float
    line_count: int


def parts(links: Links, scores: Mapping[str, float]) -> list[Part]:
    """Cut the subject into parts, in path order; folders stand for their files when there are very many."""
    subjects = links.repository.subjects
    if len(subjects) > PARTS_MAX:
        return _folder_parts(subjects, scores)
    found: list[Part] = []
    for module in subjects:
        families = _families(links, module) if module.line_count > LARGE_FILE_LINES else []
        if len(families) < 2:  # noqa: PLR2004 - one family is the whole file
            found.append(_whole([module], scores))
            continue
        for family in families:
            line_count = sum(symbol.line_count for symbol in family)
            found.append(
                Part(
                    paths=(module.path,),
                    tops=tuple(symbol.key for symbol in family),
                    weight=joint(scores.get(symbol.key, 0.0) for symbol in family) + 2 * math.log10(1 + line_count),
                    line_count=line_count,
                )
            )
    return found


def _whole(modules: Sequence[Module], scores: Mapping[str, float]) -> Part:
    ranked = sorted(modules, key=lambda module: (-module_score(module, scores), module.path))
    return Part(
        paths=tuple(module.path for module in ranked),
        weight=joint(module_score(module, scores) for module in modules),
        line_count=sum(module.line_count for module in modules),
    )


def _folder_parts(subjects: Sequence[Module], scores: Mapping[str, float]) -> list[Part]:
    """Group files by folder, folders shortened until there are few enough."""
    depth = max(module.path.count("/") for module in subjects)
    groups: dict[str, list[Module]] = {}
    while depth >= 0:
        groups = {}
        for module in subjects:
            groups.setdefault("/".join(module.path.split("/")[:-1][:depth]), []).append(module)
        if len(groups) <= PARTS_MAX:
            break
        depth -= 1
    return [_whole(modules, scores) for _, modules in sorted(groups.items())]


def _families(links: Links, module: Module) -> list[list[Symbol]]:
    """Classes of one file joined along inheritance; the other definitions join the family they are linked with most."""
    tops = [symbol for symbol in module.symbols if not symbol.parent]
    classes = [symbol for symbol in tops if symbol.kind is Kind.CLASS]
    leader = {symbol.key: symbol.key for symbol in classes}

    def find(key: str) -> str:
        while leader[key] != key:
            key = leader[key]
        return key

    for symbol in classes:
        for link in links.outgoing.get(symbol.key, ()):
            if link.kind is LinkKind.INHERITS and link.target in leader:
                leader[find(symbol.key)] = find(link.target)
    families: dict[str, list[Symbol]] = {}
    for symbol in classes:
        families.setdefault(find(symbol.key), []).append(symbol)
    large = sorted(
        (family for family in families.values() if sum(member.line_count for member in family) >= FAMILY_MIN_LINES),
        key=lambda family: (-sum(member.line_count for member in family), family[0].span.start),
    )[:FAMILIES_MAX]
    if len(large) < 2:  # noqa: PLR2004
        return []
    large.sort(key=lambda family: family[0].span.start)
    taken = {member.key: number for number, family in enumerate(large) for member in family}
    for symbol in tops:
        if symbol.key not in taken:
            large[_home(links, symbol, taken, large)].append(symbol)
    return [sorted(family, key=lambda member: member.span.start) for family in large]


def _home(links: Links, symbol: Symbol, taken: Mapping[str, int], families: Sequence[Sequence[Symbol]]) -> int:
    votes = dict.fromkeys(range(len(families)), 0)
    related = [link.target for link in links.outgoing.get(symbol.key, ())]
    related += [link.source for link in links.incoming.get(symbol.key, ())]
    for key in related:
        path, separator, qualname = key.partition("::")
        top = path + separator + qualname.partition(".")[0]
        if top in taken:
            votes[taken[top]] += 1
    best = max(votes.values())
    if best:
        return min(number for number, count in votes.items() if count == best)
    following = [number for number, family in enumerate(families) if family[0].span.start > symbol.span.start]
    return following[0] if following else len(families) - 1


def part_of(parts: Sequence[Part]) -> Mapping[str, int]:
    """Index of the part by top-level key (for families) and by path (for whole files)."""
    index: dict[str, int] = {}
    for number, part in enumerate(parts):
        for key in part.tops or part.paths:
            index[key] = number
        for path in part.paths:
            index.setdefault(path, number)
    return index


def locate(index: Mapping[str, int], key: str) -> int | None:
    """The part that a symbol key or path belongs to."""
    path, separator, qualname = key.partition("::")
    top = path + separator + qualname.partition(".")[0].partition(" ")[0]
    found = index.get(top)
    return found if found is not None else index.get(path_of(key))
