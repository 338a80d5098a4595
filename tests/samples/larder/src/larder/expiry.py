"""How long an entry is good: decided from its two times, never by waiting."""

import hashlib
import math
from typing import Protocol

from larder.entries import Entry

NEVER_ENDS = math.inf


class Expiry(Protocol):
    """Says up to when an entry is good."""

    def ends(self, key: str, entry: Entry) -> float:
        """Return the first moment at which the entry is over; `NEVER_ENDS` where there is none."""


class Never:
    """Entries are good for ever: only the lack of room ends one."""

    def ends(self, key: str, entry: Entry) -> float:
        """Return the first moment at which the entry is over."""
        return NEVER_ENDS


class After:
    """Entries are good for some time after they were made, used or not."""

    def __init__(self, seconds: float) -> None:
        self.seconds = _positive(seconds)

    def ends(self, key: str, entry: Entry) -> float:
        """Return the first moment at which the entry is over."""
        return entry.made + self.seconds


class Unused:
    """Entries are good for some time after they were last used; each use begins the time anew."""

    def __init__(self, seconds: float) -> None:
        self.seconds = _positive(seconds)

    def ends(self, key: str, entry: Entry) -> float:
        """Return the first moment at which the entry is over."""
        return entry.used + self.seconds


class Either:
    """Entries are over as soon as one of several expiries says so."""

    def __init__(self, *expiries: Expiry) -> None:
        if not expiries:
            raise ValueError("Either needs at least one expiry")
        self.expiries = expiries

    def ends(self, key: str, entry: Entry) -> float:
        """Return the first moment at which the entry is over."""
        return min(expiry.ends(key, entry) for expiry in self.expiries)


class Spread:
    """Ends entries of one moment one after the other: each key loses a part of its time, always the same part.

    Args:
        expiry: Says how long an entry would be good.
        share: The most that a key loses, as a share of its time, from 0 to 1.
    """

    def __init__(self, expiry: Expiry, share: float = 0.1) -> None:
        if not 0 <= share <= 1:
            raise ValueError(f"a share is from 0 to 1, not {share:g}")
        self.expiry = expiry
        self.share = share

    def ends(self, key: str, entry: Entry) -> float:
        """Return the first moment at which the entry is over, never later than the expiry says."""
        latest = self.expiry.ends(key, entry)
        if latest == NEVER_ENDS:
            return latest
        return latest - (latest - entry.made) * self.share * place_of(key)


def place_of(key: str) -> float:
    """Return a number from 0 up to 1 that is always the same for a key, and evenly spread over many keys.

    Not Python's own hash: that is another one in each process.
    """
    digest = hashlib.blake2b(key.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def is_over(expiry: Expiry, key: str, entry: Entry, now: float) -> bool:
    """Return whether an entry is no longer good; the moment at which it ends is too late."""
    return now >= expiry.ends(key, entry)


def part_left(expiry: Expiry, key: str, entry: Entry, now: float) -> float:
    """Return which part of an entry's life is left, from 1 when it was made to 0 when it is over."""
    ends = expiry.ends(key, entry)
    if ends == NEVER_ENDS:
        return 1.0
    life = ends - entry.made
    return max(0.0, (ends - now) / life) if life > 0 else 0.0


def _positive(seconds: float) -> float:
    if not seconds > 0:
        raise ValueError(f"an entry is good for more than no time, not for {seconds:g} seconds")
    return seconds
