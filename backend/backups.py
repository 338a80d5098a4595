"""Backups on a schedule: archives of the data in a folder beside the database, the newest few.

`python -m backend.backups` lists them, a JSON object a line, the newest first.
"""

import asyncio
import contextlib
import json
import logging
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from backend.settings import MEMORY, database_in

FOLDER: Final = "backups"
SUFFIX: Final = ".zip"
PARTIAL: Final = ".part"
LOOK_S: Final = 60.0
RETRY_S: Final = 3_600.0
_LOW_PRIORITY: Final = 10
_TIME: Final = "%Y-%m-%dT%H-%M-%SZ"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How often a backup is made, and how many of them stay."""

    every_s: float
    kept: int


def folder_of(database: str) -> Path:
    """Return the folder of a database's backups; it may not be there."""
    return Path(database).parent / FOLDER


def backups_in(folder: Path) -> list[Path]:
    """Return the backups, the newest first; their names are the times at which they were begun."""
    return sorted(folder.glob(f"*{SUFFIX}"), reverse=True)


def newest_s(folder: Path) -> float:
    """Return when the newest backup was complete, in seconds since 1970; 0 without one."""
    found = backups_in(folder)
    return found[0].stat().st_mtime if found else 0.0


async def back_up(database: str, *, kept: int, now_s: float) -> Path:
    """Make a backup in a process of its own, which leaves this one's time alone, and remove those that are too many.

    Raises:
        OSError: It could not be made; what was there before still is.
    """
    folder = folder_of(database)
    folder.mkdir(mode=0o700, exist_ok=True)
    for left in folder.glob(f"*{PARTIAL}"):
        left.unlink()
    target = folder / f"{time.strftime(_TIME, time.gmtime(now_s))}{SUFFIX}"
    partial = target.with_suffix(PARTIAL)
    command = [sys.executable, "-m", "backend.archive", "export", str(partial)]
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "FONDATION_DATABASE": database},
    )
    with contextlib.suppress(ProcessLookupError):
        os.setpriority(os.PRIO_PROCESS, process.pid, _LOW_PRIORITY)
    try:
        _, said = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode != 0:
        partial.unlink(missing_ok=True)
        raise OSError(f"the export ended with {process.returncode}: {said.decode(errors='replace').strip()[-500:]}")
    partial.replace(target)
    for older in backups_in(folder)[kept:]:
        older.unlink()
    return target


async def keep_backing_up(database: str, schedule: Schedule, *, now_s: Callable[[], float] = time.time) -> None:
    """Make a backup whenever the newest is older than the schedule says, until cancelled."""
    if database == MEMORY:
        return
    while True:
        pause_s = LOOK_S
        try:
            if now_s() - newest_s(folder_of(database)) >= schedule.every_s:
                made = await back_up(database, kept=schedule.kept, now_s=now_s())
                log.info("backup %s, %d bytes", made.name, made.stat().st_size)
        except OSError as error:
            pause_s = RETRY_S
            log.error("no backup could be made, the next try is in an hour: %s", error)  # noqa: TRY400 - said in words
        await asyncio.sleep(pause_s)


def main() -> int:
    """List the backups."""
    folder = folder_of(database_in(os.environ))
    for backup in backups_in(folder):
        with contextlib.suppress(FileNotFoundError):  # the schedule removed it meanwhile
            found = backup.stat()
            line = {"name": backup.name, "bytes": found.st_size, "completedAt": found.st_mtime}
            sys.stdout.write(json.dumps(line) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
