"""The worker's side of the wake-up process: starts it, restarts it, turns its lines into wake-ups.

When the process cannot run, waiting simply lasts until the caller's own fallback.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from worker.processes import Command, Limits, run

_RESTART_FIRST_S: Final = 0.5
_RESTART_CAP_S: Final = 30.0

_LOG: Final = logging.getLogger(__name__)


class Subscription:
    """Wakes its caller whenever the subscribed query has a new value."""

    def __init__(self, url: str, key_file: Path | None, environment: Mapping[str, str]) -> None:
        arguments = [url] if key_file is None else [url, str(key_file)]
        self._command = Command(
            argv=(sys.executable, "-m", "worker.wakeup", *arguments),
            directory=Path(__file__).parent.parent,
            environment={**environment, "PYTHONPATH": os.pathsep.join(sys.path)},
            limits=Limits(memory_bytes=512 << 20, file_bytes=1 << 20),
        )
        self._changed = asyncio.Event()
        self._task = asyncio.create_task(self._keep())

    async def wake(self) -> None:
        """Return at the next change, or at once when one came since the last return."""
        await self._changed.wait()
        self._changed.clear()

    async def close(self) -> None:
        """End the process."""
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _keep(self) -> None:
        delay = _RESTART_FIRST_S
        loop = asyncio.get_running_loop()
        while True:
            started = loop.time()
            finished = await run(self._command, on_line=self._on_line)
            lasted = loop.time() - started
            delay = _RESTART_FIRST_S if lasted > _RESTART_CAP_S else min(delay * 2, _RESTART_CAP_S)
            cause = finished.stderr_tail.strip().splitlines()[-1:]
            _LOG.warning(
                "the subscription ended with code %s (%s); polling, and subscribing again in %.1f s",
                finished.code,
                " ".join(cause),
                delay,
            )
            await asyncio.sleep(delay)

    def _on_line(self, line: str) -> None:
        if line == "change":
            self._changed.set()
