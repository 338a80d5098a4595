"""A question about a course, answered by the passages that deal with what is asked, and by no sentence beside them.

A passage is a section of a chapter that cites the source. They are ranked by Okapi BM25 over word stems (Robertson and
Zaragoza, 2009), titles and headings counting more than text.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import snowballstemmer

from course.citations import citations
from course.steps import Language
from web.outline import Entry
from web.search import Section, plain_text, sections_of

QUESTION_MAX: Final = 500
PASSAGES_MAX: Final = 4
# What is found with far less than the best is about something else.
SHARE_MIN: Final = 0.4
_K1, _B = 1.2, 0.75
_TITLE, _HEADING = 2, 3
_WORD: Final = re.compile(r"[^\W\d_][^\W_]*")
_ASKING: Final = frozenset(
    """
    a an and are as at be by can could do does for from get have how i if in into is it its me my of on or our should so
    than that the their them then there these this to use using was we what when where which who why will with would you
    your
    a à au aux avec ce cela ces cette comment d dans de des du elle en est et être fait faire il ils j je l la le les
    leur ma mes mon ne on ou où par pas peut pour pourquoi qu quand que quel quelle quelles quels qui quoi s sa se ses
    si son sont sur un une utiliser vous y
    """.split()  # noqa: SIM905 - words
)
_STEMMERS: Final[dict[Language, str]] = {"en": "english", "fr": "french"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A section that deals with what was asked."""

    section: Section
    score: float


def passages(chapters: Iterable[Entry], question: str, language: Language) -> list[Passage]:
    """Return the passages on a question, the best first; none where nothing that is asked for stands anywhere."""
    asked = [word for word in _words(question[:QUESTION_MAX]) if word not in _ASKING]
    if not asked:
        return []
    stems = list(dict.fromkeys(_stem(word, language) for word in asked))
    known = [section for entry in chapters for section in sections_of(entry) if _can_answer(section)]
    bags = [_bag(section, language) for section in known]
    lengths = [sum(bag.values()) for bag in bags]
    average = sum(lengths) / len(lengths) if lengths else 1.0
    rarity = {stem: _rarity(sum(stem in bag for bag in bags), len(bags)) for stem in stems}
    found = [
        Passage(
            section=section,
            score=sum(rarity[stem] * _weight(bag[stem], length / average) for stem in stems if bag[stem]),
        )
        for section, bag, length in zip(known, bags, lengths, strict=True)
    ]
    best = max((passage.score for passage in found), default=0.0)
    ranked = sorted((passage for passage in found if passage.score > 0), key=lambda passage: -passage.score)
    return [passage for passage in ranked if passage.score >= SHARE_MIN * best][:PASSAGES_MAX]


def _can_answer(section: Section) -> bool:
    """Whether a section says something and where that stands; one that asks says nothing."""
    return "<details>" not in section.source and any(True for _ in citations(section.source))


def _bag(section: Section, language: Language) -> Counter[str]:
    """How often each stem stands in a section."""
    bag = Counter(_stem(word, language) for word in (*_words(section.text), *_words(section.code)))
    for text, weight in ((section.entry.name, _TITLE), (section.heading, _HEADING)):
        for word in _words(text):
            bag[_stem(word, language)] += weight
    return bag


def _rarity(count: int, total: int) -> float:
    return math.log(1 + (total - count + 0.5) / (count + 0.5))


def _weight(count: int, length: float) -> float:
    return count * (_K1 + 1) / (count + _K1 * (1 - _B + _B * length))


def _words(text: str) -> Sequence[str]:
    return _WORD.findall(plain_text(text))


@lru_cache(maxsize=50_000)
def _stem(word: str, language: Language) -> str:
    stemmed: str = _stemmer(language).stemWord(word)
    return stemmed


@lru_cache
def _stemmer(language: Language) -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer(_STEMMERS[language])
