"""What the daemon says during a build: steps become status lines, an error becomes one message with the last lines."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from pulumi_offline.docker_provider.daemon import explain
from pulumi_offline.docker_provider.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LAST_LINES = 20
_LINE_LENGTH = 300
_NOISE = ("---> ", "Removing intermediate container ")


class BuildOutput:
    """Takes the messages of one build in order."""

    def __init__(self, *, subject: str, status: Callable[[str], None]) -> None:
        self._subject = subject
        self._status = status
        self._last: deque[str] = deque(maxlen=_LAST_LINES)

    def take(self, message: Mapping[str, Any]) -> None:
        """Handle one message.

        Raises:
            BuildError: it is the daemon's error; the text has the last lines of output.
        """
        if "error" in message:
            raise BuildError(self._failure(str(message["error"])))
        for line in str(message.get("stream") or "").splitlines():
            text = line.strip()[:_LINE_LENGTH]
            if text and not text.startswith(_NOISE):
                self._last.append(text)
                self._status(text)

    def _failure(self, error: str) -> str:
        headline = explain(self._subject, error)
        return "\n".join([f"{headline}: last lines of the build:", *(f"  {line}" for line in self._last)])
