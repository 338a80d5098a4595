"""The gate to other programs, with real ones."""

import asyncio
import os
import threading
from pathlib import Path

import pytest

from worker import processes
from worker.processes import Command, run


def test_a_cancellation_waits_for_the_clean_up_that_has_begun(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The program has ended by itself; what it may have left is looked for when the caller gives up."""
    looking, go_on = threading.Event(), threading.Event()

    def held(_: str) -> list[int]:
        looking.set()
        assert go_on.wait(10)
        return []

    monkeypatch.setattr(processes, "marked_processes", held)
    command = Command(argv=("true",), directory=tmp_path, environment={"PATH": os.environ["PATH"]})

    async def scenario() -> None:
        program = asyncio.create_task(run(command))
        assert await asyncio.to_thread(looking.wait, 10)
        for _ in range(2):
            program.cancel()
            await asyncio.wait([program], timeout=0.05)
            assert not program.done()
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await program

    try:
        asyncio.run(scenario())
    finally:
        go_on.set()
