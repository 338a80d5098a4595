"""One backend process and the official clients, each behind the same small face."""

import asyncio
import json
import queue
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any, Protocol, TypeAlias

import pytest
from convex import ConvexClient, ConvexError
from convex.http_client import ConvexHttpClient

from tests.contract.backend.node import installed_client
from tests.processes.backend import BackendProcess

Json: TypeAlias = Any
KEY = "test-key"
ANSWER_TIMEOUT_S = 30


class Refused(Exception):  # noqa: N818 - reads as what happened
    """A function refused; `code` is that of the error's data."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Client(Protocol):
    """What every official client can do."""

    def query(self, path: str, args: dict[str, object]) -> Json: ...
    def mutation(self, path: str, args: dict[str, object]) -> Json: ...
    def close(self) -> None: ...


class PythonClient:
    """`convex` from PyPI, over the WebSocket or over HTTP."""

    def __init__(self, client: ConvexClient | ConvexHttpClient) -> None:
        self._client = client
        client.set_admin_auth(KEY)

    def query(self, path: str, args: dict[str, object]) -> Json:
        return self._call(self._client.query, path, args)

    def mutation(self, path: str, args: dict[str, object]) -> Json:
        return self._call(self._client.mutation, path, args)

    def close(self) -> None:
        pass

    @staticmethod
    def _call(function: Json, path: str, args: dict[str, object]) -> Json:
        try:
            return function(path, args)
        except ConvexError as error:
            raise Refused(error.data["code"], error.data["message"]) from error


class NodeClient:
    """`convex` from npm, over the WebSocket or over HTTP, in a process of its own."""

    def __init__(self, url: str, transport: str) -> None:
        node, folder = installed_client()
        self._process = subprocess.Popen(
            [node, "client.mjs", url, KEY, transport],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._answers: dict[int, queue.SimpleQueue[Json]] = {}
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def query(self, path: str, args: dict[str, object]) -> Json:
        return self._next(self._request("query", path, args))

    def mutation(self, path: str, args: dict[str, object]) -> Json:
        return self._next(self._request("mutation", path, args))

    def subscribe(self, path: str, args: dict[str, object]) -> Iterator[Json]:
        number = self._request("subscribe", path, args)
        while True:
            yield self._next(number)

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._reader.join()
        self._process.stdout.close()

    def _request(self, operation: str, path: str, args: dict[str, object]) -> int:
        number = len(self._answers)
        self._answers[number] = queue.SimpleQueue()
        assert self._process.stdin is not None
        request = {"id": number, "op": operation, "path": path, "args": args}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return number

    def _next(self, number: int) -> Json:
        answer = self._answers[number].get(timeout=ANSWER_TIMEOUT_S)
        if "value" in answer:
            return answer["value"]
        raise Refused(answer["code"], answer["message"])

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            answer = json.loads(line)
            self._answers[answer["id"]].put(answer)


class Watch:
    """A subscription of the Python client. Its blocking `next` would hold the interpreter, so it runs on asyncio."""

    def __init__(self, url: str, path: str, args: dict[str, object]) -> None:
        self._values: queue.SimpleQueue[Json] = queue.SimpleQueue()
        self._loop = asyncio.new_event_loop()
        self._task = self._loop.create_task(self._watch(url, path, args))
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def __next__(self) -> Json:
        return self._values.get(timeout=ANSWER_TIMEOUT_S)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join()

    def _run(self) -> None:
        self._loop.run_until_complete(asyncio.gather(self._task, return_exceptions=True))
        self._loop.close()

    async def _watch(self, url: str, path: str, args: Json) -> None:
        client = ConvexClient(url)
        client.set_admin_auth(KEY)
        async for value in client.subscribe(path, args):
            self._values.put(value)


@pytest.fixture(scope="module")
def backend_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BackendProcess]:
    process = BackendProcess(tmp_path_factory.mktemp("backend"), key=KEY)
    process.start()
    yield process
    process.stop()


@pytest.fixture
def own_process(tmp_path: Path) -> Iterator[BackendProcess]:
    """A backend that the test may kill."""
    process = BackendProcess(tmp_path, key=KEY)
    process.start()
    yield process
    process.kill()


def open_client(kind: str, url: str) -> Client:
    match kind:
        case "python-websocket":
            return PythonClient(ConvexClient(url))
        case "python-http":
            return PythonClient(ConvexHttpClient(url))
        case "npm-websocket":
            return NodeClient(url, "websocket")
        case _:
            return NodeClient(url, "http")


@pytest.fixture(params=["python-websocket", "python-http", "npm-websocket", "npm-http"])
def client(request: pytest.FixtureRequest, backend_process: BackendProcess) -> Iterator[Client]:
    opened = open_client(request.param, backend_process.url)
    yield opened
    opened.close()
