"""Untrusted text in Markdown: file names, configuration values and messages can hold anything.

Everything of that kind is shown as code. Plain words stand between backticks; the rest becomes a `<code>` element in
which every character that Markdown, HTML or a forge's links could read is a numeric entity.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from ops.preview.values import bounded

_PLAIN: Final = re.compile(r"[A-Za-z0-9_./:=,+()-]+(?: [A-Za-z0-9_./:=,+()-]+)*")
_SAFE: Final = re.compile(r"[A-Za-z0-9 ]")
_PUNCTUATION: Final = frozenset(" .,;:()'-/")
# Control and format characters (among them those that turn the direction of text), separators, surrogates, unassigned.
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})


def code(text: str, *, most: int = 120) -> str:
    """Return a text as inline code, at most `most` characters of it."""
    if not text:
        return "*empty*"
    cut = bounded(text, most=most)
    if _PLAIN.fullmatch(cut):
        return f"`{cut}`"
    return f"<code>{''.join(_entity(character) for character in cut)}</code>"


def prose(sentence: str) -> str:
    """Return a sentence of ours with names of others in it: text in which nothing is Markdown or HTML."""
    return "".join(
        character if character.isalnum() or character in _PUNCTUATION else _entity(character)
        for character in " ".join(sentence.split())
    )


def block(text: str, *, most: int = 4000) -> str:
    """Return a text as a block of code that nothing in it can end."""
    cut = bounded(text, most=most)
    lines = ["".join(_visible(character) for character in line) for line in cut.splitlines()]
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([fence, *lines, fence])


@lru_cache(maxsize=1024)
def _entity(character: str) -> str:
    if _SAFE.fullmatch(character):
        return character
    shown = _visible(character)
    return f"&#{ord(character)};" if shown == character else shown


def _visible(character: str) -> str:
    return f"U+{ord(character):04X}" if unicodedata.category(character) in _INVISIBLE else character
