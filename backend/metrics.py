"""The backend's metrics: what is in the queue, how large the database is, how much room its disk has.

A scrape cannot hurt the queue: it reads one snapshot beside the writer, at most one a second however many ask, and
gives up in time. No label carries a job, a repository or a user.
"""

import asyncio
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, Gauge, ProcessCollector, generate_latest

from backend.backups import folder_of, newest_s
from backend.errors import StorageError
from backend.settings import MEMORY
from backend.store import Clock, Store
from backend.transaction import Snapshot
from course.jobs import JobStatus

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
FRESH_S: Final = 1.0
_TIMEOUT_S: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueReading:
    """The queue at one moment.

    Attributes:
        jobs: Number of jobs by status, for every status.
        oldest_pending_s: For how many seconds the pending job that is due the longest has been due; 0 without one.
        dead_repositories: Repositories whose newest job is dead: nobody has tried again.
    """

    jobs: Mapping[JobStatus, int]
    oldest_pending_s: float
    dead_repositories: int


def read_queue(snapshot: Snapshot, *, now_ms: float) -> QueueReading:
    """Return the queue as a snapshot shows it; every statement is answered from an index."""
    counted = dict(snapshot.scalars("SELECT status, count(*) FROM jobs GROUP BY status", (), tag=""))
    ((due_ms,),) = snapshot.scalars(
        "SELECT min(runAt) FROM jobs WHERE status = 'pending' AND runAt <= ?", (now_ms,), tag=""
    )
    ((dead,),) = snapshot.scalars(
        "SELECT count(DISTINCT repositoryId) FROM jobs AS dead WHERE status = 'dead' AND NOT EXISTS"
        " (SELECT 1 FROM jobs AS later WHERE later.repositoryId = dead.repositoryId AND later.rowid > dead.rowid)",
        (),
        tag="",
    )
    return QueueReading(
        jobs={status: counted.get(status.value, 0) for status in JobStatus},
        oldest_pending_s=0.0 if due_ms is None else (now_ms - due_ms) / 1000,
        dead_repositories=dead,
    )


class Metrics:
    """Renders the metrics of one backend.

    Args:
        store: Where the queue is read from.
        database: The database's file, or ":memory:".
        clock: Milliseconds since 1970, as jobs have them.
        monotonic_s: Seconds, for the age of a reading.
    """

    def __init__(self, store: Store, database: str, *, clock: Clock, monotonic_s: Callable[[], float]) -> None:
        self._store = store
        self._database = None if database == MEMORY else Path(database)
        self._clock = clock
        self._monotonic_s = monotonic_s
        self._reading = asyncio.Lock()
        self._read_s = float("-inf")
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._jobs = Gauge("fondation_queue_jobs", "Jobs by status.", ["status"], registry=registry)
        self._oldest = Gauge(
            "fondation_queue_oldest_pending_age_seconds",
            "For how long the pending job that is due the longest has been due.",
            registry=registry,
        )
        self._dead = Gauge(
            "fondation_queue_dead_repositories", "Repositories whose newest job is dead.", registry=registry
        )
        if self._database is not None:
            self._size = Gauge(
                "fondation_database_size_bytes", "Database file with its write-ahead log.", registry=registry
            )
            self._free = Gauge("fondation_disk_free_bytes", "Free space of the database's disk.", registry=registry)
            self._backup = Gauge(
                "fondation_backup_timestamp_seconds",
                "When the newest backup was complete; 0 without one.",
                registry=registry,
            )
            self._disk = Gauge("fondation_disk_size_bytes", "Size of the database's disk.", registry=registry)

    async def render(self) -> bytes:
        """Return all metrics as Prometheus's text format.

        Raises:
            StorageError: The database does not answer.
        """
        async with self._reading:
            if self._monotonic_s() - self._read_s >= FRESH_S:
                await self._read()
                self._read_s = self._monotonic_s()
        return bytes(generate_latest(self._registry))

    async def _read(self) -> None:
        now_ms = self._clock()
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                reading = (await self._store.read(lambda snapshot, _ts: read_queue(snapshot, now_ms=now_ms))).value
        except TimeoutError as error:
            raise StorageError("the database does not answer: try again in a moment") from error
        for status, count in reading.jobs.items():
            self._jobs.labels(status.value).set(count)
        self._oldest.set(reading.oldest_pending_s)
        self._dead.set(reading.dead_repositories)
        if self._database is not None:
            files = (self._database, self._database.with_name(f"{self._database.name}-wal"))
            self._size.set(sum(file.stat().st_size for file in files if file.exists()))
            disk = shutil.disk_usage(self._database.parent)
            self._free.set(disk.free)
            self._disk.set(disk.total)
            self._backup.set(newest_s(folder_of(str(self._database))))
