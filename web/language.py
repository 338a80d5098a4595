"""French and English: which of the two a request gets. The texts are in `catalogue`.

Course texts are not translated here; they are written by the analysis.
"""

from dataclasses import dataclass

from course.steps import DEFAULT_LANGUAGE, Language, language_named
from web.catalogue import CATALOGUE


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one language; calling it with a key returns the text."""

    language: Language

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of a key, with its `{names}` filled in. An unknown key is an error."""
        return CATALOGUE[self.language][key].format(**values)


def negotiated(cookie: str | None, accept_language: str) -> Language:
    """Return the language of a request: the chosen one, else the best of `Accept-Language` (RFC 9110 §12.5.4)."""
    if chosen := language_named(cookie):
        return chosen
    best: tuple[float, Language] | None = None
    for item in accept_language.split(",")[:32]:
        tag, _, parameter = item.strip().partition(";")
        weight = _weight(parameter)
        primary = tag.strip().lower().partition("-")[0]
        language = language_named(primary)
        if language is not None and weight > 0 and (best is None or weight > best[0]):
            best = (weight, language)
    return best[1] if best else DEFAULT_LANGUAGE


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
