"""The fake and the real backend keep the same promises."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from course.documents import Document
from course.jobs import JobStatus
from course.repository import UrlPolicy, parse_repository_url
from course.rows import JobId, document_from
from tests.contract.web.conftest import Worker
from tests.contract.web.course_text import course
from tests.doubles.memory_backend import MemoryBackend
from web.backend import Backend
from web.convex_backend import ConvexBackend
from web.errors import ActiveJobError, BackendKeyError, BackendRefusedError, BackendUnreachableError
from web.settings import Secret

# A job without what every job has.
ROW = b'{"status": "success", "value": {"_id": "1"}}'


class Subject:
    """A backend under test and the way its worker's part is played."""

    def __init__(self, kind: str, worker: Worker) -> None:
        self._kind = kind
        self._worker = worker
        self._count = 0

    def backend(self) -> Backend:
        if self._kind == "memory":
            return MemoryBackend(now_ms=lambda: time.time() * 1000)
        return ConvexBackend(self._worker.url, Secret("test-key"))

    def advance(self, backend: Backend, job_id: JobId, step: int) -> None:
        if isinstance(backend, MemoryBackend):
            backend.put_job(job_id, status=JobStatus.ANALYZING, step=step)
        else:
            self._claim(job_id)
            self._worker.heartbeat(job_id, status="analyzing", currentStep=step)

    def publish(self, backend: Backend, job_id: JobId) -> list[Document]:
        documents = [document_from(row) for row in course()]
        if isinstance(backend, MemoryBackend):
            backend.put_documents(job_id, documents)
        else:
            self._worker.finish(self._claim(job_id), course())
        return documents

    def _claim(self, job_id: JobId) -> dict[str, Any]:
        row: dict[str, Any] = self._worker.call("query", "jobs:getById", id=job_id)
        if row["status"] != "pending":
            return {"id": job_id, "repositoryId": row["repositoryId"]}
        job = self._worker.claim()
        assert job["id"] == job_id
        return job


@pytest.fixture(params=["memory", "convex"])
def subject(request: pytest.FixtureRequest, worker: Worker) -> Subject:
    return Subject(request.param, worker)


def run(subject: Subject, scenario: Callable[[Backend], Awaitable[None]]) -> None:
    async def main() -> None:
        backend = subject.backend()
        try:
            async with asyncio.timeout(20):
                await scenario(backend)
        finally:
            await backend.aclose()

    asyncio.run(main())


async def submitted(backend: Backend, name: str) -> JobId:
    url = parse_repository_url(f"https://example.org/owner/{name}.git", UrlPolicy())
    return await backend.create_job(await backend.register(url), url.full_name, "en")


def test_a_repository_is_registered_once(subject: Subject) -> None:
    async def scenario(backend: Backend) -> None:
        url = parse_repository_url("https://example.org/owner/once.git", UrlPolicy())
        first = await backend.register(url)
        assert await backend.register(url) == first
        repository = await backend.repository(first)
        assert repository is not None
        assert (repository.full_name, repository.clone_url) == ("owner/once", url.url)

    run(subject, scenario)


def test_a_job_waits_and_is_the_only_one_of_its_repository(subject: Subject) -> None:
    async def scenario(backend: Backend) -> None:
        job_id = await submitted(backend, "waits")
        job = await backend.job(job_id)
        assert job is not None
        assert (job.status, job.step, job.attempts, job.docs_count, job.error) == (JobStatus.PENDING, 0, 0, 0, None)
        assert (await backend.jobs())[0] == job
        with pytest.raises(ActiveJobError) as caught:
            await submitted(backend, "waits")
        assert caught.value.job_id == job_id
        await backend.cancel(job_id)
        cancelled = await backend.job(job_id)
        assert cancelled is not None
        assert not cancelled.is_active
        with pytest.raises(BackendRefusedError):
            await backend.cancel(job_id)

    run(subject, scenario)


def test_what_is_deleted_is_gone(subject: Subject) -> None:
    async def scenario(backend: Backend) -> None:
        first = await submitted(backend, "deleted")
        job = await backend.job(first)
        assert job is not None
        await backend.delete_job(first)
        assert await backend.job(first) is None
        assert await backend.repository(job.repository_id) is not None
        second = await submitted(backend, "deleted")
        await backend.delete_repository(job.repository_id)
        assert await backend.job(second) is None
        assert await backend.repository(job.repository_id) is None
        with pytest.raises(BackendRefusedError):
            await backend.delete_repository(job.repository_id)

    run(subject, scenario)


def test_the_texts_of_a_complete_course_are_found_by_their_words(subject: Subject) -> None:
    async def scenario(backend: Backend) -> None:
        job_id = await submitted(backend, "searched")
        assert await backend.search("searched") == []
        published = {document.slug: document for document in subject.publish(backend, job_id)}
        found = [text for text in await backend.search("searched") if text.job_id == job_id]
        assert found
        assert {text.full_name for text in found} == {"owner/searched"}
        assert all(text.document.content == published[text.document.slug].content for text in found)
        assert not any(text.document.slug.startswith("chapters/") for text in found)
        assert await backend.search("nowhereatall") == []
        await backend.delete_job(job_id)
        assert await backend.search("searched") == []

    run(subject, scenario)


def test_a_watched_job_is_seen_changing(subject: Subject) -> None:
    async def scenario(backend: Backend) -> None:
        job_id = await submitted(backend, "watched")
        watcher = backend.watch(job_id)
        first = await anext(watcher)
        assert first is not None
        assert first.status is JobStatus.PENDING
        await asyncio.to_thread(subject.advance, backend, job_id, 3)
        async for job in watcher:
            assert job is not None
            if job.step == 3:
                break
        assert job is not None
        assert job.status is JobStatus.ANALYZING
        await asyncio.to_thread(subject.publish, backend, job_id)
        async for job in watcher:
            assert job is not None
            if not job.is_active:
                break
        assert job is not None
        assert job.has_course
        await watcher.aclose()

    run(subject, scenario)


def test_a_published_course_is_read_as_it_was_written(subject: Subject) -> None:
    async def scenario(backend: Backend) -> None:
        job_id = await submitted(backend, "published")
        written = await asyncio.to_thread(subject.publish, backend, job_id)
        read = await backend.documents(job_id)
        assert [(d.slug, d.title, d.kind) for d in read] == [(d.slug, d.title, d.kind) for d in written]
        assert [d.content for d in read] == [d.content for d in written]
        assert list(await backend.logs(job_id)) == []

    run(subject, scenario)


def test_unknown_ids_are_none(subject: Subject) -> None:
    async def scenario(backend: Backend) -> None:
        assert await backend.job(JobId("unknown")) is None
        watcher = backend.watch(JobId("unknown"))
        assert await anext(watcher) is None
        await watcher.aclose()

    run(subject, scenario)


def test_closing_ends_watchers(subject: Subject) -> None:
    async def main() -> None:
        backend = subject.backend()
        job_id = await submitted(backend, "closing")
        watcher = backend.watch(job_id)
        await anext(watcher)
        waiting = asyncio.ensure_future(anext(watcher, None))
        await asyncio.sleep(0)
        await backend.aclose()
        async with asyncio.timeout(10):
            assert await waiting is None

    asyncio.run(main())


def test_a_wrong_key_is_told_apart(backend_url: str) -> None:
    async def main() -> None:
        backend = ConvexBackend(backend_url, Secret("wrong"))
        with pytest.raises(BackendKeyError):
            await submitted(backend, "key")
        await backend.aclose()

    asyncio.run(main())


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.0 502 Bad Gateway\r\n\r\nbad gateway",
        b"HTTP/1.0 200 OK\r\n\r\nhello",
        b"HTTP/1.0 200 OK\r\n\r\n" + ROW,
        b"",
    ],
)
def test_no_usable_answer_is_unreachable(answer: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    async def main() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        backend = ConvexBackend(f"http://127.0.0.1:{port}", None)
        with pytest.raises(BackendUnreachableError):
            await backend.job(JobId("any"))
        await backend.aclose()
        server.close()

    asyncio.run(main())
