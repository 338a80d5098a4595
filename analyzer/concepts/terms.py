"""Words of headings and names as terms that can be compared: `Rendering Templates`, `templating`, `render_template`."""

import re
from functools import lru_cache
from typing import Final

import snowballstemmer

_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z](?!\b))|(?<=[A-Z])(?=[A-Z][a-rt-z]\b)")
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9+#]*")
_HEAD_END: Final = re.compile(
    r"(?:\s\w+ed)?\s(?:with|in|for|of|from|to|by|on|using|via|through|into|as|at)\s|[:(,\u2013\u2014-]\s"
)
# Words that name no subject of their own: they never make two headings the same.
EMPTY: Final = frozenset(
    """
    a an the and or of in on for to with without from by your our its their my as at into onto via per is are
    be do does how what when where why which who it this that these those not no all any each more most other
    another some using use used usage work working works make making made get gets getting got set sets
    setting start started starting quick quickstart begin beginning introduction introducing intro overview
    basic basics simple minimal first advanced common custom customize customizing customization define
    defining defined write writing create creating add adding provide providing handle handling access
    accessing about example examples sample demo tutorial guide howto reference api apis doc docs
    documentation object objects class classes function functions method methods module modules package
    packages library libraries interface interfaces type types general note notes tip tips misc other new
    build building complete full details detail concept concepts topic topics feature features option
    understand understanding between over under like than then also only same different way ways support
    supported supporting need needs application applications app apps bits pieces odds ends things stuff user
    users guide can will should must may let us you we special specific available built builtin default
    defaults main core base abstract impl internal public private project application developer data
    information line lines part parts section case cases list table value and run running step steps s t
    """.split()  # noqa: SIM905 - a list of words is read as words
)
# What marks a variant or a kind of name in C and its likes: `sink_mt`, `size_t`.
_SUFFIX: Final = re.compile(r"(?<=[a-z0-9])_[a-z]{1,2}$")
# Of these, words that some projects are about all the same: modules of an injector, types of a validator. A plural
# makes a subject of them.
WEAK: Final = frozenset(
    ["modules", "types", "objects", "classes", "functions", "methods", "interfaces", "applications", "tables", "lists",
     "values", "events"]
)  # fmt: skip
# Words that say how a thing is written rather than what it is: a name's subject is what stands before them.
AFTERWORDS: Final = frozenset(
    """
    factory manager handler helper impl base provider wrapper mixin abstract default object instance util
    utils func fn callback struct enum opts options_ spec dict kind
    """.split()  # noqa: SIM905 - see above
)
# Files that are named for what they are to their folder: it says what they are about.
FRONTS: Final = frozenset(["__init__", "index", "main", "mod"])
TRIVIA: Final = re.compile(
    r"^(utils?|utility|utilities|helpers?|versions?|compat\w*|mypy|typing|types?|stubs?|"
    r"structures?|index|init|misc\w*|constants?|common|internals?|shims?|deprecat\w*|testing utils|"
    r"benchmarks?|vendor\w*|bool|main|setup|conftest|sealed|about|tests?|e2e|scripts?|bin|examples?|samples?|"
    r"problems?|solutions?|background|rationale|summary|conclusions?|gotchas?|caveats?)$",
    re.IGNORECASE,
)
# What programs keep in tables, and what tests are made with; where authors write about it, it is a subject.
_UNTOLD: Final = re.compile(r"^(unicode\w*|locales?|plurals?|status|cells?|mocks?|fixtures?)$", re.IGNORECASE)
_SAME: Final = {
    "config": "configur", "configurations": "configur", "auth": "authent", "cli": "command", "ctx": "context",
    "param": "paramet", "params": "paramet", "exception": "error", "except": "error", "req": "request",
    "res": "respons", "resp": "respons", "deserializ": "deseri", "serializ": "serial", "middlewar": "middlewar",
    "db": "databas", "env": "environ", "arg": "argument", "args": "argument", "router": "rout", "rout": "rout",
    "routes": "rout", "builder": "builder", "failur": "error", "templat": "templat", "render": "render",
    "uri": "url", "async": "async", "asynchron": "async", "logger": "log", "logging": "log", "stream": "stream",
    "authentic": "authent", "filter": "filter", "handler": "handler",
}  # fmt: skip
# Who does a thing is about what is done: extractors extract, loaders load.
_AGENT: Final = re.compile(r"(?<=[a-z]{4}[ct])or$")
_stemmer: Final = snowballstemmer.stemmer("english")


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The term of one word."""
    lowered = word.lower()
    if lowered in _SAME:
        return _SAME[lowered]
    found = str(_stemmer.stemWord(lowered))
    return _SAME.get(found, _AGENT.sub("", found))


@lru_cache(maxsize=50_000)
def words_of(text: str) -> tuple[str, ...]:
    """The words of a heading or a name, in order, as written."""
    return tuple(part for word in _WORD.findall(text.replace("_", " ")) for part in _CAMEL.split(word) if part)


@lru_cache(maxsize=50_000)
def terms_of(text: str) -> tuple[str, ...]:
    """The terms of a heading or a name in order, each once: without empty words, weak ones where it has no other."""
    words = [word for word in words_of(text) if len(word) > 1]
    full = [word for word in words if word.lower() not in EMPTY] or [word for word in words if word.lower() in WEAK]
    return tuple(dict.fromkeys(stem(word) for word in full))


def own_terms(project: str) -> frozenset[str]:
    """The terms of a project's name, with and without the number at its end."""
    return frozenset([*terms_of(project), *terms_of(re.sub(r"\d+(?=\W|$)", "", project))])


def joined_terms(project: str) -> frozenset[str]:
    """A project's name, and each of its words, as people write them in one: `petclinic`, `thefuck`."""
    return frozenset(stem("".join(words_of(text))) for text in (project, *project.split()))


@lru_cache(maxsize=50_000)
def head_terms(text: str, own: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The terms from which a heading's subject is chosen, the likeliest first: the last of its first phrase.

    The project's own name is a subject only where there is no other; a gerund only where there is no noun.
    """
    phrase = _HEAD_END.split(f" {text} ", maxsplit=1)[0]
    options = ([term for term in terms_of(part) if term not in own] for part in (phrase, text))
    found = next((terms for terms in options if terms), list(terms_of(text)))
    nouns = [term for term in found if not any(w.lower().endswith("ing") and stem(w) == term for w in words_of(text))]
    return tuple(reversed(nouns or found))


def subject_of_name(name: str) -> str:
    """The term that a definition's name is about: the last word that is no afterword; errors are one subject."""
    name = _SUFFIX.sub("", name)
    words = [word for word in words_of(name) if word.lower() not in AFTERWORDS] or list(words_of(name))
    if not words:
        return ""
    if words[-1].lower() in {"error", "exception", "exceptions", "errors"}:
        return "error"
    meaningful = [word for word in words if word.lower() not in EMPTY] or words
    return stem(meaningful[-1])


def is_trivial(text: str, *, is_heading: bool) -> bool:
    """Whether a title names something that is never a subject; of a definition, or as authors head what they write."""
    known = (TRIVIA,) if is_heading else (TRIVIA, _UNTOLD)
    words = [word for word in words_of(text) if word.lower() not in EMPTY]
    return any(
        pattern.match(text.strip()) or (bool(words) and all(pattern.match(word) for word in words)) for pattern in known
    )
