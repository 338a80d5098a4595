"""The official clients, unmodified: one suite for all of them."""

import time
import uuid
from collections.abc import Callable, Iterator

import pytest

from tests.contract.backend.conftest import Client, Json, NodeClient, Refused, Watch
from tests.processes.backend import BackendProcess

TEXT = '# Ünïcode 你好 🎉\n\n```python\nx = 1\n\n\n\n# comment\n```\n\nline\u2028separator \x07 "quotes" \\ back\n'


class Story:
    """A user, a repository and a job, made through a client."""

    def __init__(self, client: Client) -> None:
        self.client = client
        name = uuid.uuid4().hex
        self.user = client.mutation("users:createOrUpdateUser", {"githubId": name, "username": "fondation"})
        repository = {"userId": self.user, "url": f"https://git.example/a/{name}.git", "fullName": "a/b", "name": "b"}
        self.repository = client.mutation("repositories:register", repository)

    def job(self) -> str:
        args = {"userId": self.user, "repositoryId": self.repository, "prompt": "explain"}
        return str(self.client.mutation("jobs:create", args)["jobId"])

    def claim(self) -> tuple[str, str]:
        worker = f"w:{uuid.uuid4().hex}"
        claim = self.client.mutation("queue:claimOne", {"workerId": worker, "leaseMs": 30_000})
        return str(claim["id"]), worker

    def publish(self, job: str, worker: str, files: list[dict[str, object]]) -> Json:
        summary = {"chaptersCount": len(files), "tutorialsCount": 0, "generatedAt": time.time() * 1000}
        args = {"jobId": job, "repositoryId": self.repository, "runId": worker, "files": files, "summary": summary}
        return self.client.mutation("docs:upsertFromJob", args)


def files(count: int, content: str) -> list[dict[str, object]]:
    return [
        {"slug": f"chapters/{i}.md", "title": f"T{i}", "kind": "chapter", "chapterIndex": i, "content": content}
        for i in range(count)
    ]


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(Refused) as caught:
        call()
    assert str(caught.value)
    return caught.value.code


def test_a_job_from_submission_to_course(client: Client) -> None:
    story = Story(client)
    job = story.job()
    assert story.claim()[0] == job
    row = client.query("jobs:getById", {"id": job})
    worker = row["lockedBy"]
    beat = {"jobId": job, "workerId": worker, "status": "analyzing", "progress": "Step 2/6", "currentStep": 2}
    assert client.mutation("queue:heartbeat", beat) == {"success": True}
    answer = story.publish(job, worker, files(2, TEXT))
    assert answer["docsCount"] == 2
    result = {"success": True, "message": "Generated 2 documents successfully"}
    client.mutation("queue:complete", {"jobId": job, "workerId": worker, "docsCount": 2, "result": result})
    documents = client.query("docs:listByJobId", {"jobId": job})
    assert [(one["slug"], one["chapterIndex"], one["content"]) for one in documents] == [
        ("chapters/0.md", 0, TEXT),
        ("chapters/1.md", 1, TEXT),
    ]
    row = client.query("jobs:getById", {"id": job})
    assert (row["status"], row["docsCount"], row["result"], row["currentStep"]) == ("completed", 2, result, 2)
    assert client.query("docs:getBySlug", {"jobId": job, "slug": "nothing"}) is None


def test_refusals_carry_their_code(client: Client) -> None:
    story = Story(client)
    job = story.job()
    claimed, worker = story.claim()
    assert claimed == job
    beat: dict[str, object] = {"jobId": job, "workerId": worker}
    assert code_of(lambda: client.mutation("queue:heartbeat", beat | {"workerId": "other"})) == "lease_lost"
    assert code_of(lambda: client.mutation("queue:complete", beat)) == "no_documents"
    assert code_of(story.job) == "conflict"
    assert code_of(lambda: client.mutation("queue:heartbeat", beat | {"extra": 1})) == "invalid"
    assert code_of(lambda: client.mutation("queue:nothing", {})) == "unknown_function"
    assert code_of(lambda: client.query("queue:nothing", {})) == "unknown_function"
    assert code_of(lambda: client.query("jobs:getById", {"id": "x"})) == "invalid"
    client.mutation("jobs:cancelJob", {"jobId": job, "userId": story.user})
    assert code_of(lambda: client.mutation("queue:heartbeat", beat)) == "canceled"
    assert code_of(lambda: story.publish(job, worker, files(1, "x"))) == "canceled"


def test_a_large_course_is_written_and_read_whole(client: Client) -> None:
    story = Story(client)
    story.job()
    job, worker = story.claim()
    text = "0123456789abcde\n" * 62_500
    story.publish(job, worker, files(12, text))
    documents = client.query("docs:listByJobId", {"jobId": job})
    assert [len(one["content"]) for one in documents] == [1_000_000] * 12
    too_long = files(1, "x" * 1_048_576)
    assert code_of(lambda: story.publish(job, worker, too_long)) == "too_large"
    client.mutation("jobs:cancelJob", {"jobId": job, "userId": story.user})


@pytest.fixture(params=["python", "npm"])
def watch(request: pytest.FixtureRequest, backend_process: BackendProcess) -> Iterator[Json]:
    if request.param == "python":
        yield lambda path, args: Watch(backend_process.url, path, args)
        return
    client = NodeClient(backend_process.url, "websocket")
    yield client.subscribe
    client.close()


def test_a_subscription_follows_a_job(client: Client, watch: Json) -> None:
    story = Story(client)
    job = story.job()
    seen = watch("jobs:getById", {"id": job})
    assert next(seen)["status"] == "pending"
    _, worker = story.claim()
    assert next(seen)["status"] == "claimed"
    client.mutation("queue:heartbeat", {"jobId": job, "workerId": worker, "progress": "Step 1/6"})
    assert next(seen)["progress"] == "Step 1/6"
    client.mutation("jobs:requestCancel", {"jobId": job})
    assert next(seen)["status"] == "canceled"
    seen.close()
