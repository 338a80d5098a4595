"""The map that all chapters are written from: the repository's text, its pages, its links, its concepts."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from analyzer.code.model import Kind, Module, Span, Symbol
from analyzer.code.repository import Repository, parse_repository
from analyzer.concepts.evidence import Evidence
from analyzer.concepts.kind import ProjectKind, kind_of
from analyzer.concepts.model import Concept
from analyzer.concepts.selection import find_concepts
from analyzer.graph.links import LinkKind, Links, link
from analyzer.graph.rank import importance
from analyzer.project import project_name
from analyzer.source.snapshot import Snapshot
from analyzer.static.catalogue import Words

BASES_DEEP = 4
_WORD: Final = re.compile(r"\w+")


@dataclass(slots=True, kw_only=True)
class RepositoryMap:
    """Read-only after construction. `concepts` are in teaching order; `owner` maps a definition to its concept.

    What is looked up later is put in place whole: several threads may look.
    `further` are concepts that got no chapter.
    """

    snapshot: Snapshot
    links: Links
    scores: Mapping[str, float]
    evidence: Evidence
    project: str
    kind: ProjectKind
    concepts: tuple[Concept, ...]
    further: tuple[Concept, ...] = ()
    owner: dict[str, int] = field(default_factory=dict)
    _members: dict[str, list[Symbol]] = field(default_factory=dict)
    _methods: dict[str, list[Symbol]] = field(default_factory=dict)
    _words: set[str] = field(default_factory=set)
    _own_names: frozenset[str] = frozenset()

    @property
    def repository(self) -> Repository:
        """All parsed modules and pages."""
        return self.links.repository

    def symbol(self, key: str) -> Symbol | None:
        """The definition of that key."""
        return self.links.symbols.get(key)

    def own_symbols(self, concept: Concept) -> list[Symbol]:
        """The definitions that belong to this concept before any other; those that it uses where it has none."""
        number = self.concepts.index(concept) if concept in self.concepts else -1
        symbols = self.symbols_of(concept)
        own = [symbol for symbol in symbols if self.owner.get(symbol.key) == number]
        return symbols if concept.is_start or not own else own

    def symbols_of(self, concept: Concept) -> list[Symbol]:
        """The concept's definitions, the most used first."""
        return [self.links.symbols[key] for key in concept.symbols if key in self.links.symbols]

    def lines(self, span: Span) -> Sequence[str]:
        """The source lines of a span."""
        return self.snapshot.files[span.path][span.start - 1 : span.end]

    def line(self, path: str, number: int) -> str:
        """One source line, stripped."""
        return self.snapshot.files[path][number - 1].strip()

    def has_word(self, word: str) -> bool:
        """Whether a word (letters, digits and `_`) stands anywhere in the repository's text."""
        if not self._words:
            texts = self.snapshot.files.values()
            self._words = {found for lines in texts for line in lines for found in _WORD.findall(line)}
        return word in self._words

    @property
    def own_names(self) -> frozenset[str]:
        """What programs that use the project call it, in lower case: its own name, its packages."""
        if not self._own_names:
            packages = {module.name.partition(".")[0] for module in self.repository.subjects if module.name}
            self._own_names = frozenset(name.lower() for name in (re.split(r"[/.]", self.project)[-1], *packages))
        return self._own_names

    def module(self, symbol: Symbol) -> Module:
        """The module that holds a definition."""
        return self.links.modules[symbol.span.path]

    def only_method(self, name: str) -> Symbol | None:
        """The public method of a public type that alone has this name."""
        if not self._methods:
            methods: dict[str, list[Symbol]] = {}
            for owner in self.evidence.public.values():
                for member in self.members(owner) if owner.kind is Kind.CLASS else ():
                    if member.is_public:
                        methods.setdefault(member.name, []).append(member)
            self._methods = methods
        found = {method.key: method for method in self._methods.get(name, ())}
        return next(iter(found.values())) if len(found) == 1 else None

    def members(self, symbol: Symbol) -> list[Symbol]:
        """A class's own members in source order; in other languages also those that stand in other files."""
        if not self._members:
            members: dict[str, list[Symbol]] = {}
            for known in self.links.symbols.values():
                if known.parent:
                    members.setdefault(known.parent, []).append(known)
            self._members = members
        found = self._members.get(symbol.qualname, [])
        if self.module(symbol).language == "python":
            found = [member for member in found if member.span.path == symbol.span.path]
        return sorted(
            found, key=lambda member: (member.span.path != symbol.span.path, member.span.path, member.span.start)
        )

    def keys_with_members(self, symbol: Symbol) -> list[str]:
        """The keys under which a definition is used: its own, and for a type those of its members."""
        members = self.members(symbol) if symbol.kind is Kind.CLASS else []
        return [symbol.key, *(member.key for member in members)]

    def inherited_members(self, symbol: Symbol, hops: int = 0) -> list[Symbol]:
        """A class's members and those of its bases in the repository, the nearest first."""
        found = self.members(symbol)
        if hops < BASES_DEEP:
            for found_link in self.links.outgoing.get(symbol.key, ()):
                base = self.symbol(found_link.target) if found_link.kind is LinkKind.INHERITS else None
                if base is not None:
                    found = [*found, *self.inherited_members(base, hops + 1)]
        return found

    def score(self, symbol: Symbol) -> float:
        """How much other code depends on the definition."""
        return self.scores.get(symbol.key, 0.0)


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
    kind = kind_of(evidence, snapshot.files)
    concepts, further = find_concepts(
        evidence,
        scores,
        project,
        is_application=kind is ProjectKind.APPLICATION,
        first_steps=words("first-steps"),
    )
    repo_map = RepositoryMap(
        snapshot=snapshot,
        links=links,
        scores=scores,
        evidence=evidence,
        project=project,
        kind=kind,
        concepts=concepts,
        further=further,
    )
    _own(repo_map)
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
