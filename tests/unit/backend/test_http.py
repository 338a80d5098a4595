"""The HTTP API: shapes, authentication, bad requests."""

import json
import logging
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest

from backend.app import create_app
from backend.http_api import BODY_MAX_BYTES
from backend.service import Service
from backend.settings import Key, Settings
from tests.unit.backend.conftest import Server

KEY = "the-backend-key"
USER = {"githubId": "g", "username": "u"}
AUTHORIZED = {"Authorization": f"Convex {KEY}"}


@pytest.fixture(scope="module", params=[False, True], ids=["closed", "open"])
def open_reads(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, *, open_reads: bool) -> Iterator[Server]:
    file = tmp_path_factory.mktemp("http") / "backend.sqlite3"
    settings = Settings(key=Key(KEY), database=str(file), open_reads=open_reads)
    with Server(create_app(settings)) as server:
        yield server


@pytest.fixture
def client(server: Server) -> httpx.Client:
    return server.http


@pytest.fixture
def service(server: Server) -> Service:
    return server.service


def call(client: httpx.Client, kind: str, path: str, args: object, **more: object) -> httpx.Response:
    return client.post(f"/api/{kind}", json={"path": path, "args": args} | more, headers=AUTHORIZED)


def test_a_mutation_and_a_query(client: httpx.Client) -> None:
    answer = call(client, "mutation", "users:createOrUpdateUser", USER)
    assert answer.status_code == 200
    user_id = answer.json()["value"]
    assert answer.json() == {"status": "success", "value": user_id}
    answer = call(client, "query", "users:getUserById", [{"userId": user_id}], format="convex_encoded_json")
    assert answer.json()["value"]["username"] == "u"
    assert isinstance(answer.json()["value"]["createdAt"], float)


def test_run_takes_either_kind_by_url(client: httpx.Client) -> None:
    answer = client.post("/api/run/users/createOrUpdateUser", json={"args": USER}, headers=AUTHORIZED)
    assert answer.json()["status"] == "success"
    answer = client.post("/api/run/queue/getMetrics", json={"args": {}, "format": "json"}, headers=AUTHORIZED)
    assert answer.json()["value"]["counts"]["pending"] == 0
    assert client.post("/api/run/users/createOrUpdateUser", json={"args": USER}).status_code == 401
    assert "queue:nothing" in client.post("/api/run/queue/nothing", json={}, headers=AUTHORIZED).json()["errorMessage"]


def test_a_refusal_of_a_function_is_http_200_with_a_code(client: httpx.Client) -> None:
    answer = call(client, "mutation", "queue:heartbeat", {"jobId": "j" + "0" * 31, "workerId": "w"})
    assert answer.status_code == 200
    body = answer.json()
    assert (body["status"], body["errorData"]["code"]) == ("error", "not_found")
    assert body["errorData"]["message"] == body["errorMessage"]


@pytest.mark.parametrize("path", ["queue:pending", "queue.js:pending", "nowhere:at_all"])
def test_an_unknown_function_is_named(client: httpx.Client, path: str) -> None:
    body = call(client, "query", path, {}).json()
    assert body["errorData"]["code"] == "unknown_function"
    assert path.replace(".js", "") in body["errorMessage"]


def test_every_mutation_needs_the_key(client: httpx.Client, service: Service) -> None:
    for function in service.registry.functions:
        if service.registry.is_mutation(function.path):
            answer = client.post("/api/mutation", json={"path": function.path, "args": {}})
            assert (answer.status_code, answer.json()["code"]) == (401, "Unauthorized")
            assert "Authorization: Convex" in answer.json()["message"]


def test_reads_need_the_key_unless_they_are_open(client: httpx.Client, *, open_reads: bool) -> None:
    for url, body in (("/api/query", {"path": "queue:getMetrics"}), ("/api/run/queue/getMetrics", {})):
        assert client.post(url, json=body).status_code == (200 if open_reads else 401)


@pytest.mark.parametrize("header", ["Convex wrong", f"convex {KEY}x", "Convex é"])
@pytest.mark.parametrize("kind", ["query", "mutation"])
def test_a_wrong_key_is_refused_everywhere(client: httpx.Client, header: str, kind: str) -> None:
    answer = client.post(
        f"/api/{kind}",
        json={"path": "queue:getMetrics"},
        headers=httpx.Headers([(b"Authorization", header.encode("latin-1"))]),
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "BadAdminKey")


def test_the_key_is_not_taken_as_a_bearer_token(client: httpx.Client) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    answer = client.post("/api/mutation", json={"path": "users:createOrUpdateUser", "args": USER}, headers=headers)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "BadJsonBody"),
        (b"[]", "BadJsonBody"),
        (b"\xff", "BadJsonBody"),
        (b'{"path": "a:b", "args": {"x": NaN}}', "BadJsonBody"),
        (b"[" * 100_000, "BadJsonBody"),
        (b"{}", "BadPath"),
        (b'{"path": 5}', "BadPath"),
        (b'{"path": "a:b", "args": 5}', "BadArgs"),
        (b'{"path": "a:b", "args": []}', "BadArgs"),
        (b'{"path": "a:b", "args": [{}, {}]}', "BadArgs"),
        (b'{"path": "a:b", "format": "xml"}', "BadFormat"),
    ],
)
def test_a_bad_request_is_explained(client: httpx.Client, content: bytes, code: str) -> None:
    answer = client.post("/api/query", content=content, headers=AUTHORIZED)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert "send" in answer.json()["message"]


def test_a_body_is_bounded_before_it_is_read(client: httpx.Client) -> None:
    raw = HTTPConnection(client.base_url.host, client.base_url.port, timeout=10)
    raw.putrequest("POST", "/api/mutation")
    raw.putheader("Authorization", f"Convex {KEY}")
    raw.putheader("Content-Length", str(BODY_MAX_BYTES + 1))
    raw.endheaders()
    answer = raw.getresponse()
    assert answer.status == 413
    assert str(BODY_MAX_BYTES) in json.load(answer)["message"]
    raw.close()

    def endless() -> Iterator[bytes]:
        for _ in range(40):
            yield b" " * (1 << 20)

    assert client.post("/api/mutation", content=endless(), headers=AUTHORIZED).status_code == 413


def test_arguments_beyond_the_limit_name_value_and_limit(client: httpx.Client) -> None:
    args = USER | {"username": "x" * (16 << 20)}
    body = call(client, "mutation", "users:createOrUpdateUser", args).json()
    assert body["errorData"]["code"] == "too_large"
    assert "the limit is 16777216" in body["errorMessage"]


def test_an_unknown_address_says_what_there_is(client: httpx.Client) -> None:
    answer = client.get("/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "NoSuchEndpoint")
    assert "/api/query" in answer.json()["message"]
    assert client.get("/api/query").status_code == 405
    assert client.post("/api/action", json={"path": "a:b"}, headers=AUTHORIZED).status_code == 404


def test_health_and_version(client: httpx.Client) -> None:
    assert client.get("/health").json() == {"status": "ok"}
    assert client.get("/version").text == "0.1.0"


def test_a_full_disk_is_503_with_the_cause(client: httpx.Client, service: Service) -> None:
    writer = service.store._database.writer
    pages = writer.execute("PRAGMA page_count").fetchone()[0]
    writer.execute(f"PRAGMA max_page_count = {pages + 2}")
    args = {"githubId": "large", "username": "x" * 500_000}
    answer = call(client, "mutation", "users:createOrUpdateUser", args)
    assert (answer.status_code, answer.json()["code"]) == (503, "Unavailable")
    assert "full" in answer.json()["message"]
    assert call(client, "query", "users:getUserByGithubId", {"githubId": "large"}).json()["value"] is None
    writer.execute("PRAGMA max_page_count = 1000000")
    assert call(client, "mutation", "users:createOrUpdateUser", args).json()["status"] == "success"


def test_the_access_log_has_one_line_per_request_and_no_secret(
    client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    call(client, "mutation", "users:createOrUpdateUser", USER | {"email": "private@example.org"})
    client.get("/nothing?token=private")
    client.get("/health")
    lines = [record.getMessage() for record in caplog.records if record.name == "backend.access"]
    assert len(lines) == 2
    assert "users:createOrUpdateUser" in lines[0]
    assert KEY not in caplog.text
    assert not [line for line in lines if "private" in line]


def test_the_timer_reclaims_an_expired_lease(tmp_path: Path) -> None:
    now = 1_800_000_000_000.0
    settings = Settings(key=Key(KEY), database=str(tmp_path / "x.sqlite3"))
    with Server(create_app(settings, clock=lambda: now)) as server:
        client = server.http
        user_id = call(client, "mutation", "users:createOrUpdateUser", USER).json()["value"]
        repository = {"userId": user_id, "url": "https://h.example/a/b", "fullName": "a/b", "name": "b"}
        repository_id = call(client, "mutation", "repositories:register", repository).json()["value"]
        job = {"userId": user_id, "repositoryId": repository_id, "prompt": "p"}
        job_id = call(client, "mutation", "jobs:create", job).json()["value"]["jobId"]
        call(client, "mutation", "queue:claimOne", {"workerId": "w"})
        now += 31_000
        deadline = time.monotonic() + 5
        row: dict[str, object] = {"status": "claimed"}
        while row["status"] == "claimed" and time.monotonic() < deadline:
            row = call(client, "query", "jobs:getById", {"id": job_id}).json()["value"]
    assert (row["status"], row["attempts"]) == ("pending", 1)
