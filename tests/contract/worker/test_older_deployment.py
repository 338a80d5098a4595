"""A deployment of the existing system (contract, sections 1 and 2), as far as the worker meets it: over real HTTP.

It knows neither `queue:release` nor `cloneUrl`, hides its messages, and lets a heartbeat revive a canceled job.
"""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from course.documents import Document, DocumentKind
from course.function_version import VERSION
from course.jobs import JobStatus
from worker.convex_queue import ConvexQueue
from worker.errors import CallRefusedError, FunctionMissingError, JobCanceledError, LeaseLostError, UnreachableError
from worker.functions import FunctionClient
from worker.queue import Beat, Claim, WorkerId

DOCUMENTED = {
    "queue:claimOne": {"workerId", "leaseMs"},
    "queue:heartbeat": {"jobId", "workerId", "status", "progress", "currentStep", "leaseMs"},
    "queue:complete": {"jobId", "workerId", "result", "docsCount"},
    "queue:retryOrFail": {"jobId", "workerId", "error"},
    "jobs:getById": {"id"},
    "jobs:updateStatus": {
        "jobId",
        "status",
        "callbackToken",
        "progress",
        "currentStep",
        "totalSteps",
        "result",
        "error",
    },
    "jobs:appendLog": {"jobId", "level", "msg"},
    "docs:upsertFromJob": {"jobId", "repositoryId", "runId", "files", "summary"},
    "repositories:getByRepositoryId": {"repositoryId"},
}


class Refused(Exception):  # noqa: N818 - what the deployment says, not an error of the test
    """A function that fails; production deployments hide the message."""


class Deployment:
    def __init__(self) -> None:
        self.job: dict[str, Any] = {"_id": "j1", "status": "pending", "callbackToken": "token", "runAt": 1000.0}
        self.calls: list[str] = []
        self.lose_answers_of: set[str] = set()
        self.down = False

    def call(self, path: str, arguments: dict[str, Any]) -> object:
        self.calls.append(path)
        unknown = set(arguments) - DOCUMENTED[path]
        if unknown:
            raise Refused(f"ArgumentValidationError: extra fields {unknown}")
        function: Callable[..., object] = getattr(self, path.replace(":", "_"))
        return function(**arguments)

    def queue_claimOne(self, workerId: str, leaseMs: float) -> object:  # noqa: N802, N803 - the contract's names
        assert leaseMs == 30_000
        self.job |= {"status": "claimed", "lockedBy": workerId}
        return {
            "id": "j1",
            "repositoryId": "r1",
            "userId": "u1",
            "prompt": "p",
            "callbackToken": "token",
            "attempts": 2,
        }

    def queue_heartbeat(self, workerId: str, status: str, **_: object) -> object:  # noqa: N803
        self._owned(workerId)
        self.job["status"] = status
        return {"success": True}

    def queue_complete(self, workerId: str, result: dict[str, object], **_: object) -> object:  # noqa: N803
        self._owned(workerId)
        self.job |= {"status": "completed", "result": result}
        del self.job["lockedBy"]
        return {"success": True}

    def jobs_getById(self, id: str) -> object:  # noqa: A002, N802
        return self.job if id == "j1" else None

    def jobs_updateStatus(self, status: str, callbackToken: str, error: str, **_: object) -> object:  # noqa: N802, N803
        assert callbackToken == "token"
        self.job |= {"status": status, "error": error}
        return {"success": True}

    def docs_upsertFromJob(self, runId: str, files: list[object], **_: object) -> object:  # noqa: N802, N803
        self.job["runId"] = runId
        return {"docsCount": len(files), "docIds": [], "stats": {}}

    def repositories_getByRepositoryId(self, repositoryId: str) -> object:  # noqa: N802, N803
        return {"_id": repositoryId, "fullName": "owner/name", "name": "name", "defaultBranch": "main"}

    def _owned(self, worker_id: str) -> None:
        if self.job.get("lockedBy") != worker_id:
            raise Refused("Job not found or not owned by worker")


class _Handler(BaseHTTPRequestHandler):
    deployment: Deployment

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        path = body["path"]
        if self.deployment.down:
            self._answer(503, {})
        elif path not in DOCUMENTED:
            message = f"Could not find public function for '{path}'. Did you forget to run `npx convex dev`?"
            self._answer(200, {"status": "error", "errorMessage": f"[Request ID: 1] {message}"})
        else:
            try:
                value = self.deployment.call(path, body["args"])
            except Refused:
                self._answer(560, {"status": "error", "errorMessage": "[Request ID: 1] Server Error"})
            else:
                if path in self.deployment.lose_answers_of:
                    self.deployment.lose_answers_of.discard(path)
                    self.close_connection = True
                    return
                self._answer(200, {"status": "success", "value": value, "logLines": []})

    def _answer(self, status: int, fields: dict[str, object]) -> None:
        data = json.dumps(fields).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


class NoWakeUp:
    async def wake(self) -> None:
        await asyncio.Event().wait()

    async def close(self) -> None:
        return


@pytest.fixture
def deployment() -> Deployment:
    return Deployment()


@pytest.fixture
def play(deployment: Deployment) -> Iterator[Callable[[Callable[[ConvexQueue], Awaitable[None]]], None]]:
    handler = type("Handler", (_Handler,), {"deployment": deployment})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        url = f"http://127.0.0.1:{server.server_address[1]}"

        async def run(scenario: Callable[[ConvexQueue], Awaitable[None]]) -> None:
            queue = ConvexQueue(FunctionClient(url, None), NoWakeUp(), lease_s=30)
            await scenario(queue)
            await queue.close()

        yield lambda scenario: asyncio.run(run(scenario))
        server.shutdown()
        thread.join()


Play = Callable[[Callable[[ConvexQueue], Awaitable[None]]], None]
RUNNING = Beat(status=JobStatus.RUNNING, progress="x", step=1)


async def claimed(queue: ConvexQueue) -> Claim:
    claim = await queue.claim(WorkerId("w:1"))
    assert claim is not None
    return claim


def test_a_whole_job_uses_documented_arguments_only(deployment: Deployment, play: Play) -> None:
    async def scenario(queue: ConvexQueue) -> None:
        claim = await claimed(queue)
        assert (claim.attempts, claim.due_ms) == (2, 1000.0)
        repository = await queue.repository(claim.repository_id)
        assert repository is not None
        assert (repository.url, repository.branch) == ("owner/name", "main")
        await queue.heartbeat(claim, RUNNING)
        document = Document(slug="a", title="A", kind=DocumentKind.CHAPTER, content="# A", chapter_index=0)
        assert await queue.publish(claim, [document]) == 1
        await queue.complete(claim, documents_count=1, commit="c0ffee")

    play(scenario)
    assert deployment.job["result"] == {
        "success": True,
        "message": "Generated 1 documents successfully",
        "data": "1 documents at commit c0ffee",
    }


@pytest.mark.parametrize("status", ["canceled", "failed"])
def test_a_canceled_job_is_noticed_and_not_revived(status: str, deployment: Deployment, play: Play) -> None:
    async def scenario(queue: ConvexQueue) -> None:
        claim = await claimed(queue)
        deployment.job["status"] = status
        with pytest.raises(JobCanceledError):
            await queue.heartbeat(claim, RUNNING)

    play(scenario)
    assert deployment.job["status"] == status
    assert "queue:heartbeat" not in deployment.calls


def test_a_job_of_another_worker_is_not_failed_by_its_callback_token(deployment: Deployment, play: Play) -> None:
    async def scenario(queue: ConvexQueue) -> None:
        claim = await claimed(queue)
        deployment.job["lockedBy"] = "w:2"
        with pytest.raises(LeaseLostError):
            await queue.fail(claim, "too late")
        with pytest.raises(CallRefusedError):
            await queue.heartbeat(claim, RUNNING)

    play(scenario)
    assert deployment.job["status"] == "claimed"


def test_an_answer_that_is_lost_does_not_turn_a_completed_job_into_a_lost_one(
    deployment: Deployment, play: Play
) -> None:
    async def scenario(queue: ConvexQueue) -> None:
        claim = await claimed(queue)
        await queue.publish(claim, [Document(slug="a", title="A", kind=DocumentKind.YAML, content="x")])
        deployment.lose_answers_of = {"queue:complete"}
        with pytest.raises(UnreachableError):
            await queue.complete(claim, documents_count=1, commit="")
        await queue.complete(claim, documents_count=1, commit="")

    play(scenario)


def test_failing_twice_is_failing_once(deployment: Deployment, play: Play) -> None:
    async def scenario(queue: ConvexQueue) -> None:
        claim = await claimed(queue)
        deployment.lose_answers_of = {"jobs:updateStatus"}
        with pytest.raises(UnreachableError):
            await queue.fail(claim, "the repository is empty")
        await queue.fail(claim, "the repository is empty")

    play(scenario)
    assert deployment.calls.count("jobs:updateStatus") == 1


def test_what_the_deployment_lacks_and_when_it_is_down_are_told_apart(deployment: Deployment, play: Play) -> None:
    async def scenario(queue: ConvexQueue) -> None:
        claim = await claimed(queue)
        with pytest.raises(FunctionMissingError):
            await queue.release(claim, "stopping")
        deployment.down = True
        with pytest.raises(UnreachableError):
            await queue.release(claim, "stopping")

    play(scenario)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"name": "another", "version": VERSION}, "another project's functions: 'another'"),
        ({"name": "fondation", "version": 99}, f"version 99 of the functions, this worker works with {VERSION}"),
    ],
)
def test_functions_that_it_cannot_work_with_are_refused_by_name(
    deployment: Deployment, play: Play, monkeypatch: pytest.MonkeyPatch, answer: dict[str, object], words: str
) -> None:
    monkeypatch.setitem(DOCUMENTED, "system:version", set())
    monkeypatch.setattr(Deployment, "system_version", lambda _: answer, raising=False)

    async def scenario(queue: ConvexQueue) -> None:
        with pytest.raises(CallRefusedError, match=words):
            await queue.claim(WorkerId("w:1"))
        # Once the right ones are there, it goes on.
        answer.update({"name": "fondation", "version": VERSION})
        await claimed(queue)

    play(scenario)
    assert deployment.calls.count("queue:claimOne") == 1
