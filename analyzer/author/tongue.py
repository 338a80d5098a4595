"""Which language a text is in, as far as its smallest words tell: enough to see that an answer came in another one."""

import re
from typing import Final

from course.steps import Language

WORDS_MIN: Final = 60
LEAD: Final = 1.5
_SMALL: Final = {
    "en": "the and of to is that it in for with as are this not which from what when its you be on by",
    "fr": "le la les des et est que une dans pour avec qui sur pas ce il elle sont par au du un se",
    "de": "der die das und ist nicht ein eine zu den mit sich auf für von dem wird es im als auch wenn",
    "es": "el los las y es que una en para con por no se del lo su como más este un al pero",
}
_SMALL_WORDS: Final = {name: frozenset(words.split()) for name, words in _SMALL.items()}
_FENCE: Final = re.compile(r"```.*?```|`[^`]*`|^>.*$", re.DOTALL | re.MULTILINE)
_WORD: Final = re.compile(r"[^\W\d_]+")


def is_in(text: str, language: Language) -> bool:
    """Whether nothing speaks against it: code and quotations aside, no other language's small words are far more."""
    words = [word.lower() for word in _WORD.findall(_FENCE.sub(" ", text))]
    if len(words) < WORDS_MIN:
        return True
    counts = {name: sum(word in small for word in words) for name, small in _SMALL_WORDS.items()}
    return max(counts.values()) <= LEAD * max(counts[language], 1)
