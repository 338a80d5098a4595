"""Progress that people can follow: one line per event, with the seconds since the command began.

Plain lines, no cursor movement: the same in a terminal, a log file and a CI job.
"""

import threading
from collections.abc import Callable
from typing import Protocol, TextIO


class Report(Protocol):
    """Takes one line of progress about a named thing; may be called from several threads."""

    def __call__(self, name: str, text: str) -> None:
        """Show `text` as news of `name`."""


class LineReport:
    """Writes `  12.3 s  name: text` to a stream."""

    def __init__(self, stream: TextIO, clock: Callable[[], float]) -> None:
        self._stream = stream
        self._clock = clock
        self._began = clock()
        self._lock = threading.Lock()

    def __call__(self, name: str, text: str) -> None:
        """Write one line at once."""
        elapsed_s = self._clock() - self._began
        with self._lock:
            self._stream.write(f"{elapsed_s:7.1f} s  {name}: {text}\n")
            self._stream.flush()
