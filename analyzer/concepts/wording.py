"""How a heading is worded: whether it could be a chapter's title, and how much its wording speaks for it."""

import re
from typing import Final

from analyzer.concepts.terms import terms_of, words_of
from analyzer.documentation.titles import is_aside

TITLE_MAX_CHARS: Final = 60
TITLE_MAX_WORDS: Final = 8
LONG_TITLE_WORDS: Final = 6
_ABOUT: Final = re.compile(r"^(what is|what'?s|what else|why|who|is it|is this|where)\b.*\??$", re.IGNORECASE)
_LEAD_IN: Final = re.compile(
    r"^(about|list of|using|working with|introducing|(an )?introduction to|understanding|how to use|the)\s+",
    re.IGNORECASE,
)
# One of many things that a reference lists, rather than a subject: a signature, an identifier.
_ENTRY: Final = re.compile(r"\w\([^)]*\)|^\w+_\w+$|^\W*\w+\.\w+$|^@\w+$|\w::\w")
_DOTTED: Final = re.compile(r"\w+(\.\w+)+(`| with |=?$)")
_CLAUSE: Final = re.compile(r"\s(?:and|that|which|so|when|where|if|while|without)\s|[,;]\s")
_NAMED_FOR_USE: Final = re.compile(r"^I(?=[A-Z][a-z])|^(Abstract|Base)(?=[A-Z])|(?<=[a-z0-9])(Interface|Impl|Base)$")
_EXAMPLE: Final = re.compile(r"^examples?\s*:", re.IGNORECASE)
_MEMBER: Final = re.compile(r"^[`*]*\.\w")
_CONTINUES: Final = re.compile(r"^(then|now|next|finally|and|but|also|so)\b", re.IGNORECASE)
_QUESTION: Final = re.compile(r"\?$|^(how|why|what|when|where|can|do|does|is|should)\b", re.IGNORECASE)
# A heading that is a call: what is called.
_CALLED: Final = re.compile(r"^(?:(?:var|let|const|auto) \w+ = )?(?P<name>[\w.]+)\([^()]*\)(?:\.\w+\(.*\))?;?$")
# What is written as it is typed: a package, a member, a function.
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+|[a-z]\w*(\.\w+)+|[a-z][a-z0-9]*([A-Z][a-z0-9]*)+")
_STEP: Final = re.compile(r"^(step|part|chapter|lesson|example) \d+\s*[:.\u2013\u2014-]\s*", re.IGNORECASE)
_AFTERTHOUGHT: Final = re.compile(r"(?<=\w)\s+\([^()]*\)$")


def clean_title(title: str) -> str:
    """A heading without its lead-in, its number and its trailing marks."""
    plain = _CALLED.sub(r"\g<name>", re.sub(r"\\([^\w\s])", r"\1", title))
    plain = _AFTERTHOUGHT.sub("", _STEP.sub("", plain))
    plain = re.sub(r"^\s*(?:\d+(?:\.\d+)*[.)]?\s+|[^\w`(@.]+\s*)", "", plain).strip(" .:!?#*")
    shorter = _LEAD_IN.sub("", plain)
    shorter = re.sub(r"(?<=\w)\s+(documentation|docs|guide|reference|tutorial)$", "", shorter, flags=re.IGNORECASE)
    plain = shorter if len(shorter) >= 3 and terms_of(shorter) else plain  # noqa: PLR2004
    plain = plain.replace('"', "") if plain.count('"') == 1 else plain
    if len(plain.split()) > TITLE_MAX_WORDS:  # a sentence: what it begins with
        plain = _CLAUSE.split(plain, maxsplit=1)[0]
    return plain if _NAME.fullmatch(plain) else plain[:1].upper() + plain[1:]


def plain_name(name: str) -> str:
    """A type's name without what only says how it is to be used: `ILogSink`, `AbstractRenderer`, `RouteInterface`."""
    return _NAMED_FOR_USE.sub("", name) or name


def in_words(name: str) -> str:
    """What many types of one name are: `ErrorRenderer` gives "Error renderers"."""
    text = " ".join(word if word.isupper() else word.lower() for word in words_of(name))
    plural = re.sub(r"(?<=[^aeiou])y$", "ie", text) + ("es" if text.endswith(("s", "x", "ch", "sh")) else "s")
    return plural[:1].upper() + plural[1:]


def is_title(title: str) -> bool:
    """Whether a heading is short enough for a title."""
    return 2 < len(title) <= TITLE_MAX_CHARS and len(title.split()) <= TITLE_MAX_WORDS and title.count("`") % 2 == 0  # noqa: PLR2004


def is_entry(written: str) -> bool:
    """Whether a heading is a name of code, one of those that a reference lists, rather than a subject."""
    plain = written.strip("`* ")
    return _ENTRY.search(plain) is not None or _DOTTED.match(plain) is not None


def is_question_about(written: str) -> bool:
    """Whether a heading asks what the project is, or for whom."""
    return _ABOUT.match(written) is not None


def share_of_title(written: str, *, is_application: bool) -> float:
    """What a heading's wording leaves of its weight, from 0 to 1."""
    title = clean_title(written)
    share = 0.7 if len(title.split()) >= LONG_TITLE_WORDS or "," in title else 1.0
    share *= 0.6 if _QUESTION.search(title) else 1.0
    share *= 0.5 if _CONTINUES.search(title) or is_aside(title, is_application=is_application) else 1.0
    share *= 0.5 if _EXAMPLE.match(title) else 1.0
    return share * (0.5 if _ENTRY.search(title) or _CALLED.match(written.strip("`")) or _MEMBER.match(written) else 1.0)
