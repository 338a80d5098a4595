"""What a program is about: the words that cut across its layers, as in `Owner`, `OwnerController`, `/owners/{id}`.

A program hands nothing out, so nobody's list says what to teach. Its own words do: what has a type of its own, files
named for it, routes and commands, in several places of the code, is what those who work on it talk about.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from analyzer.code.model import Kind, Module, Symbol
from analyzer.code.roles import MARKUP
from analyzer.concepts.candidates import Candidate
from analyzer.concepts.evidence import Evidence, is_part
from analyzer.concepts.folders import ENTRY_FILES, ROOTS
from analyzer.concepts.layers import EITHER, domain_terms, is_empty
from analyzer.concepts.model import Ground
from analyzer.concepts.terms import is_trivial, stem, words_of
from analyzer.documentation import prose
from analyzer.graph.entry import MAINS, Entry, is_parameter
from analyzer.languages.table import TABLES

PLACES_MIN: Final = 3  # files whose names or definitions have a word; less does not cut across anything
KINDS_MIN: Final = 2  # of a type, a file, a folder, a route that is called just so
FOLDERS_MIN: Final = 4  # files named for it in so many folders say as much
FORM_SHARE: Final = 0.4
ROLE_FROM: Final = 4  # what so many things are is a role in them
DEFINITIONS_MAX: Final = 4_000
WEIGHTS: Final = (0.6, 0.35, 0.6)
TYPE_WEIGHT: Final = 1.2
POSITION: Final = 2.0  # after what pages tell, before the folders


@dataclass(slots=True, kw_only=True)
class _Word:
    """What speaks for one term. `types` are called just so; `forms` counts how it is written."""

    files: set[str] = field(default_factory=set)
    places: set[str] = field(default_factory=set)
    types: list[Symbol] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    entries: int = 0
    forms: Counter[str] = field(default_factory=Counter)
    after: set[str] = field(default_factory=set)
    leading: int = 0

    @property
    def is_role(self) -> bool:
        """Whether it says what others are and nothing is called after it: `OrderProcessor`, `CardProcessor`."""
        return len(self.after) >= ROLE_FROM and not self.leading

    @property
    def is_state(self) -> bool:
        """Whether it mostly says what became of something: `PriceChanged`, `OrderPaid`."""
        return not self.types and self.form.endswith("ed") and self.form != stem(self.form)

    @property
    def form(self) -> str:
        """How it is mostly written, the plainest of those that are about as frequent: `http` before `https`."""
        most = max(self.forms.values())
        frequent = [form for form, count in self.forms.items() if count >= FORM_SHARE * most]
        return min(frequent, key=lambda form: (len(form), form))

    @property
    def weight(self) -> float:
        counts = (len(self.files), len(self.places), self.entries)
        total = sum(weight * math.log2(1 + count) for weight, count in zip(WEIGHTS, counts, strict=True))
        return total + (TYPE_WEIGHT if self.types else 0.0)


def domain_candidates(
    evidence: Evidence, scores: Mapping[str, float], entries: Sequence[Entry], own: frozenset[str]
) -> Iterator[Candidate]:
    """One candidate per word that cuts across the program, the strongest first; `own` are the terms of its name."""
    modules = [
        module
        for module in evidence.links.repository.subjects
        if module.language not in MARKUP - {"html"} and is_part(module.path)
    ]
    words = _words(modules, entries)
    ranked = sorted(words.items(), key=lambda item: (-item[1].weight, item[0]))
    for number, (term, word) in enumerate(ranked):
        is_named = len(word.kinds) >= KINDS_MIN or len({path.rpartition("/")[0] for path in word.files}) >= FOLDERS_MIN
        is_called = bool(word.types) or (is_named and term not in own | EITHER)
        # A type that has a file or a route of its own is a subject of a small program.
        is_spread = len(word.places) >= PLACES_MIN or (word.types and len(word.kinds) >= KINDS_MIN)
        if not is_spread or not is_called or word.is_role or word.is_state:
            continue
        symbol = max(word.types, key=lambda s: (scores.get(s.key, 0.0), s.key), default=None)
        form = symbol.name if symbol is not None else word.form
        title = form[:1].upper() + form[1:]
        if is_trivial(title, is_heading=False):
            continue
        said = prose.first_sentence(symbol.doc.text) if symbol is not None and symbol.doc is not None else ""
        yield Candidate(
            title=title,
            term=term,
            ground=Ground.DOMAIN,
            weight=word.weight,
            position=(POSITION, float(number), 0.0),
            says=said or ", ".join(sorted(word.places)[:3]),
            symbol=symbol,
            path="" if symbol is not None else min(word.files | word.places, key=lambda path: (path.count("/"), path)),
        )


def entry_terms(entry: Entry) -> frozenset[str]:
    """What a way in is about: the words of its path and of what answers it."""
    segments = (part for part in entry.name.split("/") if part and not is_parameter(part))
    answers = (entry.handler.name, entry.handler.parent) if entry.handler is not None else ()
    return frozenset(term for text in (*segments, *answers) for term in domain_terms(text))


class _Words(dict[str, _Word]):
    """What speaks for each term of a program."""

    def tell(self, text: str, kind: str, path: str, symbol: Symbol | None = None) -> None:
        """Count a name: of a file, a folder or a definition."""
        terms = domain_terms(text)
        written = words_of(text)
        forms = {stem(part): part.lower() for part in written}
        is_plain = len(terms) == 1 and sum(not is_empty(form) for form in forms.values()) == 1
        parts = [stem(part) for part in written if len(part) > 1]
        for term in terms:
            place = parts.index(term)
            word = self.setdefault(term, _Word())
            word.places.add(path)
            word.forms[forms[term]] += 1
            word.leading += place + 1 < len(parts)
            if place and place + 1 == len(parts):
                word.after.add(parts[place - 1])
            if kind == "file":
                word.files.add(path)
            if is_plain:
                word.kinds.add(kind)
            if is_plain and symbol is not None and symbol.kind is Kind.CLASS and stem(symbol.name) == term:
                word.types.append(symbol)

    def enter(self, entry: Entry) -> None:
        """Count a way in."""
        for term in entry_terms(entry) & self.keys():
            self[term].entries += 1
        for part in entry.name.split("/"):
            if part and not is_parameter(part) and stem(part) in self:
                self[stem(part)].kinds.add("route")


def _words(modules: Sequence[Module], entries: Sequence[Entry]) -> _Words:
    words = _Words()
    for module in modules:
        *folders, name = module.path.split("/")
        # Where a program starts is not what it is about.
        mains = {symbol.parent for symbol in module.symbols if symbol.name in MAINS}
        if ENTRY_FILES.search(module.path):
            mains.add(name.partition(".")[0])
        if (module.symbols or module.language not in TABLES) and not mains:
            words.tell(name.partition(".")[0], "file", module.path)
        if folders and folders[-1].lower() not in ROOTS:
            words.tell(folders[-1], "folder", module.path)
        for symbol in module.symbols[:DEFINITIONS_MAX]:
            if symbol.kind is not Kind.CONSTANT and symbol.qualname not in mains:
                words.tell(symbol.name, "definition", module.path, None if symbol.parent else symbol)
    for entry in entries:
        words.enter(entry)
    return words
