"""The six steps of an analysis, in order, with their names for people.

The English titles are the log messages of the existing CLI and the French ones those of the existing worker, so that
either side can be replaced without the other noticing.
"""

from enum import StrEnum
from typing import Final, Literal, get_args

Language = Literal["en", "fr"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
DEFAULT_LANGUAGE: Final[Language] = "en"


class Step(StrEnum):
    """A step of `analyze`; the value is its name on the command line."""

    EXTRACT = "extract"
    ANALYZE = "analyze"
    ORDER = "order"
    GENERATE_CHAPTERS = "generate-chapters"
    REVIEW_CHAPTERS = "review-chapters"
    GENERATE_TUTORIALS = "generate-tutorials"


STEPS: Final[tuple[Step, ...]] = tuple(Step)
TOTAL_STEPS: Final = len(STEPS)

_TITLES: Final[dict[Step, dict[Language, str]]] = {
    Step.EXTRACT: {
        "en": "Extracting core abstractions from codebase",
        "fr": "Extraction des abstractions principales",
    },
    Step.ANALYZE: {
        "en": "Analyzing relationships between components",
        "fr": "Analyse des relations entre composants",
    },
    Step.ORDER: {
        "en": "Determining optimal chapter order",
        "fr": "Détermination de l'ordre optimal des chapitres",
    },
    Step.GENERATE_CHAPTERS: {
        "en": "Generating chapter content",
        "fr": "Génération du contenu des chapitres",
    },
    Step.REVIEW_CHAPTERS: {
        "en": "Reviewing and enhancing chapters",
        "fr": "Révision et amélioration des chapitres",
    },
    Step.GENERATE_TUTORIALS: {
        "en": "Generating interactive tutorials",
        "fr": "Génération de tutoriels interactifs",
    },
}


def step_number(step: Step) -> int:
    """Return the step's position, counted from 1."""
    return STEPS.index(step) + 1


def language_named(name: str | None) -> Language | None:
    """Return the language of a name, or None when courses are not written in it."""
    return next((language for language in LANGUAGES if language == name), None)


def step_title(step: Step, language: Language = DEFAULT_LANGUAGE) -> str:
    """Return the step's title for people."""
    return _TITLES[step][language]


def progress_text(step: Step) -> str:
    """Return the `progress` text of a heartbeat: `Step n/6: title`."""
    return f"Step {step_number(step)}/{TOTAL_STEPS}: {step_title(step)}"
