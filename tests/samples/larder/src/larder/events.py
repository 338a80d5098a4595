"""What a cache tells of itself, and a listener that counts."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What happened."""

    HIT = "hit"
    MISS = "miss"
    PUT = "put"
    EXPIRED = "expired"
    EVICTED = "evicted"
    REMOVED = "removed"


@dataclass(frozen=True)
class Event:
    """Something that a cache has done, to a key, at a time of its clock."""

    kind: Kind
    key: str
    at: float


Listener = Callable[[Event], None]


class Listeners:
    """Calls everybody who listens; one that raises disturbs neither the cache nor the others."""

    def __init__(self) -> None:
        self._known: list[Listener] = []
        self.failures = 0

    def add(self, listener: Listener) -> Callable[[], None]:
        """Call a listener from now on; return what ends that."""
        self._known.append(listener)

        def end() -> None:
            if listener in self._known:
                self._known.remove(listener)

        return end

    def tell(self, event: Event) -> None:
        """Call everybody with an event."""
        for listener in list(self._known):
            try:
                listener(event)
            except Exception:
                self.failures += 1


class Statistics:
    """A listener that counts events."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Kind] = Counter()

    def __call__(self, event: Event) -> None:
        """Count an event."""
        with self._lock:
            self._counts[event.kind] += 1

    def count(self, kind: Kind) -> int:
        """Return how often something happened."""
        return self._counts[kind]

    @property
    def hits(self) -> int:
        """How often a value was there."""
        return self.count(Kind.HIT)

    @property
    def misses(self) -> int:
        """How often there was none, an entry that was over among them."""
        return self.count(Kind.MISS)

    @property
    def hit_rate(self) -> float:
        """Which part of all questions found a value; 0 before the first question."""
        asked = self.hits + self.misses
        return self.hits / asked if asked else 0.0

    def reset(self) -> None:
        """Begin to count anew."""
        with self._lock:
            self._counts.clear()
