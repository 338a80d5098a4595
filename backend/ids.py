"""Ids: 32 opaque characters, lower-case letters and digits, the first of which tells the table.

The first character lets a validator refuse another table's id, as Convex does.
"""

from random import Random
from typing import Final

_ALPHABET: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_LENGTH: Final = 32
_RANDOM_BITS: Final = 160
_TABLES: Final = {"u": "users", "r": "repositories", "j": "jobs", "d": "docs", "l": "jobLogs"}
_PREFIXES: Final = {table: prefix for prefix, table in _TABLES.items()}


def new_id(table: str, random: Random) -> str:
    """Return a fresh id of 160 random bits."""
    # One call to the random source: the system's costs a system call each time.
    number = random.getrandbits(_RANDOM_BITS)
    characters = [_PREFIXES[table]]
    for _ in range(_LENGTH - 1):
        number, digit = divmod(number, len(_ALPHABET))
        characters.append(_ALPHABET[digit])
    return "".join(characters)


def table_of(text: str) -> str | None:
    """Return the table that an id belongs to; None when the text is no id."""
    if len(text) != _LENGTH or any(character not in _ALPHABET for character in text):
        return None
    return _TABLES.get(text[0])
