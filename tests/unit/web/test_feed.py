import asyncio
from collections.abc import AsyncIterator

from course.jobs import JobStatus
from course.rows import Job, JobId, job_from
from web.errors import BackendUnreachableError
from web.feed import JobFeed

ID = JobId("job1")


def job(step: int) -> Job:
    return job_from({"_id": ID, "repositoryId": "r", "status": "analyzing", "currentStep": step, "createdAt": 1.0})


class Rows:
    """A subscription that a test feeds."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[object] = asyncio.Queue()
        self.is_open = True

    async def __aiter__(self) -> AsyncIterator[object]:
        while (row := await self.queue.get()) is not None:
            yield row

    def unsubscribe(self) -> None:
        self.is_open = False


def parse(row: object) -> Job:
    assert isinstance(row, int)
    return job(row)


async def no_poll(_: JobId) -> Job | None:
    raise BackendUnreachableError("down")


def test_one_subscription_serves_every_reader_and_ends_with_the_last() -> None:
    async def scenario() -> None:
        rows: list[Rows] = []

        def subscribe(_: JobId) -> Rows:
            rows.append(Rows())
            return rows[-1]

        feed = JobFeed(subscribe=subscribe, parse=parse, poll=no_poll)
        first, second = feed.watch(ID), feed.watch(ID)
        waiting = [asyncio.ensure_future(anext(first)), asyncio.ensure_future(anext(second))]
        while not rows:
            await asyncio.sleep(0)
            await asyncio.sleep(0.001)
        rows[0].queue.put_nowait(1)
        assert [item.step for item in await asyncio.gather(*waiting) if item] == [1, 1]
        assert len(rows) == 1
        await first.aclose()
        assert rows[0].is_open
        await second.aclose()
        assert not rows[0].is_open
        assert feed.watched == 0

    asyncio.run(scenario())


def test_a_slow_reader_gets_the_latest_state() -> None:
    async def scenario() -> None:
        rows = Rows()
        feed = JobFeed(subscribe=lambda _: rows, parse=parse, poll=no_poll)
        watcher = feed.watch(ID)
        rows.queue.put_nowait(1)
        assert (await anext(watcher)) == job(1)
        for step in (2, 3, 4):
            rows.queue.put_nowait(step)
        await asyncio.sleep(0.01)
        assert (await anext(watcher)) == job(4)
        await watcher.aclose()

    asyncio.run(scenario())


def test_without_a_subscription_the_job_is_polled_and_subscribed_to_again() -> None:
    async def scenario() -> None:
        rows = Rows()
        tries = 0
        polls = 0

        def subscribe(_: JobId) -> Rows:
            nonlocal tries
            tries += 1
            if tries == 1:
                raise RuntimeError("connection refused")
            return rows

        async def poll(_: JobId) -> Job | None:
            nonlocal polls
            polls += 1
            return job(1)

        async def no_wait(_: float) -> None:
            await asyncio.sleep(0)

        feed = JobFeed(subscribe=subscribe, parse=parse, poll=poll, sleep=no_wait)
        watcher = feed.watch(ID)
        assert (await anext(watcher)) == job(1)
        rows.queue.put_nowait(5)
        assert (await anext(watcher)) == job(5)
        assert (tries, polls) == (2, 5)
        await watcher.aclose()

    asyncio.run(scenario())


def test_closing_the_feed_ends_every_watcher() -> None:
    async def scenario() -> None:
        feed = JobFeed(subscribe=lambda _: Rows(), parse=parse, poll=no_poll)

        async def count() -> int:
            return len([item async for item in feed.watch(ID)])

        task = asyncio.ensure_future(count())
        await asyncio.sleep(0.01)
        await feed.aclose()
        assert await task == 0

    asyncio.run(scenario())


def test_rows_of_an_older_deployment_are_understood() -> None:
    row = {"_id": "j", "repositoryId": "r", "status": "dead", "currentStep": 7.0, "lastError": "x", "createdAt": 1.0}
    made = job_from(row)
    assert (made.status, made.step, made.error, made.max_attempts, made.updated_at_ms) == (
        JobStatus.DEAD,
        6,
        "x",
        5,
        1.0,
    )
