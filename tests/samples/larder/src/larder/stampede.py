"""One goes, the others wait: how a value that takes long is fetched once, however many ask for it."""

import threading
from collections.abc import Callable
from typing import Any


class Flight:
    """One way to a value, with those who wait for it."""

    def __init__(self) -> None:
        self._landed = threading.Event()
        self._value: Any = None
        self._error: BaseException | None = None

    def land(self, value: Any) -> None:
        """Give the value to everybody who waits."""
        self._value = value
        self._landed.set()

    def crash(self, error: BaseException) -> None:
        """Give the error to everybody who waits."""
        self._error = error
        self._landed.set()

    def wait(self, patience: float | None) -> bool:
        """Wait for the end, at most so many seconds; return whether it came."""
        return self._landed.wait(patience)

    def result(self) -> Any:
        """Return the value, or raise the error; only after the end."""
        if self._error is not None:
            raise self._error
        return self._value


class Flights:
    """The flights that are under way, at most one for each key.

    Args:
        patience: How many seconds one waits for another before it goes itself; None waits for ever.
    """

    def __init__(self, patience: float | None = 30.0) -> None:
        self.patience = patience
        self._lock = threading.Lock()
        self._under_way: dict[str, Flight] = {}

    def once(self, key: str, make: Callable[[], Any]) -> Any:
        """Return what `make` gives, called by one of all who ask for the key at the same time.

        Raises:
            Exception: Whatever `make` raised, for everybody who waited as well.
        """
        flight, is_ours = self._join(key)
        if is_ours:
            return self._fly(key, flight, make)
        if flight.wait(self.patience):
            return flight.result()
        # Better two calls than a request that hangs because another one does.
        return make()

    def is_under_way(self, key: str) -> bool:
        """Return whether somebody is on the way for a key."""
        with self._lock:
            return key in self._under_way

    def _join(self, key: str) -> tuple[Flight, bool]:
        with self._lock:
            flight = self._under_way.get(key)
            if flight is not None:
                return flight, False
            flight = self._under_way[key] = Flight()
            return flight, True

    def _fly(self, key: str, flight: Flight, make: Callable[[], Any]) -> Any:
        try:
            value = make()
        except BaseException as error:
            flight.crash(error)
            raise
        else:
            flight.land(value)
            return value
        finally:
            # After the end is told: who comes now begins anew and does not join a flight that is over.
            with self._lock:
                del self._under_way[key]
