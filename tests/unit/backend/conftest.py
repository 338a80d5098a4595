"""A deployment without threads or network: real functions on a real database, with a clock that the test moves."""

import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from random import Random
from threading import Thread
from typing import TYPE_CHECKING, Any, Self, TypeAlias, TypeVar

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from websockets.sync.client import ClientConnection, connect

from backend.__main__ import server_config
from backend.database import open_database
from backend.errors import Code, FunctionError
from backend.evaluation import encode_result
from backend.functions import build_registry
from backend.functions.queue import reclaim_expired
from backend.registry import MutationContext, QueryContext, check_args
from backend.transaction import Snapshot, Transaction
from backend.values import parse_json, to_json

if TYPE_CHECKING:
    from backend.service import Service

Json: TypeAlias = Any
T = TypeVar("T")
START_MS = 1_800_000_000_000.0


class Deployment:
    """Calls functions as the service does: decode, validate, run in a transaction, encode."""

    def __init__(self, file: str) -> None:
        self.now = START_MS
        self.random = Random(7)  # noqa: S311 - the same run each time
        self.registry = build_registry()
        self.database = open_database(file, now=self.now)

    @property
    def connection(self) -> sqlite3.Connection:
        return self.database.writer

    def mutate(self, path: str, **args: object) -> Json:
        function = self.registry.mutation(path)
        checked = check_args(function, parse_json(to_json(args)))
        return self.transact(lambda context: parse_json(encode_result(path, function.handler(context, checked))))

    def query(self, path: str, *, authorized: bool = True, **args: object) -> Json:
        function = self.registry.query(path)
        checked = check_args(function, parse_json(to_json(args)))
        context = QueryContext(db=Snapshot(self.connection), now=self.now, authorized=authorized)
        return parse_json(encode_result(path, function.handler(context, checked)))

    def refusal(self, path: str, **args: object) -> Code:
        with pytest.raises(FunctionError) as caught:
            self.mutate(path, **args)
        assert str(caught.value)
        return caught.value.code

    def reclaim(self) -> int:
        return self.transact(lambda context: reclaim_expired(context.db))

    def transact(self, call: Callable[[MutationContext], T]) -> T:
        transaction = Transaction(self.connection, now=self.now, random=self.random)
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            result = call(MutationContext(db=transaction, now=self.now, random=self.random))
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")
        return result

    def user(self) -> str:
        return str(self.mutate("users:createOrUpdateUser", githubId="fondation", username="fondation"))

    def repository(self, name: str = "alpha") -> str:
        url = f"https://git.example/team/{name}.git"
        return str(
            self.mutate("repositories:register", userId=self.user(), url=url, fullName=f"team/{name}", name=name)
        )

    def job(self, name: str = "alpha") -> str:
        created = self.mutate("jobs:create", userId=self.user(), repositoryId=self.repository(name), prompt="explain")
        return str(created["jobId"])

    def claimed(self, worker: str = "w:1", name: str = "alpha") -> str:
        job_id = self.job(name)
        assert self.mutate("queue:claimOne", workerId=worker)["id"] == job_id
        return job_id

    def publish(self, job_id: str, worker: str = "w:1", files: list[dict[str, object]] | None = None) -> Json:
        return self.mutate(
            "docs:upsertFromJob",
            jobId=job_id,
            repositoryId=self.row(job_id)["repositoryId"],
            runId=worker,
            files=[chapter(0)] if files is None else files,
            summary={"chaptersCount": 1, "tutorialsCount": 0, "generatedAt": self.now},
        )

    def row(self, job_id: str) -> Json:
        return self.query("jobs:getById", id=job_id)


def chapter(index: int, content: str = "# Title\n\nText.\n", **more: object) -> dict[str, object]:
    slug = f"chapters/chapter_{index}_x.md"
    return {
        "slug": slug,
        "title": f"Chapter {index}",
        "kind": "chapter",
        "chapterIndex": index,
        "content": content,
    } | more


@pytest.fixture
def deployment() -> Iterator[Deployment]:
    made = Deployment(":memory:")
    yield made
    made.database.close()


class Server:
    """The application behind uvicorn on a free port, in a thread of this process."""

    def __init__(self, app: Starlette) -> None:
        self.app = app
        self.service: Service = app.state.service
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._server = uvicorn.Server(server_config(app))
        self._thread = Thread(target=self._server.run, kwargs={"sockets": [self._listener]})
        self.http = httpx.Client(base_url=f"http://{self.address}")

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive()
            time.sleep(0.005)
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()
        self._server.should_exit = True
        self._thread.join()
        self._listener.close()

    def websocket(self, path: str = "/api/1.48.0/sync") -> ClientConnection:
        return connect(f"ws://{self.address}{path}", max_size=None)
