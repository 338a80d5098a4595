"""Lines for the reader of a job, sent to the queue in order and without holding the job up."""

import asyncio
import logging
from typing import Final

from course.redaction import bounded
from worker.errors import BackendError, StopError
from worker.queue import Claim, LogLevel, Queue

_LINE_MAX: Final = 1000
_LINES_MAX: Final = 200
_FLUSH_S: Final = 3.0

_LOG: Final = logging.getLogger(__name__)


class JobLog:
    """Writes to the worker's own log at once and to `jobs:appendLog` behind it.

    A line that the backend does not take is lost there, never the job. At most 200 lines go out per run.
    """

    def __init__(self, queue: Queue, claim: Claim) -> None:
        self._queue = queue
        self._claim = claim
        self._lines: asyncio.Queue[tuple[LogLevel, str]] = asyncio.Queue()
        self._accepted = 0
        self._task = asyncio.create_task(self._send())

    def info(self, message: str) -> None:
        """Add a line about the normal course of things."""
        self._add("info", message)

    def error(self, message: str) -> None:
        """Add a line about something that went wrong."""
        self._add("error", message)

    async def flush(self) -> None:
        """Send what is left, for a short while: who sees the job's end should see its whole log."""
        sending = asyncio.create_task(self._lines.join())
        await asyncio.wait([sending], timeout=_FLUSH_S)
        sending.cancel()

    async def close(self) -> None:
        """Send what is left, for a short while, and stop."""
        await self.flush()
        self._task.cancel()

    def _add(self, level: LogLevel, message: str) -> None:
        line = bounded(message, max_characters=_LINE_MAX)
        _LOG.log(
            logging.ERROR if level == "error" else logging.INFO,
            "%s",
            line,
            extra={"job": self._claim.job_id, "run": self._claim.worker_id},
        )
        self._accepted += 1
        if self._accepted < _LINES_MAX:
            self._lines.put_nowait((level, line))
        elif self._accepted == _LINES_MAX:
            self._lines.put_nowait(("error", "further lines of this run are in the worker's own log"))

    async def _send(self) -> None:
        while True:
            entry = await self._lines.get()
            try:
                await self._queue.log(self._claim, *entry)
            except (BackendError, StopError) as error:
                _LOG.debug("a line of the job's log was not stored: %s", error)
            finally:
                self._lines.task_done()
