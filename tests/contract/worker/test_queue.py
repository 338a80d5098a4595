"""The rules of `worker.queue.Queue`, proved on every implementation."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

import pytest

from course.documents import Document, DocumentKind
from course.jobs import JobStatus
from tests.doubles.memory_queue import MemoryQueue
from tests.processes.backend import BackendProcess
from tests.processes.worker import Submissions
from worker.convex_queue import ConvexQueue
from worker.errors import CallRefusedError, JobCanceledError, KeyRefusedError, LeaseLostError, UnreachableError
from worker.functions import FunctionClient
from worker.queue import Beat, Claim, Held, JobId, Queue, Repository, WorkerId
from worker.secret import Secret
from worker.subscription import Subscription

URL = "https://git.example.com/owner/name.git"
LEASE_S = 1.5
FIRST, SECOND = WorkerId("worker:1"), WorkerId("worker:2")
DOCUMENT = Document(
    slug="chapters/chapter_0_a.md", title="A", kind=DocumentKind.CHAPTER, content="# A\n", chapter_index=0
)


class World(Protocol):
    """A queue and what a person does around it."""

    @property
    def queue(self) -> Queue: ...

    def submit(self, branch: str | None = None) -> JobId: ...
    def cancel(self, job_id: JobId) -> None: ...
    def delete(self, claim: Claim) -> None: ...
    def status(self, job_id: JobId) -> JobStatus: ...
    def attempts(self, job_id: JobId) -> int: ...
    def progress(self, job_id: JobId) -> tuple[str, int | None]: ...
    def slugs(self, job_id: JobId) -> list[str]: ...
    def log(self, job_id: JobId) -> list[str]: ...
    def error(self, job_id: JobId) -> str: ...


class MemoryWorld:
    def __init__(self) -> None:
        self.queue = MemoryQueue(lease_s=LEASE_S)

    def submit(self, branch: str | None = None) -> JobId:
        return self.queue.add(Repository(full_name="owner/name", url=URL, branch=branch))

    def cancel(self, job_id: JobId) -> None:
        self.queue.cancel(job_id)

    def delete(self, claim: Claim) -> None:
        self.queue.delete(claim.repository_id)

    def status(self, job_id: JobId) -> JobStatus:
        return self.queue.jobs[job_id].status

    def attempts(self, job_id: JobId) -> int:
        return self.queue.jobs[job_id].attempts

    def progress(self, job_id: JobId) -> tuple[str, int | None]:
        return self.queue.jobs[job_id].progress, self.queue.jobs[job_id].step

    def slugs(self, job_id: JobId) -> list[str]:
        return [document.slug for document in self.queue.jobs[job_id].documents]

    def log(self, job_id: JobId) -> list[str]:
        return [f"{level}: {message}" for level, message in self.queue.jobs[job_id].log]

    def error(self, job_id: JobId) -> str:
        return self.queue.jobs[job_id].error or ""


class ConvexWorld:
    def __init__(self, backend: BackendProcess, key_file: Path) -> None:
        self._people = Submissions(backend.url, backend.key)
        client = FunctionClient(backend.url, Secret(backend.key))
        self.queue = ConvexQueue(client, Subscription(backend.url, key_file, {}), lease_s=LEASE_S)
        self._submitted = 0

    def submit(self, branch: str | None = None) -> JobId:
        self._submitted += 1
        url = URL if self._submitted == 1 else URL.replace("name", f"name{self._submitted}")
        return JobId(self._people.submit(url, branch or ""))

    def cancel(self, job_id: JobId) -> None:
        self._people.cancel(job_id)

    def delete(self, claim: Claim) -> None:
        self._people.call("mutation", "repositories:delete", repositoryId=claim.repository_id)

    def status(self, job_id: JobId) -> JobStatus:
        return JobStatus(self._people.job(job_id)["status"])

    def attempts(self, job_id: JobId) -> int:
        return int(self._people.job(job_id)["attempts"])

    def progress(self, job_id: JobId) -> tuple[str, int | None]:
        job = self._people.job(job_id)
        return job["progress"], int(job["currentStep"]) or None

    def slugs(self, job_id: JobId) -> list[str]:
        return [document["slug"] for document in self._people.documents(job_id)]

    def log(self, job_id: JobId) -> list[str]:
        return self._people.log(job_id)

    def error(self, job_id: JobId) -> str:
        job = self._people.job(job_id)
        return str(job.get("error") or job.get("lastError") or "")


Scenario = Callable[[World], Awaitable[None]]
Play = Callable[[Scenario], None]


@pytest.fixture(params=["memory", "convex"])
def play(request: pytest.FixtureRequest, tmp_path: Path) -> Play:
    """Run a scenario in a fresh world."""
    backend: BackendProcess | None = request.getfixturevalue("backend") if request.param == "convex" else None
    key_file = tmp_path / "backend.key"

    async def run(scenario: Scenario) -> None:
        if backend is not None:
            key_file.write_text(backend.key)
        world = MemoryWorld() if backend is None else ConvexWorld(backend, key_file)
        try:
            await scenario(world)
        finally:
            await world.queue.close()

    return lambda scenario: asyncio.run(run(scenario))


async def claimed(world: World, worker_id: WorkerId = FIRST) -> Claim:
    claim = await world.queue.claim(worker_id)
    assert claim is not None
    return claim


def test_an_empty_queue_gives_no_job(play: Play) -> None:
    async def scenario(world: World) -> None:
        assert await world.queue.claim(FIRST) is None

    play(scenario)


def test_a_job_is_given_once_with_its_repository(play: Play) -> None:
    async def scenario(world: World) -> None:
        job_id = world.submit(branch="main")
        claim = await claimed(world)
        assert (claim.job_id, claim.worker_id, claim.attempts) == (job_id, FIRST, 0)
        assert claim.due_ms is not None
        assert await world.queue.claim(SECOND) is None
        repository = await world.queue.repository(claim.repository_id)
        assert repository is not None
        assert (repository.url, repository.branch) == (URL, "main")

    play(scenario)


def test_no_branch_means_the_default_branch(play: Play) -> None:
    async def scenario(world: World) -> None:
        world.submit()
        repository = await world.queue.repository((await claimed(world)).repository_id)
        assert repository is not None
        assert repository.branch is None

    play(scenario)


def test_jobs_are_given_in_the_order_they_became_due(play: Play) -> None:
    async def scenario(world: World) -> None:
        first, second = world.submit(), world.submit()
        assert [(await claimed(world)).job_id, (await claimed(world, SECOND)).job_id] == [first, second]

    play(scenario)


def test_a_heartbeat_stores_progress_and_keeps_the_job(play: Play) -> None:
    async def scenario(world: World) -> None:
        job_id = world.submit()
        claim = await claimed(world)
        beat = Beat(status=JobStatus.ANALYZING, progress="Step 2/6: x", step=2)
        for _ in range(4):
            await asyncio.sleep(LEASE_S / 3)
            await world.queue.heartbeat(claim, beat)
        assert world.progress(job_id) == ("Step 2/6: x", 2)
        assert world.status(job_id) == JobStatus.ANALYZING
        assert await world.queue.claim(SECOND) is None

    play(scenario)


def test_a_course_is_published_and_the_job_completed_and_both_may_be_repeated(play: Play) -> None:
    async def scenario(world: World) -> None:
        job_id = world.submit()
        claim = await claimed(world)
        for _ in range(2):
            assert await world.queue.publish(claim, [DOCUMENT]) == 1
        for _ in range(2):
            await world.queue.complete(claim, documents_count=1, commit="c0ffee")
        assert world.status(job_id) == JobStatus.COMPLETED
        assert world.slugs(job_id) == [DOCUMENT.slug]

    play(scenario)


def test_a_job_without_documents_is_never_completed(play: Play) -> None:
    async def scenario(world: World) -> None:
        job_id = world.submit()
        claim = await claimed(world)
        with pytest.raises(CallRefusedError):
            await world.queue.complete(claim, documents_count=0, commit="")
        assert world.status(job_id) == JobStatus.CLAIMED

    play(scenario)


def test_a_failure_spends_an_attempt_and_waits_before_the_next(play: Play) -> None:
    async def scenario(world: World) -> None:
        job_id = world.submit()
        assert await world.queue.retry_or_fail(await claimed(world), "the network failed") == JobStatus.PENDING
        assert (world.status(job_id), world.attempts(job_id)) == (JobStatus.PENDING, 1)
        assert world.error(job_id) == "the network failed"
        assert await world.queue.claim(SECOND) is None

    play(scenario)


def test_a_permanent_failure_ends_the_job_without_spending_attempts(play: Play) -> None:
    async def scenario(world: World) -> None:
        job_id = world.submit()
        await world.queue.fail(await claimed(world), "the repository is empty")
        assert (world.status(job_id), world.attempts(job_id)) == (JobStatus.FAILED, 0)
        assert world.error(job_id) == "the repository is empty"
        assert await world.queue.claim(SECOND) is None

    play(scenario)


def test_a_released_job_is_free_at_once_and_no_attempt_is_spent(play: Play) -> None:
    async def scenario(world: World) -> None:
        job_id = world.submit()
        await world.queue.release(await claimed(world), "stopping")
        claim = await claimed(world, SECOND)
        assert (claim.job_id, claim.attempts) == (job_id, 0)

    play(scenario)


def test_an_expired_lease_frees_the_job_and_fences_its_worker(play: Play) -> None:
    async def scenario(world: World) -> None:
        job_id = world.submit()
        stale = await claimed(world)
        fresh = await asyncio.wait_for(_until_claimed(world), 5)
        assert (fresh.job_id, fresh.attempts) == (job_id, 1)
        calls: list[Callable[[], Awaitable[object]]] = [
            lambda: world.queue.heartbeat(stale, Beat(status=JobStatus.RUNNING, progress="x")),
            lambda: world.queue.publish(stale, [DOCUMENT]),
            lambda: world.queue.complete(stale, documents_count=1, commit=""),
            lambda: world.queue.retry_or_fail(stale, "x"),
            lambda: world.queue.fail(stale, "x"),
            lambda: world.queue.release(stale, "x"),
        ]
        for call in calls:
            with pytest.raises(LeaseLostError):
                await call()
        assert world.slugs(job_id) == []

    play(scenario)


async def _until_claimed(world: World) -> Claim:
    while True:
        claim = await world.queue.claim(SECOND)
        if claim is not None:
            return claim
        await asyncio.sleep(0.05)


def test_a_canceled_job_takes_nothing_more(play: Play) -> None:
    async def scenario(world: World) -> None:
        job_id = world.submit()
        claim = await claimed(world)
        world.cancel(job_id)
        with pytest.raises(JobCanceledError):
            await world.queue.heartbeat(claim, Beat(status=JobStatus.RUNNING, progress="x"))
        with pytest.raises(JobCanceledError):
            await world.queue.publish(claim, [DOCUMENT])
        with pytest.raises(JobCanceledError):
            await world.queue.fail(claim, "too late")
        assert world.status(job_id) == JobStatus.CANCELED

    play(scenario)


def test_log_lines_keep_their_order(play: Play) -> None:
    async def scenario(world: World) -> None:
        job_id = world.submit()
        claim = await claimed(world)
        for number in range(5):
            await world.queue.log(claim, "info", f"line {number}")
        await world.queue.log(claim, "error", "last")
        assert world.log(job_id) == [*(f"info: line {number}" for number in range(5)), "error: last"]

    play(scenario)


def test_a_submission_wakes_who_waits(play: Play) -> None:
    async def scenario(world: World) -> None:
        for _ in range(2):
            waiting = asyncio.create_task(world.queue.wake())
            done, _ = await asyncio.wait([waiting], timeout=0.2)
            while done:  # what happened before counts as a change
                waiting = asyncio.create_task(world.queue.wake())
                done, _ = await asyncio.wait([waiting], timeout=0.5)
            world.submit()
            await asyncio.wait_for(waiting, 5)

    play(scenario)


def test_no_backend_and_a_wrong_key_are_told_apart(tmp_path: Path) -> None:
    backend = BackendProcess(tmp_path)
    backend.start()
    client = FunctionClient(backend.url, Secret("wrong"))
    arguments = {"workerId": FIRST, "leaseMs": 2000}
    with pytest.raises(KeyRefusedError):
        client.call("mutation", "queue:claimOne", arguments, timeout_s=5)
    backend.kill()
    with pytest.raises(UnreachableError):
        client.call("mutation", "queue:claimOne", arguments, timeout_s=5)


def test_what_was_deleted_is_told_and_a_claim_on_it_is_lost(play: Play) -> None:
    async def scenario(world: World) -> None:
        world.submit()
        first = await claimed(world)
        world.submit()
        second = await claimed(world, SECOND)
        held = Held(
            repositories=frozenset({first.repository_id, second.repository_id}),
            jobs=frozenset({first.job_id, second.job_id}),
        )
        assert not await world.queue.deleted(held)
        world.delete(first)
        gone = await world.queue.deleted(held)
        assert gone == Held(repositories=frozenset({first.repository_id}), jobs=frozenset({first.job_id}))
        with pytest.raises(LeaseLostError, match="deleted"):
            await world.queue.heartbeat(first, Beat(status=JobStatus.RUNNING, progress="on"))
        await world.queue.heartbeat(second, Beat(status=JobStatus.RUNNING, progress="on"))

    play(scenario)
