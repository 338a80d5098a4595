"""What an operator's command works with: the checkout's folders, one stack of it, and where progress goes.

Progress is plain lines without cursor movement: the same in a terminal, a log file and a CI job.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TextIO

from components.machine import MachineFolders
from ops.errors import StackError

if TYPE_CHECKING:
    from components.configuration import StackKeys

Line = Callable[[str], None]
"""Takes one line of text."""


class Report(Protocol):
    """Takes one line of progress about a named thing; may be called from several threads."""

    def __call__(self, name: str, text: str) -> None:
        """Show `text` as news of `name`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Surroundings of a command.

    Attributes:
        folders: Where the checkout, Pulumi's state and the caches are.
        stack: Name of the stack.
        report: Takes progress.
        say: Takes results, line by line.
    """

    folders: MachineFolders
    stack: str
    report: Report
    say: Line

    @property
    def keys(self) -> "StackKeys":
        """The stack's configuration, as `stack_keys` returns it."""
        return stack_keys(self.folders, self.stack)

    def show(self, line: str) -> None:
        """Say a line of what another program prints, set off from our own."""
        self.say(f"    {line}")


def stack_keys(folders: MachineFolders, stack: str) -> "StackKeys":
    """Return a stack's configuration, each key as its file has it, or its default.

    Raises:
        StackError: The file cannot be used; the message lists every problem.
    """
    from components.configuration import ConfigurationError  # noqa: PLC0415 - loads pydantic: only where needed
    from components.stack_file import read_keys  # noqa: PLC0415 - as above

    try:
        return read_keys(folders.checkout, stack)
    except ConfigurationError as error:
        raise StackError(str(error)) from error


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
