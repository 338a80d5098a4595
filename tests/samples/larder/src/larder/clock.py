"""Where time comes from, so that a test can move it."""

import time
from typing import Protocol


class Clock(Protocol):
    """Tells the time in seconds; only differences between two times mean anything."""

    def now(self) -> float:
        """Return the time."""


class SystemClock:
    """The machine's monotonic clock: it never goes back, whatever is done to the date."""

    def now(self) -> float:
        """Return the time."""
        return time.monotonic()


class WallClock:
    """The machine's date, for entries that outlive the process: it may be set, so it may go back."""

    def now(self) -> float:
        """Return the time."""
        return time.time()


class ManualClock:
    """Stands still until it is moved."""

    def __init__(self, start: float = 0.0) -> None:
        self._now = start

    def now(self) -> float:
        """Return the time."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let time pass.

        Raises:
            ValueError: Time does not go back.
        """
        if seconds < 0:
            raise ValueError(f"time does not go back, and {seconds:g} would")
        self._now += seconds
