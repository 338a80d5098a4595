"""What was acknowledged survives SIGKILL; what was not, is absent or whole; clients come back by themselves."""

import time
import uuid
from threading import Event, Thread

import httpx
import pytest

from tests.contract.backend.conftest import KEY, Client, Refused, Watch, open_client
from tests.contract.backend.test_clients import Story, files
from tests.processes.backend import BackendProcess

CUTS = 4
HEADERS = {"Authorization": f"Convex {KEY}"}


def mutate(http: httpx.Client, path: str, **args: object) -> object:
    answer = http.post("/api/mutation", json={"path": path, "args": args}, headers=HEADERS).json()
    assert answer["status"] == "success", answer
    return answer["value"]


def write_until_killed(url: str, acknowledged: list[str], stop: Event) -> None:
    try:
        with httpx.Client(base_url=url, timeout=5) as http:
            while not stop.is_set():
                name = uuid.uuid4().hex
                mutate(http, "users:createOrUpdateUser", githubId=name, username=name)
                acknowledged.append(name)
    except httpx.HTTPError:
        pass  # The cut.


def test_a_kill_loses_nothing_that_was_acknowledged(own_process: BackendProcess) -> None:
    acknowledged: list[str] = []
    for cut in range(CUTS):
        before = len(acknowledged)
        stop = Event()
        writers = [Thread(target=write_until_killed, args=(own_process.url, acknowledged, stop)) for _ in range(4)]
        for writer in writers:
            writer.start()
        deadline = time.monotonic() + 10
        while len(acknowledged) < before + 20 + 7 * cut:
            assert time.monotonic() < deadline
            time.sleep(0.002)
        own_process.kill()
        stop.set()
        for writer in writers:
            writer.join()
        own_process.start()
    with httpx.Client(base_url=own_process.url) as http:
        for name in acknowledged:
            body = {"path": "users:getUserByGithubId", "args": {"githubId": name}}
            assert http.post("/api/query", json=body, headers=HEADERS).json()["value"]["username"] == name


@pytest.mark.parametrize("kind", ["python-websocket", "npm-websocket"])
def test_a_client_and_its_work_survive_a_kill(own_process: BackendProcess, kind: str) -> None:
    client: Client = open_client(kind, own_process.url)
    story = Story(client)
    job = story.job()
    _, worker = story.claim()
    watch = Watch(own_process.url, "jobs:getById", {"id": job})
    assert next(watch)["status"] == "claimed"
    own_process.kill()
    own_process.start()
    client.mutation("queue:heartbeat", {"jobId": job, "workerId": worker, "progress": "after the cut"})
    while next(watch)["progress"] != "after the cut":
        pass
    story.publish(job, worker, files(1, "# After\n"))
    client.mutation("queue:complete", {"jobId": job, "workerId": worker})
    assert client.query("jobs:getById", {"id": job})["status"] == "completed"
    watch.close()
    client.close()


def test_a_lease_that_lapsed_while_the_backend_was_down_is_reclaimed(own_process: BackendProcess) -> None:
    client = open_client("python-http", own_process.url)
    story = Story(client)
    job = story.job()
    client.mutation("queue:claimOne", {"workerId": "w", "leaseMs": 1000})
    own_process.kill()
    time.sleep(1.0)
    own_process.start()
    row = client.query("jobs:getById", {"id": job})
    assert (row["status"], row["attempts"]) == ("pending", 1)
    with pytest.raises(Refused) as caught:
        client.mutation("queue:heartbeat", {"jobId": job, "workerId": "w"})
    assert caught.value.code == "lease_lost"
