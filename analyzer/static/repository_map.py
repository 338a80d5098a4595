"""The map that all chapters are written from: the repository's text, its pages, its links, its concepts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from analyzer.code.model import Kind, Module, Span, Symbol
from analyzer.code.repository import Repository
from analyzer.concepts.domain import entry_terms
from analyzer.concepts.evidence import Evidence
from analyzer.concepts.folders import ENTRY_FILES
from analyzer.concepts.kind import ProjectKind
from analyzer.concepts.layers import domain_terms
from analyzer.concepts.model import Concept
from analyzer.concepts.terms import stem, words_of
from analyzer.documentation.model import Section
from analyzer.graph.entry import Entry, EntryKind, is_parameter
from analyzer.graph.links import LinkKind, Links
from analyzer.graph.tables import Table
from analyzer.source.snapshot import Snapshot

BASES_DEEP = 4
STATEMENT_LINES: Final = 6
_OPENING: Final = "([{"
_CLOSING: Final = ")]}"
_WORD: Final = re.compile(r"\w+")


def _is_closed(text: str) -> bool:
    """Whether as many brackets are closed as are opened."""
    return sum(map(text.count, _OPENING)) <= sum(map(text.count, _CLOSING))


def _depth(entry: Entry, term: str) -> tuple[bool, int]:
    """Whether a path does not end with the subject, and how deep it is."""
    parts = [part for part in entry.name.split("/") if part]
    told = [part for part in parts if not is_parameter(part)]
    return (not told or term not in domain_terms(told[-1]), len(parts))


@dataclass(slots=True, kw_only=True)
class RepositoryMap:
    """Read-only after construction. `concepts` are in teaching order; `owner` maps a definition to its concept.

    What is looked up later is put in place whole: several threads may look.
    `further` are concepts that got no chapter; `entries` the ways into a program and `tables` what it keeps, of a
    library none.
    """

    snapshot: Snapshot
    links: Links
    scores: Mapping[str, float]
    evidence: Evidence
    project: str
    kind: ProjectKind
    concepts: tuple[Concept, ...]
    further: tuple[Concept, ...] = ()
    entries: tuple[Entry, ...] = ()
    tables: tuple[Table, ...] = ()
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

    def table_of(self, concept: Concept) -> Table | None:
        """The table that is called as a subject is, from a schema before a single step."""
        return next(
            (table for table in self.tables if [stem(word) for word in words_of(table.name)] == [concept.term]), None
        )

    def own_symbols(self, concept: Concept) -> list[Symbol]:
        """The definitions that belong to this concept before any other; those that it uses where it has none."""
        number = self.concepts.index(concept) if concept in self.concepts else -1
        symbols = self.symbols_of(concept)
        own = [symbol for symbol in symbols if self.owner.get(symbol.key) == number]
        return symbols if concept.is_start or not own else own

    def symbols_of(self, concept: Concept) -> list[Symbol]:
        """The concept's definitions, the most used first."""
        return [self.links.symbols[key] for key in concept.symbols if key in self.links.symbols]

    def documents_own(self, section: Section, concept: Concept) -> bool:
        """Whether a section is the comment of one of the concept's first definitions."""
        docs = ((symbol.span.path, symbol.doc) for symbol in self.symbols_of(concept)[:3])
        return any((path, doc.start) == (section.path, section.start) for path, doc in docs if doc is not None)

    def lines(self, span: Span) -> Sequence[str]:
        """The source lines of a span."""
        return self.snapshot.files[span.path][span.start - 1 : span.end]

    def line(self, path: str, number: int) -> str:
        """One source line, stripped."""
        return self.snapshot.files[path][number - 1].strip()

    def statement(self, path: str, number: int) -> tuple[str, Span]:
        """A source line on one line with those that it goes on to while brackets are open, and where they stand."""
        lines = self.snapshot.files[path]
        text, end = self.line(path, number), number
        while not _is_closed(text) and end < min(len(lines), number + STATEMENT_LINES):
            going_on = lines[end].strip()
            end += 1
            closes = going_on.startswith(tuple(_CLOSING))
            joint = "" if closes or text.endswith(tuple(_OPENING)) else " "
            text = f"{text.removesuffix(',') if closes else text}{joint}{going_on}"
        if not _is_closed(text):
            text, end = self.line(path, number), number
        return text, Span(path=path, start=number, end=end)

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
            names = (re.split(r"[/.]", self.project)[-1], *self.repository.packages)
            self._own_names = frozenset(name.lower() for name in names)
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

    def entries_about(self, concept: Concept) -> list[Entry]:
        """The ways in that a chapter is about, those whose path ends with it first; of the first steps the programs.

        What runs by itself comes after what somebody asks for.
        """
        if concept.is_start:
            programs = [e for e in self.entries if e.kind is EntryKind.PROGRAM or self._starts_all(e)]
            return sorted(
                programs,
                key=lambda e: (not self._starts_all(e), not ENTRY_FILES.search(e.name), e.name.count("/")),
            )
        keys = set(concept.symbols)
        found = [
            entry
            for entry in self.entries
            if not (entry.kind is EntryKind.PROGRAM or self._starts_all(entry))
            if (concept.term and concept.term in entry_terms(entry))
            or (entry.handler is not None and entry.handler.parent and entry.handler.owner_key in keys)
        ]
        return sorted(found, key=lambda e: (e.handler is None, e.kind is EntryKind.TASK, *_depth(e, concept.term)))

    def _starts_all(self, entry: Entry) -> bool:
        """Whether a command is called as the project is: it starts all of it and is about no part."""
        return entry.kind is EntryKind.COMMAND and entry.name.lower() in self.own_names

    def score(self, symbol: Symbol) -> float:
        """How much other code depends on the definition."""
        return self.scores.get(symbol.key, 0.0)
