"""Ids of rows: this backend's own, and those of Convex, which rows that came from a deployment keep.

Ours are 32 characters, lower-case letters and digits, the first of which tells the table. Convex's are its base32 of a
table's number (a variable-length integer), 16 bytes and a checksum of both (Fletcher's with 8-bit sums, the low byte
first), as its open source has them.
"""

import hashlib
from random import Random
from typing import Final

_ALPHABET: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_LENGTH: Final = 32
_RANDOM_BITS: Final = 160
_TABLES: Final = {"u": "users", "r": "repositories", "j": "jobs", "d": "docs", "l": "jobLogs"}
_PREFIXES: Final = {table: prefix for prefix, table in _TABLES.items()}

# Crockford's base32 in lower case, and the digits that int() reads.
_CROCKFORD: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_DIGITS: Final = _ALPHABET[:32]
_READ: Final = str.maketrans(_CROCKFORD, _DIGITS)
_INNER_BYTES: Final = 16
_SUM_BYTES: Final = 2
_VINT_BITS: Final = 7
_CONVEX_LENGTHS: Final = range(31, 38)


def new_id(table: str, random: Random, number: int | None = None) -> str:
    """Return a fresh id of ours, of 160 random bits; of Convex's form where the table has a number."""
    if number is not None:
        return convex_id(number, random.randbytes(_INNER_BYTES))
    # One call to the random source: the system's costs a system call each time.
    bits = random.getrandbits(_RANDOM_BITS)
    characters = [_PREFIXES[table]]
    for _ in range(_LENGTH - 1):
        bits, digit = divmod(bits, len(_ALPHABET))
        characters.append(_ALPHABET[digit])
    return "".join(characters)


def may_name(text: str, table: str) -> bool:
    """Whether a text can be the id of a row of a table; one of Convex's may be of any."""
    own = len(text) == _LENGTH and all(character in _ALPHABET for character in text)
    return (own and text[0] == _PREFIXES.get(table)) or table_number(text) is not None


def convex_id(number: int, inner: bytes) -> str:
    """Return an id of Convex's form from a table's number and 16 bytes."""
    data = bytearray()
    rest = number
    while rest >= 1 << _VINT_BITS:
        data.append(rest & 0x7F | 0x80)
        rest >>= _VINT_BITS
    data.append(rest)
    data += inner
    data += _checksum(data)
    missing = -len(data) * 8 % 5
    value = int.from_bytes(data, "big") << missing
    digits = [value >> shift & 31 for shift in range(len(data) * 8 + missing - 5, -1, -5)]
    return "".join(_CROCKFORD[digit] for digit in digits)


def table_number(text: str) -> int | None:
    """Return the number of the table that an id of Convex's form belongs to; None when the text is none."""
    if len(text) not in _CONVEX_LENGTHS or any(character not in _CROCKFORD for character in text):
        return None
    count, missing = divmod(len(text) * 5, 8)
    value = int(text.translate(_READ), 32)
    data = (value >> missing).to_bytes(count, "big")
    number = length = 0
    for place, byte in enumerate(data[: count - _INNER_BYTES - _SUM_BYTES]):
        number |= (byte & 0x7F) << (_VINT_BITS * place)
        length = place + 1
        if not byte & 0x80:
            break
    is_whole = length + _INNER_BYTES + _SUM_BYTES == count and value & ((1 << missing) - 1) == 0
    return number if number and is_whole and data[-_SUM_BYTES:] == _checksum(data[:-_SUM_BYTES]) else None


def derived_id(number: int, seed: str) -> str:
    """Return the id of Convex's form that a text always gives: for rows whose own id Convex would not take."""
    return convex_id(number, hashlib.blake2b(seed.encode(), digest_size=_INNER_BYTES).digest())


def _checksum(data: bytes | bytearray) -> bytes:
    first = second = 0
    for byte in data:
        first = first + byte & 0xFF
        second = second + first & 0xFF
    return bytes((first, second))
