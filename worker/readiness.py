"""Why the worker is not ready, and when its loop last ran: shared between the loop and the health server's threads."""

import time
from collections.abc import Callable, Mapping
from typing import Final

_STALLED_AFTER_S: Final = 30.0


class Readiness:
    """Reasons against being ready, by topic; none means ready. Each operation is one step, so threads need no lock."""

    def __init__(self, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._reasons: dict[str, str] = {"start": "the worker is starting"}
        self._monotonic_s = monotonic_s
        self._beaten_s = monotonic_s()

    def block(self, topic: str, reason: str) -> None:
        """Set the reason of a topic."""
        self._reasons = {**self._reasons, topic: reason}

    def clear(self, topic: str) -> None:
        """Remove a topic."""
        self._reasons = {key: reason for key, reason in self._reasons.items() if key != topic}

    @property
    def reasons(self) -> Mapping[str, str]:
        """What stands against being ready."""
        return self._reasons

    def beat(self) -> None:
        """Note that the loop runs."""
        self._beaten_s = self._monotonic_s()

    @property
    def stalled_s(self) -> float | None:
        """For how long the loop has not run, once that is too long."""
        silence = self._monotonic_s() - self._beaten_s
        return silence if silence > _STALLED_AFTER_S else None
