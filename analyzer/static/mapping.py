"""How a repository's map comes to be: parsed, linked, ranked; then what there is to teach is found and owned."""

from collections.abc import Callable
from dataclasses import replace

from analyzer.code.model import Kind
from analyzer.code.repository import parse_repository
from analyzer.concepts.evidence import Evidence
from analyzer.concepts.kind import ProjectKind, kind_of
from analyzer.concepts.model import Concept
from analyzer.concepts.selection import find_concepts
from analyzer.graph.entries import entries_of
from analyzer.graph.links import link
from analyzer.graph.rank import importance
from analyzer.graph.tables import tables_of
from analyzer.project import project_name
from analyzer.source.snapshot import Snapshot
from analyzer.static.catalogue import Words
from analyzer.static.documented import with_comments
from analyzer.static.repository_map import RepositoryMap


def with_concepts(
    repo_map: RepositoryMap, concepts: tuple[Concept, ...], further: tuple[Concept, ...]
) -> RepositoryMap:
    """The same repository with other concepts, which own its definitions anew."""
    other = replace(repo_map, concepts=concepts, further=further, owner={})
    _own(other)
    return other


def map_repository(
    snapshot: Snapshot,
    words: Words,
    *,
    processes: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> RepositoryMap:
    """Parse, link and rank; then find what there is to teach."""
    parsed = parse_repository(snapshot, processes=processes, progress=progress)
    links = link(parsed)
    scores = importance(links, {path: lines for path, lines in snapshot.files.items() if is_readme(path)})
    evidence = Evidence.of(links)
    project = project_name(snapshot.files, parsed)
    entries = entries_of(links, snapshot.files)
    kind = kind_of(evidence, snapshot.files, entries)
    if kind is ProjectKind.APPLICATION:
        evidence = Evidence.of(links, is_application=True)
    concepts, further = find_concepts(
        evidence,
        scores,
        project,
        is_application=kind is ProjectKind.APPLICATION,
        first_steps=words("first-steps"),
        ways_in=words("ways-in"),
        entries=entries,
    )
    repo_map = RepositoryMap(
        snapshot=snapshot,
        links=links,
        scores=scores,
        evidence=evidence,
        project=project,
        kind=kind,
        entries=entries if kind is ProjectKind.APPLICATION else (),
        tables=tables_of(snapshot.files) if kind is ProjectKind.APPLICATION else (),
        concepts=concepts,
        further=further,
    )
    _own(repo_map)
    repo_map.concepts = tuple(with_comments(repo_map, concept) for concept in concepts)
    return repo_map


def _own(repo_map: RepositoryMap) -> None:
    """Give each definition to one concept: the one it is about, else the one that names it most prominently."""
    owner = repo_map.owner
    numbered = list(enumerate(repo_map.concepts))
    for number, concept in numbered:
        for symbol in repo_map.symbols_of(concept):
            if concept.term and repo_map.evidence.subject(symbol) == concept.term:
                owner.setdefault(symbol.key, number)
    ranked = sorted(
        (concept.is_start, rank, number, key)
        for number, concept in numbered
        for rank, key in enumerate(concept.symbols)
    )
    for _, _, number, key in ranked:  # the first chapter only gets what is left
        owner.setdefault(key, number)
    for key, number in list(owner.items()):
        symbol_ = repo_map.symbol(key)
        members = repo_map.members(symbol_) if symbol_ is not None and symbol_.kind is Kind.CLASS else ()
        for member in members:
            owner.setdefault(member.key, number)


def is_readme(path: str) -> bool:
    """Whether the file is the repository's README."""
    return "/" not in path and path.lower().startswith("readme")
