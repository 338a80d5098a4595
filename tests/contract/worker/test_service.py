"""The whole worker in one process, on the queue in memory: what no real backend does on demand."""

# ruff: noqa: ARG002 - queues that misbehave keep the protocol's signatures

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from course.jobs import MAX_ATTEMPTS, JobStatus
from tests.doubles.memory_queue import MemoryQueue
from tests.processes.worker import MakeRepository
from worker.checkout import Checkout
from worker.credential import NoCredential, Probe, WatchedCredential
from worker.errors import (
    CallRefusedError,
    CredentialError,
    FunctionMissingError,
    LeaseLostError,
    UnfinishedDrainError,
    UnreachableError,
    WorkerError,
)
from worker.folders import Folders
from worker.lease import Lease
from worker.metrics import Metrics, Outcome
from worker.queue import Beat, Claim, Held, JobId, LogLevel, Repository, WorkerId
from worker.readiness import Readiness
from worker.runner import Runner
from worker.service import Service, StopSignals
from worker.settings import read_settings
from worker.watch import Bounds

FAKE_CLI = Path(__file__).with_name("fake_cli.py")


class OlderQueue(MemoryQueue):
    """A deployment without `queue:release`."""

    async def release(self, claim: Claim, reason: str) -> None:
        raise FunctionMissingError("queue:release: the deployment has no such function")


class LeavingQueue(MemoryQueue):
    """A backend that goes away for good once a job was claimed."""

    async def heartbeat(self, claim: Claim, beat: Beat) -> None:
        raise UnreachableError("queue:heartbeat: no answer")

    async def log(self, claim: Claim, level: LogLevel, message: str) -> None:
        raise UnreachableError("jobs:appendLog: no answer")

    async def release(self, claim: Claim, reason: str) -> None:
        raise UnreachableError("queue:release: no answer")


class SlowQueue(MemoryQueue):
    """A queue whose answer to a claim comes late."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()
        self.answer = asyncio.Event()
        self.claims = 0

    async def claim(self, worker_id: WorkerId) -> Claim | None:
        self.claims += 1
        self.asked.set()
        await self.answer.wait()
        return await super().claim(worker_id)


class RefusingQueue(MemoryQueue):
    """An older deployment that has given the job away: it refuses, without saying why."""

    def __init__(self) -> None:
        super().__init__()
        self.beats: list[Beat] = []
        self.refuse: Exception | None = None

    async def heartbeat(self, claim: Claim, beat: Beat) -> None:
        self.beats.append(beat)
        if self.refuse is not None:
            raise self.refuse


class World:
    """A service on a queue; `until` waits for a fact."""

    def __init__(
        self,
        folder: Path,
        repositories: Path,
        queue: MemoryQueue,
        *behaviour: str,
        probe: Probe | None = None,
        **settings: str,
    ) -> None:
        self.queue = queue
        self.stop = StopSignals()
        self.metrics = Metrics()
        self.readiness = Readiness()
        self.folders = Folders(folder / "data")
        cli = f'["{sys.executable}","{FAKE_CLI}",' + ",".join(f'"{part}"' for part in behaviour) + "]"
        values = read_settings(
            {
                "PATH": os.environ["PATH"],
                "CONVEX_URL": "http://127.0.0.1:9",
                "FONDATION_CLI": cli,
                "FONDATION_LOCAL_REPOSITORIES": str(repositories),
                **settings,
            },
        )
        credential = (
            NoCredential()
            if probe is None
            else WatchedCredential(file=folder / "token", probe=probe, metrics=self.metrics, readiness=self.readiness)
        )
        runner = Runner(
            queue=queue,
            checkout=Checkout(Bounds(max_bytes=1 << 24, max_files=1000), values.child_environment),
            folders=self.folders,
            settings=values,
            metrics=self.metrics,
            readiness=self.readiness,
            credential=credential,
        )
        self.service = Service(
            queue=queue,
            runner=runner,
            settings=values,
            metrics=self.metrics,
            readiness=self.readiness,
            credential=credential,
            stop=self.stop,
        )

    async def until(self, fact: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not fact():  # noqa: ASYNC110 - the fact is not an event
                await asyncio.sleep(0.01)

    def count(self, outcome: Outcome) -> float:
        return float(self.metrics.jobs.labels(outcome.value)._value.get())


Make = Callable[..., World]


@pytest.fixture
def world(tmp_path: Path, repositories: Path) -> Make:
    return lambda queue, *behaviour, **settings: World(tmp_path, repositories, queue, *behaviour, **settings)


def play(scenario: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        await scenario()

    asyncio.run(run())


def repository(url: str) -> Repository:
    return Repository(full_name="local/sums", url=url, branch=None)


def test_the_worker_runs_on_the_queue_in_memory(world: Make, make_repository: MakeRepository) -> None:
    async def scenario() -> None:
        queue = MemoryQueue()
        here = world(queue, "course")
        running = asyncio.create_task(here.service.run())
        job_id = queue.add(repository(make_repository()))
        await here.until(lambda: queue.jobs[job_id].status == JobStatus.COMPLETED)
        here.stop.ask()
        await running
        assert len(queue.jobs[job_id].documents) == 6
        assert queue.jobs[job_id].step == 6
        assert here.count(Outcome.COMPLETED) == 1

    play(scenario)


def test_a_refused_credential_hands_jobs_back_unspent_and_a_new_one_resumes(
    world: Make, make_repository: MakeRepository, tmp_path: Path
) -> None:
    accepted = tmp_path / "accepted"
    token = tmp_path / "token"
    token.write_text("first")

    async def probe() -> WorkerError | None:
        return None if token.read_text() == "first" or accepted.exists() else CredentialError("probe refused")

    async def scenario() -> None:
        queue = MemoryQueue()
        here = world(queue, "refused", str(accepted), probe=probe, FONDATION_POLL_S="0.05")
        jobs = [queue.add(repository(make_repository(name))) for name in ("one", "two")]
        running = asyncio.create_task(here.service.run())
        await here.until(lambda: here.count(Outcome.RELEASED) >= 1)
        token.write_text("revoked")
        await here.until(lambda: "probe refused" in here.readiness.reasons.get("credential", ""))
        released = here.count(Outcome.RELEASED)
        accepted.touch()
        token.write_text("second")
        await here.until(lambda: here.count(Outcome.COMPLETED) == 2)
        here.stop.ask()
        await running
        assert here.count(Outcome.RELEASED) == released < 5
        assert {queue.jobs[job].attempts for job in jobs} == {0}
        assert here.readiness.reasons.keys() == {"drain"}
        assert not list((tmp_path / "data" / "kept").iterdir())

    play(scenario)


def test_an_older_deployment_gets_the_job_back_at_the_price_of_an_attempt(
    world: Make, make_repository: MakeRepository
) -> None:
    async def scenario() -> None:
        queue = OlderQueue()
        here = world(queue, "slow", FONDATION_DRAIN_S="0")
        job_id = queue.add(repository(make_repository()))
        running = asyncio.create_task(here.service.run())
        await here.until(lambda: queue.jobs[job_id].step == 3)
        here.stop.ask()
        await running
        job = queue.jobs[job_id]
        assert (job.status, job.attempts) == (JobStatus.PENDING, 1)
        assert job.error == "handed back: the worker stopped before the job ended"

    play(scenario)


def test_a_job_that_cannot_be_handed_back_is_an_exit_code_of_its_own(
    world: Make, make_repository: MakeRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.runner._HAND_BACK_S", 0.5)

    async def scenario() -> None:
        queue = LeavingQueue()
        here = world(queue, "slow", FONDATION_DRAIN_S="0")
        queue.add(repository(make_repository()))
        running = asyncio.create_task(here.service.run())
        await here.until(lambda: any(path.is_dir() for path in here.folders.jobs_at_work()))
        here.stop.ask()
        with pytest.raises(UnfinishedDrainError, match="it is free again when its lease ends"):
            await running
        assert here.count(Outcome.ABANDONED) == 1

    play(scenario)


def test_a_job_claimed_while_the_stop_arrives_goes_straight_back(world: Make, make_repository: MakeRepository) -> None:
    async def scenario() -> None:
        queue = SlowQueue()
        here = world(queue, "slow", FONDATION_DRAIN_S="60")
        job_id = queue.add(repository(make_repository()))
        running = asyncio.create_task(here.service.run())
        await queue.asked.wait()
        here.stop.ask()
        queue.answer.set()
        await running
        job = queue.jobs[job_id]
        assert (job.status, job.attempts) == (JobStatus.PENDING, 0)
        assert queue.claims == 1

    play(scenario)


def test_a_poison_job_ends_dead_after_its_attempts_and_every_cause_is_logged(
    world: Make, make_repository: MakeRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("course.jobs.retry_delay_ms", lambda _attempt, *, jitter_ms: jitter_ms)

    async def scenario() -> None:
        queue = MemoryQueue()
        here = world(queue, "crash")
        job_id = queue.add(repository(make_repository()))
        running = asyncio.create_task(here.service.run())
        await here.until(lambda: queue.jobs[job_id].status == JobStatus.DEAD)
        here.stop.ask()
        await running
        job = queue.jobs[job_id]
        assert job.attempts == MAX_ATTEMPTS
        assert [line for line in job.log if line[0] == "error"] == [("error", "the CLI was ended by SIGSEGV")] * 5
        assert (here.count(Outcome.RETRIED), here.count(Outcome.DEAD)) == (4, 1)

    play(scenario)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def lease_on(queue: MemoryQueue, clock: Clock) -> Lease:
    job_id = queue.add(repository("https://git.example.com/a/b.git"))
    claim = await queue.claim(WorkerId("w:1"))
    assert claim is not None
    assert claim.job_id == JobId(job_id)
    return Lease(queue, claim, Readiness(), lease_s=30, heartbeat_s=0.01, monotonic_s=clock)


def test_refused_heartbeats_mean_a_lost_lease_only_after_a_whole_lease() -> None:
    async def scenario() -> None:
        queue, clock = RefusingQueue(), Clock()
        lease = await lease_on(queue, clock)
        keeping = asyncio.create_task(lease.keep())
        await asyncio.wait([keeping], timeout=0.05)
        queue.refuse = CallRefusedError("queue:heartbeat: Server Error")
        clock.now = 29
        await asyncio.wait([keeping], timeout=0.2)
        assert not keeping.done()
        clock.now = 61
        with pytest.raises(LeaseLostError, match="for a whole lease"):
            await asyncio.wait_for(keeping, 5)

    play(scenario)


def test_a_backend_that_does_not_answer_has_not_taken_the_job_away() -> None:
    async def scenario() -> None:
        queue, clock = RefusingQueue(), Clock()
        lease = await lease_on(queue, clock)
        queue.refuse = UnreachableError("queue:heartbeat: no answer")
        keeping = asyncio.create_task(lease.keep())
        await asyncio.wait([keeping], timeout=0.1)
        clock.now = 1000
        await asyncio.wait([keeping], timeout=0.2)
        assert not keeping.done()
        keeping.cancel()

    play(scenario)


def test_no_heartbeat_goes_out_beside_or_after_the_call_that_ends_the_job() -> None:
    async def scenario() -> None:
        queue = RefusingQueue()
        lease = await lease_on(queue, Clock())
        keeping = asyncio.create_task(lease.keep())
        await asyncio.sleep(0.05)

        async def end() -> int:
            before = len(queue.beats)
            lease.update(Beat(status=JobStatus.GATHERING, progress="x"))
            await asyncio.sleep(0.1)
            assert len(queue.beats) == before
            return before

        count = await lease.finish(end)
        await asyncio.wait_for(keeping, 5)
        assert len(queue.beats) == count > 0

    play(scenario)


def test_progress_goes_out_at_once_and_in_order() -> None:
    async def scenario() -> None:
        queue = RefusingQueue()
        queue.add(repository("https://git.example.com/a/b.git"))
        claim = await queue.claim(WorkerId("w:1"))
        assert claim is not None
        lease = Lease(queue, claim, Readiness(), lease_s=30, heartbeat_s=600)
        keeping = asyncio.create_task(lease.keep())
        for step in range(1, 7):
            lease.update(Beat(status=JobStatus.ANALYZING, progress=f"Step {step}/6", step=step))
            await asyncio.sleep(0.02)
        keeping.cancel()
        assert [beat.step for beat in queue.beats][-6:] == [1, 2, 3, 4, 5, 6]

    play(scenario)


def test_a_deleted_repository_is_forgotten_and_nothing_else(world: Make, make_repository: MakeRepository) -> None:
    async def scenario() -> None:
        queue = MemoryQueue()
        here = world(queue, "course")
        here.service = replace(here.service, forget_every_s=0.05)
        jobs = [queue.add(repository(make_repository(name))) for name in ("one", "two")]
        running = asyncio.create_task(here.service.run())
        await here.until(lambda: all(queue.jobs[job].status == JobStatus.COMPLETED for job in jobs))
        one, two = (queue.jobs[job].repository_id for job in jobs)
        await here.until(lambda: here.folders.held() == Held(repositories=frozenset({one, two})))
        queue.delete(one)
        await here.until(lambda: here.folders.held() == Held(repositories=frozenset({two})))
        here.stop.ask()
        await running

    play(scenario)
