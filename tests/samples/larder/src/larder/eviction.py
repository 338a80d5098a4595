"""Who goes when there is no room: policies that hear of keys and never see a value."""

from collections import Counter, OrderedDict
from typing import Protocol


class Policy(Protocol):
    """Knows the keys of a cache and names the one that is wanted least."""

    def added(self, key: str) -> None:
        """Hear of a key that came in; it was not known before."""

    def used(self, key: str) -> None:
        """Hear of a key that was asked for."""

    def removed(self, key: str) -> None:
        """Hear of a key that is gone, for whatever reason."""

    def victim(self) -> str:
        """Return the key that goes next.

        Raises:
            LookupError: There is none.
        """


class LeastRecent:
    """What was used longest ago goes first."""

    def __init__(self) -> None:
        self._order: OrderedDict[str, None] = OrderedDict()

    def added(self, key: str) -> None:
        """Hear of a key that came in: it counts as used just now."""
        self._order[key] = None

    def used(self, key: str) -> None:
        """Hear of a key that was asked for."""
        self._order.move_to_end(key)

    def removed(self, key: str) -> None:
        """Hear of a key that is gone."""
        self._order.pop(key, None)

    def victim(self) -> str:
        """Return the key that was used longest ago."""
        return _first(self._order)


class FirstIn:
    """What came first goes first, however often it was used since."""

    def __init__(self) -> None:
        self._order: OrderedDict[str, None] = OrderedDict()

    def added(self, key: str) -> None:
        """Hear of a key that came in."""
        self._order[key] = None

    def used(self, key: str) -> None:
        """Pay no heed to what is asked for."""

    def removed(self, key: str) -> None:
        """Hear of a key that is gone."""
        self._order.pop(key, None)

    def victim(self) -> str:
        """Return the key that came first."""
        return _first(self._order)


class LeastFrequent:
    """What was used fewest times goes first; of several, the one that came first.

    A key that was wanted all day yesterday and never again would stay for ever, so counts fade: after every `fade` uses all
    of them are halved.
    """

    def __init__(self, fade: int = 1_000) -> None:
        if fade < 1:
            raise ValueError(f"counts fade after one use or more, not after {fade}")
        self.fade = fade
        self._counts: Counter[str] = Counter()
        self._order: OrderedDict[str, None] = OrderedDict()
        self._uses = 0

    def added(self, key: str) -> None:
        """Hear of a key that came in: it was used once."""
        self._order[key] = None
        self._counts[key] = 1

    def used(self, key: str) -> None:
        """Hear of a key that was asked for."""
        self._counts[key] += 1
        self._uses += 1
        if self._uses >= self.fade:
            self._uses = 0
            for known in self._counts:
                self._counts[known] //= 2

    def removed(self, key: str) -> None:
        """Hear of a key that is gone."""
        self._order.pop(key, None)
        self._counts.pop(key, None)

    def victim(self) -> str:
        """Return the key that was used fewest times."""
        if not self._order:
            return _first(self._order)
        return min(self._order, key=lambda key: self._counts[key])


def _first(order: "OrderedDict[str, None]") -> str:
    for key in order:
        return key
    raise LookupError("there is nothing that could go")
