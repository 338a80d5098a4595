"""The cache: asks an expiry, a store and a policy, in the order that keeps them agreed."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from larder.clock import Clock, SystemClock
from larder.entries import Entry, one_each
from larder.errors import StoreError, TooLargeError, require_key
from larder.events import Event, Kind, Listener, Listeners
from larder.eviction import LeastRecent, Policy
from larder.expiry import Expiry, Never, is_over, part_left
from larder.stampede import Flights
from larder.stores import MemoryStore, Store, entries_of

SEPARATOR = ":"
_NOTHING = object()


class Cache:
    """Keeps values by their keys, for as long as they are good and there is room.

    Safe to use from several threads. What a listener or `make` does is done without the cache's lock.

    Args:
        room: How much all entries may weigh together.
        expiry: Says how long an entry is good; for ever, when it is left out.
        policy: Says what goes when there is no room; what was used longest ago, when it is left out.
        store: Where entries lie; in memory, when it is left out.
        weigh: Says how much a value weighs; every value weighs one, when it is left out.
        clock: Where time comes from.
        flights: How those who want the same value wait for each other.
    """

    def __init__(
        self,
        room: float,
        *,
        expiry: Expiry | None = None,
        policy: Policy | None = None,
        store: Store | None = None,
        weigh: Callable[[Any], float] = one_each,
        clock: Clock | None = None,
        flights: Flights | None = None,
    ) -> None:
        if not room > 0:
            raise ValueError(f"a cache has some room, not {room:g}")
        self.room = room
        self._expiry: Expiry = expiry or Never()
        self._policy: Policy = policy or LeastRecent()
        self._store: Store = store or MemoryStore()
        self._weigh = weigh
        self._clock: Clock = clock or SystemClock()
        self._flights = flights or Flights()
        self._listeners = Listeners()
        self._lock = threading.RLock()
        self._events: list[Event] = []
        self._taken = 0.0
        self._weights: dict[str, float] = {}
        self._take_in()

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of a key; the default, where there is none that is good."""
        require_key(key)
        with self._told():
            found = self._look(key)
        return default if found is _NOTHING else found

    def put(self, key: str, value: Any) -> None:
        """Keep a value, in the place of an earlier one of the key.

        Raises:
            BadKeyError: The key is no text, or empty.
            TooLargeError: The value is heavier than the whole room.
            StoreError: The store cannot write.
        """
        require_key(key)
        weight = float(self._weigh(value))
        if weight > self.room:
            raise TooLargeError(key, weight, self.room)
        with self._told():
            now = self._clock.now()
            # Written before anything goes: a store that cannot write costs no other entry.
            self._store.write(key, Entry(value=value, made=now, used=now, weight=weight))
            if key in self._weights:
                self._policy.removed(key)
            self._taken += weight - self._weights.get(key, 0.0)
            self._weights[key] = weight
            self._policy.added(key)
            self._tell(Kind.PUT, key)
            self._make_room(key)

    def fetch(self, key: str, make: Callable[[], Any], *, early: float = 0.0) -> Any:
        """Return the value of a key, made now where there is none that is good.

        Of all who ask for a key at the same time one makes the value; the others wait for it.

        Args:
            key: What the value is kept under.
            make: Makes the value; what it raises is raised here, and nothing is kept.
            early: Part of an entry's life, counted from its end, in which one who asks makes the value anew while all
                others get the old one.
        """
        found = self.get(key, _NOTHING)
        if found is not _NOTHING and not self._is_due(key, early):
            return found

        def made() -> Any:
            # Somebody may have landed between our look and our flight.
            known = self._peek(key)
            if known is not _NOTHING and found is _NOTHING:
                return known
            value = make()
            self.put(key, value)
            return value

        if found is not _NOTHING and self._flights.is_under_way(key):
            return found
        return self._flights.once(key, made)

    def remove(self, key: str) -> bool:
        """Take a key away; return whether it was there."""
        require_key(key)
        with self._told():
            if key not in self._weights:
                return False
            self._drop(key)
            self._tell(Kind.REMOVED, key)
            return True

    def clear(self, prefix: str = "") -> int:
        """Take away all keys that begin with a prefix; return how many there were."""
        return sum(self.remove(key) for key in self.keys() if key.startswith(prefix))

    def keys(self) -> list[str]:
        """Return the keys of all entries that are good, those that came in first coming first."""
        with self._told():
            self._sweep()
            return list(self._weights)

    def within(self, name: str) -> "Namespace":
        """Return a view of the cache in which every key begins with a name."""
        return Namespace(self, require_key(name) + SEPARATOR)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call a listener with everything that the cache does from now on; return what ends that."""
        return self._listeners.add(listener)

    @property
    def taken(self) -> float:
        """How much of the room is taken, by entries that are over as well."""
        return self._taken

    def __len__(self) -> int:
        """Return how many entries are good."""
        return len(self.keys())

    def __contains__(self, key: object) -> bool:
        """Return whether a key has a good value; that is no use of it."""
        return isinstance(key, str) and bool(key) and self._peek(key) is not _NOTHING

    def _take_in(self) -> None:
        """Know what a store holds from before; what is over, or finds no room, goes."""
        with self._told():
            for key, entry in entries_of(self._store):
                self._weights[key] = entry.weight
                self._taken += entry.weight
                self._policy.added(key)
            self._sweep()
            self._make_room("")

    def _look(self, key: str) -> Any:
        entry = self._good(key)
        if entry is None:
            self._tell(Kind.MISS, key)
            return _NOTHING
        with suppress(StoreError):  # reading never fails for what cannot be written
            self._store.write(key, entry.touched(self._clock.now()))
        self._policy.used(key)
        self._tell(Kind.HIT, key)
        return entry.value

    def _peek(self, key: str) -> Any:
        """Return the value of a key as nobody's use."""
        with self._told():
            entry = self._good(key)
            return _NOTHING if entry is None else entry.value

    def _good(self, key: str) -> Entry | None:
        """Return the entry of a key where it is good; one that is over goes now."""
        if key not in self._weights:
            return None
        entry = self._store.read(key)
        if entry is None:  # lost behind our back
            self._drop(key)
            return None
        if is_over(self._expiry, key, entry, self._clock.now()):
            self._drop(key)
            self._tell(Kind.EXPIRED, key)
            return None
        return entry

    def _is_due(self, key: str, early: float) -> bool:
        """Return whether an entry is in the last part of its life."""
        if early <= 0:
            return False
        with self._lock:
            entry = self._store.read(key)
            return entry is not None and part_left(self._expiry, key, entry, self._clock.now()) <= early

    def _sweep(self) -> None:
        for key in list(self._weights):
            self._good(key)

    def _make_room(self, newcomer: str) -> None:
        """Let go what the policy names until all fits; first what is over, since nobody will miss it."""
        if self._taken > self.room:
            self._sweep()
        while self._taken > self.room:
            victim = self._policy.victim()
            if victim == newcomer and len(self._weights) > 1:
                # A policy that names what just came in would make the cache keep nothing new; it is asked again after
                # the newcomer was used, and obeyed if it insists.
                self._policy.used(newcomer)
                victim = self._policy.victim()
            self._drop(victim)
            self._tell(Kind.EVICTED, victim)

    def _drop(self, key: str) -> None:
        self._taken -= self._weights.pop(key)
        self._policy.removed(key)
        self._store.remove(key)

    def _tell(self, kind: Kind, key: str) -> None:
        self._events.append(Event(kind=kind, key=key, at=self._clock.now()))

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Hold the lock for the block; tell what happened in it when the lock is free again."""
        with self._lock:
            yield
            events, self._events = self._events, []
        for event in events:
            self._listeners.tell(event)


class Namespace:
    """A view of a cache in which every key begins with a prefix."""

    def __init__(self, cache: Cache, prefix: str) -> None:
        self._cache = cache
        self._prefix = prefix

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of a key; the default, where there is none."""
        return self._cache.get(self._prefix + require_key(key), default)

    def put(self, key: str, value: Any) -> None:
        """Keep a value."""
        self._cache.put(self._prefix + require_key(key), value)

    def fetch(self, key: str, make: Callable[[], Any], *, early: float = 0.0) -> Any:
        """Return the value of a key, made now where there is none."""
        return self._cache.fetch(self._prefix + require_key(key), make, early=early)

    def remove(self, key: str) -> bool:
        """Take a key away; return whether it was there."""
        return self._cache.remove(self._prefix + require_key(key))

    def clear(self) -> int:
        """Take away every key of the view; return how many there were."""
        return self._cache.clear(self._prefix)

    def keys(self) -> list[str]:
        """Return the keys of the view, without the prefix."""
        return [key.removeprefix(self._prefix) for key in self._cache.keys() if key.startswith(self._prefix)]
