"""The sync protocol, message by message."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from backend.app import create_app
from backend.settings import Key, Settings
from backend.sync.messages import decode_ts, encode_ts
from tests.unit.backend.conftest import Server

KEY = "the-backend-key"
ZERO = {"querySet": 0.0, "identity": 0.0, "ts": encode_ts(0)}
USER = {"githubId": "g", "username": "u"}


class Peer:
    """A client that checks the protocol's promises on everything it receives."""

    def __init__(self, websocket: ClientConnection, session: str = "s-1") -> None:
        self.socket = websocket
        self.version: dict[str, Any] = {"querySet": 0, "identity": 0, "ts": encode_ts(0)}
        self.values: dict[int, Any] = {}
        self.errors: dict[int, str] = {}
        self.changes = 0
        self.responses: dict[int, dict[str, Any]] = {}
        self.send("Connect", sessionId=session, connectionCount=0, lastCloseReason="InitialConnect", clientTs=0)

    def send(self, kind: str, **fields: object) -> None:
        self.socket.send(json.dumps({"type": kind} | fields))

    def authenticate(self, key: str = KEY) -> None:
        base = self.version["identity"]
        self.send("Authenticate", tokenType="Admin", value=key, baseVersion=base)
        self.until(lambda: self.version["identity"] == base + 1)

    def subscribe(self, query_id: int, path: str, args: object = None) -> None:
        base = self.version["querySet"]
        add = {"type": "Add", "queryId": query_id, "udfPath": path, "args": [args or {}]}
        self.send("ModifyQuerySet", baseVersion=base, newVersion=base + 1, modifications=[add])
        self.until(lambda: self.version["querySet"] == base + 1)

    def mutate(self, request_id: int, path: str, **args: object) -> dict[str, Any]:
        self.send("Mutation", requestId=request_id, udfPath=path, args=[args])
        self.until(lambda: request_id in self.responses)
        response = self.responses[request_id]
        assert self.receive()["type"] == "Transition"
        if response["success"]:
            assert decode_ts(self.version["ts"]) >= decode_ts(response["ts"])
        return response

    def until(self, reached: Callable[[], bool]) -> None:
        while not reached():
            self.receive()

    def receive(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self.socket.recv(timeout=10))
        if message["type"] == "Transition":
            assert message["startVersion"] == self.version
            assert decode_ts(message["endVersion"]["ts"]) >= decode_ts(self.version["ts"])
            self.version = message["endVersion"]
            for modification in message["modifications"]:
                self.apply(modification)
        elif message["type"] == "MutationResponse":
            if message["success"]:
                assert message["requestId"] not in self.responses
            self.responses[message["requestId"]] = message
        return message

    def apply(self, modification: dict[str, Any]) -> None:
        query_id = modification["queryId"]
        self.values.pop(query_id, None)
        self.errors.pop(query_id, None)
        self.changes += 1
        if modification["type"] == "QueryUpdated":
            self.values[query_id] = modification["value"]
        elif modification["type"] == "QueryFailed":
            self.errors[query_id] = modification["errorData"]["code"]


@pytest.fixture
def open_reads() -> bool:
    return False


@pytest.fixture
def client(tmp_path: Path, *, open_reads: bool) -> Iterator[Server]:
    settings = Settings(key=Key(KEY), database=str(tmp_path / "backend.sqlite3"), open_reads=open_reads)
    with Server(create_app(settings)) as made:
        yield made


@pytest.fixture
def peer(client: Server) -> Iterator[Peer]:
    with client.websocket() as websocket:
        made = Peer(websocket)
        made.authenticate()
        yield made


def test_a_subscription_is_answered_and_pushed_when_its_value_changes(peer: Peer) -> None:
    peer.subscribe(0, "users:getUserByGithubId", {"githubId": "g"})
    assert peer.values == {0: None}
    user_id = peer.mutate(0, "users:createOrUpdateUser", **USER)["result"]
    assert peer.values[0]["_id"] == user_id


def test_a_change_that_does_not_concern_a_query_is_not_pushed(peer: Peer) -> None:
    peer.subscribe(0, "users:getUserByGithubId", {"githubId": "g"})
    changes = peer.changes
    peer.mutate(0, "users:createOrUpdateUser", githubId="other", username="x")
    peer.mutate(1, "users:createOrUpdateUser", githubId="other", username="y")
    assert peer.changes == changes


def test_a_touched_query_with_the_same_value_is_not_pushed(peer: Peer) -> None:
    user_id = peer.mutate(0, "users:createOrUpdateUser", **USER)["result"]
    args = {"userId": user_id, "url": "https://h.example/a/b", "fullName": "a/b", "name": "b"}
    repository_id = peer.mutate(1, "repositories:register", **args)["result"]
    peer.subscribe(0, "jobs:getLatestCompletedByRepository", {"repositoryId": repository_id})
    changes = peer.changes
    peer.mutate(2, "jobs:create", userId=user_id, repositoryId=repository_id, prompt="p")
    assert peer.changes == changes


def test_a_removed_query_is_confirmed_and_silent(peer: Peer) -> None:
    peer.subscribe(7, "users:getUserByGithubId", {"githubId": "g"})
    peer.send("ModifyQuerySet", baseVersion=1, newVersion=2, modifications=[{"type": "Remove", "queryId": 7}])
    peer.until(lambda: peer.version["querySet"] == 2)
    assert peer.values == {}
    changes = peer.changes
    peer.mutate(0, "users:createOrUpdateUser", **USER)
    assert peer.changes == changes


def test_a_mutation_without_any_query_is_followed_by_a_transition_that_reaches_it(peer: Peer) -> None:
    response = peer.mutate(0, "users:createOrUpdateUser", **USER)
    assert decode_ts(peer.version["ts"]) >= decode_ts(response["ts"])


def test_mutations_are_answered_in_order(peer: Peer) -> None:
    for number in range(200):
        args = [{"githubId": str(number), "username": "u"}]
        peer.send("Mutation", requestId=number, udfPath="users:createOrUpdateUser", args=args)
    peer.until(lambda: len(peer.responses) == 200)
    assert list(peer.responses) == list(range(200))
    stamps = [decode_ts(response["ts"]) for response in peer.responses.values()]
    assert stamps == sorted(stamps)


def test_a_mutation_sent_again_after_a_reconnect_is_not_applied_twice(client: Server, peer: Peer) -> None:
    user_id = peer.mutate(0, "users:createOrUpdateUser", **USER)["result"]
    args = {"userId": user_id, "url": "https://h.example/a/b", "fullName": "a/b", "name": "b"}
    repository_id = peer.mutate(1, "repositories:register", **args)["result"]
    create = {"userId": user_id, "repositoryId": repository_id, "prompt": "p"}
    first = peer.mutate(2, "jobs:create", **create)
    with client.websocket() as websocket:
        again = Peer(websocket)
        again.authenticate()
        assert again.mutate(2, "jobs:create", **create)["result"] == first["result"]
    with client.websocket() as websocket:
        stranger = Peer(websocket, session="s-2")
        stranger.authenticate()
        assert stranger.mutate(2, "jobs:create", **create)["errorData"]["code"] == "conflict"


def test_reconnecting_with_an_observed_timestamp_is_accepted(client: Server, peer: Peer) -> None:
    peer.mutate(0, "users:createOrUpdateUser", **USER)
    with client.websocket("/api/sync") as websocket:
        fields = {"sessionId": "s-1", "connectionCount": 1, "lastCloseReason": "x", "clientTs": 0}
        observed = peer.version["ts"]
        websocket.send(json.dumps({"type": "Connect", "maxObservedTimestamp": observed} | fields))
        change = {"baseVersion": 0, "newVersion": 1, "modifications": []}
        websocket.send(json.dumps({"type": "ModifyQuerySet"} | change))
        message = json.loads(websocket.recv(timeout=10))
    assert message["startVersion"] == {"querySet": 0, "identity": 0, "ts": encode_ts(0)}
    assert decode_ts(message["endVersion"]["ts"]) >= decode_ts(observed)


@pytest.mark.parametrize("key", [None, "wrong-key"])
def test_without_the_key_writes_are_refused_with_the_reason(client: Server, key: str | None) -> None:
    with client.websocket() as websocket:
        peer = Peer(websocket)
        if key is not None:
            peer.authenticate(key)
        response = peer.mutate(0, "users:createOrUpdateUser", **USER)
        assert response["errorData"]["code"] == "unauthorized"
        assert ("not this backend's" in response["result"]) is (key is not None)
        peer.subscribe(0, "queue:getMetrics")
        assert peer.errors == {0: "unauthorized"}
        peer.authenticate()
        peer.until(lambda: 0 in peer.values)
        assert peer.mutate(1, "users:createOrUpdateUser", **USER)["success"]


@pytest.mark.parametrize("open_reads", [True])
def test_open_reads_never_show_the_callback_token(client: Server, peer: Peer) -> None:
    user_id = peer.mutate(0, "users:createOrUpdateUser", **USER)["result"]
    args = {"userId": user_id, "url": "https://h.example/a/b", "fullName": "a/b", "name": "b"}
    repository_id = peer.mutate(1, "repositories:register", **args)["result"]
    job_id = peer.mutate(2, "jobs:create", userId=user_id, repositoryId=repository_id, prompt="p")["result"]["jobId"]
    peer.subscribe(0, "jobs:getById", {"id": job_id})
    assert "callbackToken" in peer.values[0]
    with client.websocket("/api/sync") as websocket:
        reader = Peer(websocket, session="s-2")
        reader.subscribe(0, "jobs:getById", {"id": job_id})
        assert reader.values[0]["_id"] == job_id
        assert "callbackToken" not in reader.values[0]


def test_bad_calls_are_refused_one_by_one(peer: Peer) -> None:
    assert peer.mutate(0, "queue:nothing")["errorData"]["code"] == "unknown_function"
    assert peer.mutate(1, "queue:claimOne", workerId=5)["errorData"]["code"] == "invalid"
    assert peer.mutate(2, "queue:getMetrics")["errorData"]["code"] == "invalid"
    peer.subscribe(0, "queue:nothing")
    peer.subscribe(1, "jobs:getById", {"id": "x"})
    peer.subscribe(2, "queue.js:getMetrics")
    assert peer.errors == {0: "unknown_function", 1: "invalid"}
    assert set(peer.values) == {2}
    peer.send("Action", requestId=3, udfPath="a:b", args=[{}])
    message = peer.receive()
    assert (message["type"], message["success"], message["errorData"]["code"]) == (
        "ActionResponse",
        False,
        "unknown_function",
    )
    peer.send("Event", eventType="x", event={})
    assert peer.mutate(4, "users:createOrUpdateUser", **USER)["success"]


def test_the_metrics_of_waiting_workers_are_pushed_when_a_job_comes(peer: Peer) -> None:
    user_id = peer.mutate(0, "users:createOrUpdateUser", **USER)["result"]
    args = {"userId": user_id, "url": "https://h.example/a/b", "fullName": "a/b", "name": "b"}
    repository_id = peer.mutate(1, "repositories:register", **args)["result"]
    peer.subscribe(0, "queue:getMetrics")
    peer.mutate(2, "jobs:create", userId=user_id, repositoryId=repository_id, prompt="p")
    assert peer.values[0]["counts"]["pending"] == 1


def test_a_delayed_job_that_comes_due_wakes_the_waiting_workers(tmp_path: Path) -> None:
    now = 1_800_000_000_000.0
    settings = Settings(key=Key(KEY), database=str(tmp_path / "x.sqlite3"))
    with (
        Server(create_app(settings, clock=lambda: now)) as client,
        client.websocket("/api/sync") as websocket,
    ):
        peer = Peer(websocket)
        peer.authenticate()
        user_id = peer.mutate(0, "users:createOrUpdateUser", **USER)["result"]
        args = {"userId": user_id, "url": "https://h.example/a/b", "fullName": "a/b", "name": "b"}
        repository_id = peer.mutate(1, "repositories:register", **args)["result"]
        job_id = peer.mutate(2, "jobs:create", userId=user_id, repositoryId=repository_id, prompt="p")["result"][
            "jobId"
        ]
        peer.mutate(3, "queue:claimOne", workerId="w")
        peer.mutate(4, "queue:retryOrFail", jobId=job_id, workerId="w", error="x")
        peer.subscribe(0, "queue:getMetrics")
        changes = peer.changes
        assert peer.mutate(5, "queue:claimOne", workerId="w")["result"] is None
        now += 11_000
        peer.until(lambda: peer.changes > changes)
        assert peer.mutate(6, "queue:claimOne", workerId="w")["result"]["id"] == job_id


CONNECT = {"type": "Connect", "sessionId": "s", "connectionCount": 0, "lastCloseReason": "x"}


@pytest.mark.parametrize(
    ("frames", "reason"),
    [
        (["not json"], "not JSON"),
        (["[]"], "not a JSON object"),
        ([json.dumps({"type": "Mutation"})], "before Connect"),
        ([json.dumps(CONNECT)] * 2, "Connect came twice"),
        ([json.dumps(CONNECT), json.dumps({"type": "Dance"})], "unknown message type"),
        (
            [json.dumps(CONNECT), json.dumps({"type": "Mutation", "requestId": -1})],
            "requestId: expected a non-negative",
        ),
        ([json.dumps(CONNECT), json.dumps({"type": "Mutation", "requestId": 1})], "udfPath: expected a string"),
        (
            [
                json.dumps(CONNECT),
                json.dumps({"type": "ModifyQuerySet", "baseVersion": 4, "newVersion": 5, "modifications": []}),
            ],
            "base version 4 is not the current version 0",
        ),
        ([json.dumps(CONNECT | {"maxObservedTimestamp": "?"})], "expected base64 of 8 bytes"),
    ],
)
def test_a_broken_protocol_is_fatal_and_explained(client: Server, frames: list[str], reason: str) -> None:
    with client.websocket("/api/sync") as websocket:
        for frame in frames:
            websocket.send(frame)
        message = json.loads(websocket.recv(timeout=10))
        assert message["type"] == "FatalError"
        assert reason in message["error"]
        with pytest.raises(ConnectionClosed):
            websocket.recv(timeout=10)


def test_a_session_that_ended_leaves_nothing_behind(client: Server) -> None:
    hub = client.service.hub
    with client.websocket("/api/sync") as websocket:
        peer = Peer(websocket)
        peer.authenticate()
        peer.subscribe(0, "queue:getMetrics")
        assert hub.watcher_count == 1
    deadline = time.monotonic() + 5
    while hub.watcher_count and time.monotonic() < deadline:
        client.http.get("/health")
    assert hub.watcher_count == 0
    assert hub._watchers == {}
