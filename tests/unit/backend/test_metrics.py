"""The backend's metrics: true figures, readable by whoever may read, and harmless."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random

import httpx
import pytest

from backend.app import create_app
from backend.database import open_database
from backend.errors import StorageError
from backend.metrics import Metrics, QueueReading, read_queue
from backend.settings import Key, Settings
from backend.store import Store
from backend.transaction import Snapshot
from course.jobs import JobStatus
from tests.unit.backend.conftest import Deployment, Server

KEY = "the-backend-key"


def reading(deployment: Deployment) -> QueueReading:
    return read_queue(Snapshot(deployment.connection), now_ms=deployment.now)


def kill(deployment: Deployment, job_id: str, worker: str) -> None:
    """Fail a claimed job as often as it may."""
    while deployment.row(job_id)["status"] != JobStatus.DEAD:
        deployment.mutate("queue:retryOrFail", jobId=job_id, workerId=worker, error="no")
        if deployment.row(job_id)["status"] == JobStatus.PENDING:
            deployment.now += 700_000
            assert deployment.mutate("queue:claimOne", workerId=worker)["id"] == job_id


def test_an_empty_queue_has_every_status_at_zero(deployment: Deployment) -> None:
    assert reading(deployment) == QueueReading(
        jobs=dict.fromkeys(JobStatus, 0), oldest_pending_s=0.0, dead_repositories=0
    )


def test_jobs_are_counted_and_the_longest_wait_is_from_the_time_a_job_was_due(deployment: Deployment) -> None:
    deployment.claimed(name="alpha")
    deployment.job("beta")
    deployment.now += 40_000
    deployment.job("gamma")
    deployment.now += 2_000
    found = reading(deployment)
    assert (found.jobs[JobStatus.PENDING], found.jobs[JobStatus.CLAIMED]) == (2, 1)
    assert found.oldest_pending_s == 42.0


def test_a_job_that_waits_for_its_next_try_is_not_late(deployment: Deployment) -> None:
    job_id = deployment.claimed()
    deployment.mutate("queue:retryOrFail", jobId=job_id, workerId="w:1", error="no")
    assert reading(deployment).oldest_pending_s == 0.0
    deployment.now += 60_000
    assert reading(deployment).oldest_pending_s > 40


def test_a_dead_job_counts_until_its_repository_has_a_newer_one(deployment: Deployment) -> None:
    kill(deployment, deployment.claimed(name="alpha"), "w:1")
    kill(deployment, deployment.claimed("w:2", name="beta"), "w:2")
    assert reading(deployment).dead_repositories == 2
    deployment.job("alpha")
    found = reading(deployment)
    assert (found.dead_repositories, found.jobs[JobStatus.DEAD]) == (1, 2)


@pytest.fixture(scope="module", params=[False, True], ids=["closed", "open"])
def open_reads(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, *, open_reads: bool) -> Iterator[httpx.Client]:
    file = tmp_path_factory.mktemp("metrics") / "backend.sqlite3"
    with Server(create_app(Settings(key=Key(KEY), database=str(file), open_reads=open_reads))) as server:
        yield server.http


def test_whoever_may_read_may_have_them(client: httpx.Client, *, open_reads: bool) -> None:
    assert client.get("/metrics").status_code == (200 if open_reads else 401)
    assert client.get("/metrics", headers={"Authorization": "Convex wrong-key"}).status_code == 401
    answer = client.get("/metrics", headers={"Authorization": f"Convex {KEY}"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = answer.text.splitlines()
    for name in ("fondation_database_size_bytes", "fondation_disk_free_bytes", "fondation_disk_size_bytes"):
        assert any(line.startswith(f"{name} ") and float(line.split()[1]) > 0 for line in lines), name
    assert KEY not in answer.text


class SlowStore(Store):
    """Counts reads; answers the first ones only when it is let."""

    reads = 0
    gate = threading.Event()

    def read(self, call):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201 - as the base class
        self.reads += 1

        def gated(snapshot, ts):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - as the base class
            self.gate.wait()
            return call(snapshot, ts)

        return super().read(gated)


def test_many_scrapes_at_once_are_one_reading_and_a_silent_database_is_an_error_in_time(tmp_path: Path) -> None:
    async def scrape() -> tuple[int, int]:
        file = str(tmp_path / "backend.sqlite3")
        store = SlowStore(open_database(file, now=0), clock=lambda: 0, random=Random(1))  # noqa: S311 - no secret
        store.start(lambda _ts, _touched: None)
        now = [0.0]
        metrics = Metrics(store, file, clock=lambda: 0, monotonic_s=lambda: now[0])
        try:
            with pytest.raises(StorageError, match="does not answer"):
                await metrics.render()
            store.gate.set()
            store.reads = 0
            await asyncio.gather(*(metrics.render() for _ in range(50)))
            together = store.reads
            now[0] += 1
            await metrics.render()
            return together, store.reads
        finally:
            store.gate.set()
            await store.stop()

    assert asyncio.run(scrape()) == (1, 2)
