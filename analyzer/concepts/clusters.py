"""Candidates of one subject, what they weigh together, and which of them names it."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from analyzer.code.model import Kind
from analyzer.concepts.candidates import Candidate
from analyzer.concepts.model import Ground
from analyzer.concepts.terms import terms_of, words_of
from analyzer.concepts.wording import in_words, plain_name

FADING: Final = (1.0, 0.5, 0.3, 0.15, 0.1, 0.05)
EXAMPLES_WEIGHT: Final = 0.7
TESTS_WEIGHT: Final = 0.8
KNOWN_SHARE: Final = 2.0  # what is hardly told of is no subject, however often examples name it
OTHER_SHARE: Final = 0.3
FAR_LESS: Final = 3
# What newcomers ask of any project, whatever it does: how it is set up, how to get in between, how to extend it, what
# goes wrong, how to test what they make with it.
ALWAYS_ASKED: Final = frozenset(
    ["configur", "error", "extens", "hook", "middlewar", "plugin", "rout", "test", "testclient"]
)
ASKED_SHARE: Final = 1.3
PLACED: Final = 1.0  # the part of the reading in which order is the authors'
_GROUND_RANK: Final = {
    Ground.PAGE: 0, Ground.README: 1, Ground.SECTION: 2, Ground.DOMAIN: 3, Ground.FOLDER: 3, Ground.ENTRY: 4,
    Ground.INTERFACE: 5, Ground.PACKAGE: 6, Ground.FILE: 7, Ground.EXAMPLE: 8,
}  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Cluster:
    """Candidates of one subject; sections of the documentation whose examples name it, and files of tests that do."""

    term: str
    in_examples: int = 0
    in_tests: int = 0
    share: float = 1.0
    members: list[Candidate] = field(default_factory=list)

    @property
    def is_example(self) -> bool:
        """Whether nothing speaks for it but the names of examples."""
        return all(member.ground is Ground.EXAMPLE for member in self.members)

    @property
    def wholes(self) -> Sequence[str]:
        """Other terms in the title of definitions that nothing else speaks for, and that never stand alone."""
        titles = {member.title for member in self.members if member.section is None}
        headed = any(member.section is not None for member in self.members)
        if headed or self.term in ALWAYS_ASKED or any(_is_plain(title, self.term) for title in titles):
            return ()
        return sorted(set.intersection(*(set(terms_of(title)) for title in titles)) - {self.term})

    @property
    def weight(self) -> float:
        """Evidence adds up, each further piece for less; then how many examples and tests deal with it."""
        weights = sorted(self._weights(), reverse=True)
        total = sum(weight * share for weight, share in zip(weights, FADING, strict=False))
        asked = ASKED_SHARE if self.term in ALWAYS_ASKED and any(m.section for m in self.members) else 1.0
        known = EXAMPLES_WEIGHT * math.log2(1 + self.in_examples) + TESTS_WEIGHT * math.log2(1 + self.in_tests)
        return self.share * asked * (total + min(known, KNOWN_SHARE * total))

    def _weights(self) -> Iterator[float]:
        """What each piece of evidence weighs; definitions of one name are one piece."""
        known: dict[tuple[str, Ground], float] = {}
        qualifiers = set(terms_of(self.best.title)) - {self.term}
        for member in self.members:
            # "Uploading files" says little for "Static files".
            share = 1.0 if qualifiers <= set(terms_of(member.title)) else OTHER_SHARE
            if member.section is None and member.symbol is not None:
                named = (member.title, member.ground)
                known[named] = max(member.weight * share, known.get(named, 0.0))
            else:
                yield member.weight * share
        yield from known.values()

    @property
    def best(self) -> Candidate:
        """The candidate that gives the title: the strongest ground that carries weight of its own."""
        top = max(member.weight for member in self.members)
        strong = [member for member in self.members if member.weight >= 0.45 * top]
        if all(member.symbol is not None and member.section is None for member in strong):
            symbols = [member.symbol for member in self.members if member.symbol is not None]
            bases = Counter(base.partition("[")[0].rpartition(".")[2] for symbol in symbols for base in symbol.bases)
            return min(self.members, key=lambda member: _name_key(member, bases))
        return min(
            strong,
            key=lambda m: (
                not _is_plain(m.title, self.term) or _is_function(m) or m.ground is Ground.PACKAGE,
                _GROUND_RANK[m.ground] + (FAR_LESS if m.weight < 0.7 * top else 0),
                -m.weight,
                m.position,
            ),
        )

    @property
    def title(self) -> str:
        """The best candidate's; what a base or an interface is called without saying that it is one."""
        best = self.best
        plain = plain_name(best.title) if best.section is None and best.symbol is not None else self._spelled(best)
        if plain == best.title or any(member.title == plain for member in self.members):
            return plain
        return in_words(plain)

    def _spelled(self, best: Candidate) -> str:
        """A title of one word as the code spells it: "Dfa", after a file's name, is `DFA`; "Csv" of `CSVFormat`."""
        types = [m.title for m in self.members if m.symbol is not None and m.symbol.kind is Kind.CLASS]
        words = {word for name in types for word in words_of(name)}
        known = [word for word in sorted(words) if word.lower() == best.title.lower() and word.isupper()]
        return next(iter(known), best.title)

    @property
    def domain_place(self) -> tuple[float, ...]:
        """Where a subject stands among those that a program is about; nowhere when it is none of them."""
        is_domain = any(member.ground is Ground.DOMAIN for member in self.members)
        return (0.0, -self.weight) if is_domain else ()

    @property
    def position(self) -> tuple[float, ...]:
        """Where its own page is, else where a newcomer meets it first under a heading of some weight.

        What a program is about comes in the order of its weight: pages tell how it is run, not what it is made of.
        """
        domain = [member.position for member in self.members if member.ground is Ground.DOMAIN]
        is_placed = any(member.section is not None and member.position[0] == PLACED for member in self.members)
        if domain and not (is_placed and self.best.section is not None):
            return (domain[0][0], -self.weight, 0.0)
        pages = [m for m in self.members if m.ground is Ground.PAGE and m.position[0] == PLACED]
        own = [page.weight for page in pages if _is_about(page.title, self.term)]
        headed = [member for member in self.members if member.section is not None] or self.members
        top = max(member.weight for member in headed)
        enough = 0.8 * max(own) if own else 0.4 * top
        return min(member.position for member in headed if member.weight >= enough)


def _is_about(title: str, term: str) -> bool:
    """Whether a title is about the subject and one word more at most."""
    terms = terms_of(title)
    return term in terms and len(terms) <= 2  # noqa: PLR2004


def _is_function(member: Candidate) -> bool:
    """Whether a title is a function's name, which says what is done and not with what."""
    return member.ground is Ground.INTERFACE and member.symbol is not None and member.symbol.kind is not Kind.CLASS


def _is_plain(title: str, term: str) -> bool:
    """Whether a title is the subject itself, in one word."""
    return len(words_of(title)) == 1 and terms_of(title) == (term,)


def _name_key(member: Candidate, bases: Counter[str]) -> tuple[object, ...]:
    """Of several definitions, the one that the subject is named for: a type, what others extend, the plainest name."""
    symbol = member.symbol
    is_type = symbol is not None and symbol.kind is Kind.CLASS
    exact = _is_plain(member.title, member.term)
    rank = _GROUND_RANK[member.ground]
    return (
        not exact,
        not is_type,
        -bases[member.title],
        rank,
        -round(member.weight, 1),
        len(member.title),
        member.title,
    )
