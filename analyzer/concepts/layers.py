"""Words that say what a definition is to a program, not what that is about: `OwnerController` is about owners."""

from functools import lru_cache
from typing import Final

from analyzer.concepts.terms import EMPTY, stem, words_of

LAYERS: Final = frozenset(
    stem(word)
    for word in """
    controller service repository dao entity model handler view viewset serializer form resource endpoint mapper
    dto request response schema route router query mutation resolver store manager util test config admin
    migration component container module provider server api impl action middleware validator formatter helper
    factory builder adapter wrapper listener error exception type kind spec params input output map set id ids
    name key url path html json xml yaml string text number count index template partial layout menu button modal
    dialog widget hook context properties property application web http app reducer selector slice update delete
    find save load parse show edit remove fetch process submit refresh sort format validate render convert init
    new old all run start stop open close read write send
    """.split()  # noqa: SIM905 - a list of words is read as words
)
# Layers in most programs, and what some programs are about: only where the program has a type that is called so.
EITHER: Final = frozenset(
    stem(word)
    for word in """
    item check job task event message command file list result status state search filter worker client export import
    page content node block
    """.split()  # noqa: SIM905 - see above
)
# What says nothing in a heading of a library, and is what many programs are about.
_SUBJECTS: Final = frozenset(
    ["user", "users", "project", "projects", "note", "notes", "topic", "topics", "feature", "features", "case", "cases"]
)


def is_empty(word: str) -> bool:
    """Whether a word of a program's name says nothing of what it is about."""
    return word.lower() in EMPTY and word.lower() not in _SUBJECTS


@lru_cache(maxsize=50_000)
def domain_terms(name: str) -> tuple[str, ...]:
    """What a name is about beside its layer, in order; where nothing else is said, a word that may be either."""
    terms = [stem(word) for word in words_of(name) if len(word) > 1 and not is_empty(word)]
    told = tuple(term for term in terms if term not in LAYERS | EITHER)
    return told or tuple(term for term in terms if term in EITHER)[:1]


def domain_term(name: str) -> str:
    """The last of these, which is what the name's subject mostly is; empty where it only says the layer."""
    return next(reversed(domain_terms(name)), "")
