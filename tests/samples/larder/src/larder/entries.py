"""What a cache keeps for a key: the value and its two times."""

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Entry:
    """A value with what decides how long it is good.

    Attributes:
        value: Whatever was put in.
        made: When it was put in.
        used: When it was last asked for; at first, when it was put in.
        weight: How much of the room it takes.
    """

    value: Any
    made: float
    used: float
    weight: float = 1.0

    def touched(self, now: float) -> "Entry":
        """Return the entry as one that was used just now; a clock that went back changes nothing."""
        return replace(self, used=max(now, self.used))

    def age(self, now: float) -> float:
        """Return how long ago it was made, never less than nothing."""
        return max(0.0, now - self.made)

    def idle(self, now: float) -> float:
        """Return how long ago it was last used, never less than nothing."""
        return max(0.0, now - self.used)


def one_each(_: Any) -> float:
    """Weigh every value alike: a room of a hundred is a hundred entries."""
    return 1.0
