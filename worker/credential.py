"""Whether the model accepts the credential: what claiming waits for.

Asked by a probe, one prompt of a few words: at the start, when the credential's file has changed, and after a refusal.
The file is read at every look, so a new credential counts without a restart. Knows nothing of jobs; never keeps or
shows the credential.
"""

import asyncio
import datetime as dt
import hashlib
import logging
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from course.credential import EXPIRY_FILE
from worker.errors import CredentialError, RateLimitedError, WorkerError
from worker.metrics import Metrics
from worker.readiness import Readiness

TOPIC: Final = "credential"
_LOOK_S: Final = 1.0
_BACKOFF_FIRST_S: Final = 5.0
_BACKOFF_CAP_S: Final = 300.0
_LIMIT_CAP_S: Final = 6 * 3600.0
_READ_MAX_BYTES: Final = 16_384

_LOG: Final = logging.getLogger(__name__)

Probe = Callable[[], Awaitable[WorkerError | None]]
"""Asks the model a few words; returns what went wrong, or None."""


class Credential(Protocol):
    """What the worker asks of a credential."""

    async def pause_s(self) -> float:
        """Return 0 when jobs may be claimed, else the seconds after which to ask again."""

    def failed(self, error: CredentialError) -> None:
        """Note that a job was refused: claiming waits until a probe is accepted."""

    def worked(self) -> None:
        """Note that a job came to its course."""


class NoCredential:
    """For engines that need none: always good."""

    async def pause_s(self) -> float:
        """Return 0."""
        return 0.0

    def failed(self, error: CredentialError) -> None:
        """Do nothing: no engine that needs no credential is refused."""

    def worked(self) -> None:
        """Do nothing."""


@dataclass(slots=True, kw_only=True)
class WatchedCredential:
    """A credential in a file.

    Attributes:
        file: Holds the credential; `expires` beside it holds the first day on which it is no longer good.
    """

    file: Path
    probe: Probe
    metrics: Metrics
    readiness: Readiness
    monotonic_s: Callable[[], float] = time.monotonic
    _seen: str | None = field(default=None, init=False)
    _accepted: bool = field(default=False, init=False)
    _refusals: int = field(default=0, init=False)
    _due_s: float = field(default=0.0, init=False)

    async def pause_s(self) -> float:
        """Return 0 when the credential of this moment was accepted; probes it first when that is due."""
        mark = await asyncio.to_thread(fingerprint, self.file)
        if mark is None:
            self._seen, self._accepted = None, False
            self._block(f"there is no credential in {self.file}: run `bin/fondation auth login`")
            return _LOOK_S
        if mark != self._seen:
            self._seen, self._accepted, self._refusals, self._due_s = mark, False, 0, 0.0
        # At each look: the date is delivered beside the credential, not in the same instant.
        self.metrics.credential_expiry.set(await asyncio.to_thread(expiry_s, self.file.with_name(EXPIRY_FILE)))
        if self._accepted:
            return 0.0
        if (wait_s := self._due_s - self.monotonic_s()) > 0:
            return min(wait_s, _LOOK_S)
        problem = await self.probe()
        if problem is None:
            _LOG.info("the model accepts the credential")
            self._accepted = True
            self.metrics.credential_accepted.set(time.time())
            self.readiness.clear(TOPIC)
            return 0.0
        self._note(problem)
        return _LOOK_S

    def failed(self, error: CredentialError) -> None:
        """Stop claiming. The first refusal is probed at once: the job may have begun with the credential before."""
        self._note(error)
        if self._refusals == 1 and not isinstance(error, RateLimitedError):
            self._due_s = self.monotonic_s()

    def worked(self) -> None:
        """Forget earlier refusals."""
        self._refusals = 0

    def _note(self, problem: WorkerError) -> None:
        self._accepted = False
        if isinstance(problem, RateLimitedError):
            delay_s = min(problem.retry_after_s, _LIMIT_CAP_S)
        else:
            self._refusals += 1
            delay_s = min(_BACKOFF_FIRST_S * 2 ** (self._refusals - 1), _BACKOFF_CAP_S)
            if isinstance(problem, CredentialError):
                self.metrics.auth_failures.inc()
        self._due_s = self.monotonic_s() + delay_s
        self._block(f"{problem}; asked again in {delay_s:.0f} s, or as soon as the credential changes")

    def _block(self, reason: str) -> None:
        """Pause, and log a cause once, however long it lasts."""
        cause = reason.partition(";")[0]
        if self.readiness.reasons.get(TOPIC, "").partition(";")[0] != cause:
            _LOG.warning("no job is claimed: %s", reason)
        self.readiness.block(TOPIC, reason)


def fingerprint(file: Path) -> str | None:
    """Return what changes with a file's content; None when it is missing or empty, as while it is being replaced."""
    try:
        with file.open("rb") as stream:
            content = stream.read(_READ_MAX_BYTES).strip()
    except OSError:
        return None
    return hashlib.sha256(content).hexdigest() if content else None


def expiry_s(file: Path) -> float:
    """Return a day's beginning, UTC, in seconds since the epoch; NaN, which no alert takes for a day, without one."""
    try:
        day = dt.date.fromisoformat(file.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        return math.nan
    return dt.datetime.combine(day, dt.time(), dt.UTC).timestamp()
