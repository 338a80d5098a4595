"""Asks the model a few words through the CLI: the cheapest proof that a credential works. Decides nothing about it."""

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from worker.cli import cli_environment, cli_failure, probe_argv
from worker.errors import TryAgainError, WorkerError
from worker.processes import Command, run
from worker.progress import Complaint, parse_line
from worker.settings import Settings

TIMEOUT_S: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelProbe:
    """One prompt to the configured model."""

    settings: Settings

    async def __call__(self) -> WorkerError | None:
        """Return what went wrong, or None; raises nothing but what ends the worker."""
        complaints: list[Complaint] = []

        def listen(line: str) -> None:
            match parse_line(line):
                case Complaint() as complaint:
                    complaints.append(complaint)

        with tempfile.TemporaryDirectory(prefix="probe-", dir=self.settings.data_dir) as folder:
            try:
                async with asyncio.timeout(TIMEOUT_S):
                    finished = await run(self._command(Path(folder)), on_line=listen)
            except TimeoutError:
                return TryAgainError(f"the model did not answer within {TIMEOUT_S:.0f} s")
        if finished.code == 0:
            return None
        return cli_failure(finished, complaints[-1] if complaints else None)

    def _command(self, folder: Path) -> Command:
        temporary = folder / "tmp"
        temporary.mkdir()
        environment = cli_environment(self.settings.child_environment, home=folder, temporary=temporary)
        return Command(
            argv=probe_argv(self.settings.cli),
            directory=folder,
            environment={**environment, **self.settings.model_environment},
        )
