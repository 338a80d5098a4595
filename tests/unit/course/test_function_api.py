"""The client of Convex functions on real sockets; what answers mean is in `tests/unit/worker/test_answers.py`."""

import http.server
import json
import threading

import pytest

from course.function_api import FunctionClient, RefusedError, UnreachableError
from tests.unit.course.conftest import Handler, url_of


def test_a_call_carries_key_name_and_arguments(server: http.server.ThreadingHTTPServer, handler: type[Handler]) -> None:
    client = FunctionClient(url_of(server), "k3y", name="fondation-test")
    assert client.call("query", "m:f", {"a": None}) == [1, 2]
    (path, headers, body), *others = handler.seen
    assert (path, others) == ("/api/query", [])
    assert (headers["Authorization"], headers["Convex-Client"]) == ("Convex k3y", "fondation-test")
    assert json.loads(body) == {"path": "m:f", "args": {"a": None}, "format": "json"}


def test_without_a_key_none_is_sent(server: http.server.ThreadingHTTPServer, handler: type[Handler]) -> None:
    FunctionClient(url_of(server), None, name="fondation-test").call("mutation", "m:f", {})
    assert "Authorization" not in handler.seen[0][1]


def test_a_redirect_is_not_followed_with_the_key(
    server: http.server.ThreadingHTTPServer, handler: type[Handler]
) -> None:
    handler.status = 307
    with pytest.raises(RefusedError, match="HTTP 307"):
        FunctionClient(url_of(server), "k3y", name="fondation-test").call("query", "m:f", {})
    assert len(handler.seen) == 1


def test_only_a_refused_connection_is_tried_again(handler: type[Handler]) -> None:
    late = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler, bind_and_activate=False)
    late.server_bind()  # the address is taken, and nobody listens
    late.server_port = late.socket.getsockname()[1]
    slept: list[float] = []

    def sleep(pause_s: float) -> None:
        slept.append(pause_s)
        if len(slept) == 2:
            late.server_activate()
            threading.Thread(target=late.handle_request).start()

    with late:
        client = FunctionClient(url_of(late), None, name="test", connect_pauses_s=(0.5, 1, 2), sleep=sleep)
        assert client.call("query", "m:f", {}) == [1, 2]
    assert slept == [0.5, 1]
    with pytest.raises(UnreachableError, match=r"m:f: no answer from .* \(.*refused"):
        FunctionClient(url_of(late), None, name="test", connect_pauses_s=(1, 2), sleep=slept.append).call(
            "query", "m:f", {}
        )
    assert slept == [0.5, 1, 1, 2]


def test_a_deployment_is_ready_when_it_answers(server: http.server.ThreadingHTTPServer) -> None:
    assert FunctionClient(url_of(server), None, name="test").is_ready(timeout_s=2)
    assert not FunctionClient(f"{url_of(server)}/elsewhere", None, name="test").is_ready(timeout_s=2)
    assert not FunctionClient("http://127.0.0.1:1", None, name="test").is_ready(timeout_s=2)
