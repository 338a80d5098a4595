"""The prompts of the package `prompts`, with what our code puts into them."""

import importlib.util
import re
from functools import lru_cache
from importlib import resources
from string import Template
from typing import Final

_MARKS: Final = re.compile(r"<<<|>>>|\[\[|\]\]")
_SPACED: Final = {"<<<": "< < <", ">>>": "> > >", "[[": "[ [", "]]": "] ]"}


def has_prompts() -> bool:
    """Whether the prompts are here: programs that only write statically come without."""
    return importlib.util.find_spec("prompts") is not None


@lru_cache
def template(name: str) -> Template:
    """The prompt of that name, as it stands in its file."""
    return Template(resources.files("prompts").joinpath(f"{name}.md").read_text(encoding="utf-8"))


def prompt(file: str, /, **values: object) -> str:
    """A prompt with its values; every name of the file must be given."""
    return template(file).substitute({key: str(value) for key, value in values.items()})


def harmless(text: str) -> str:
    """Text of a repository in which nothing reads as one of our marks."""
    return _MARKS.sub(lambda match: _SPACED[match[0]], text)
