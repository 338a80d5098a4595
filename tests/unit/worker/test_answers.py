import json

import pytest

from course.function_api import FunctionError, RefusedError, parse_answer
from worker.errors import (
    CallRefusedError,
    FunctionMissingError,
    JobCanceledError,
    KeyRefusedError,
    LeaseLostError,
    UnreachableError,
)
from worker.functions import worker_error


def answer(**fields: object) -> bytes:
    return json.dumps(fields).encode()


def refused(code: str) -> bytes:
    return answer(status="error", errorMessage="Server Error", errorData={"code": code, "message": "why"})


def test_a_value_is_returned() -> None:
    assert parse_answer("m:f", 200, answer(status="success", value={"a": 1})) == {"a": 1}
    assert parse_answer("m:f", 200, answer(status="success", value=None, logLines=["x"])) is None


@pytest.mark.parametrize(
    ("status", "body", "kind", "text"),
    [
        (200, refused("lease_lost"), LeaseLostError, "m:f: why"),
        (560, refused("canceled"), JobCanceledError, "m:f: why"),
        (200, refused("unavailable"), UnreachableError, "why"),
        (200, refused("unknown_function"), FunctionMissingError, "no such function"),
        (200, refused("conflict"), CallRefusedError, "why"),
        (200, answer(status="error", errorMessage="[Request ID: x] Server Error"), CallRefusedError, "Server Error"),
        (200, answer(status="error", errorMessage="x", errorData="text"), CallRefusedError, "x"),
        (
            200,
            answer(status="error", errorMessage="Could not find public function for 'm:f'."),
            FunctionMissingError,
            "",
        ),
        (400, answer(code="BadJson", message="nope"), CallRefusedError, "nope (HTTP 400)"),
        (401, answer(code="Unauthorized", message="bad key"), KeyRefusedError, "bad key"),
        (403, b"forbidden", KeyRefusedError, "check FONDATION_BACKEND_KEY_FILE"),
        (429, b"slow down", UnreachableError, "HTTP 429"),
        (500, b"<html>", UnreachableError, "HTTP 500"),
        (502, b"", UnreachableError, "HTTP 502"),
        (301, b"", CallRefusedError, "HTTP 301"),
        (200, b"<html>a captive portal</html>", UnreachableError, "HTTP 200 instead of an answer"),
        (200, b"[1]", UnreachableError, "instead of an answer"),
    ],
)
def test_an_error_becomes_what_the_worker_does_about_it(
    status: int, body: bytes, kind: type[Exception], text: str
) -> None:
    with pytest.raises(FunctionError) as caught:
        parse_answer("m:f", status, body)
    found = worker_error(caught.value)
    assert type(found) is kind
    assert text in str(found)


def test_a_code_is_kept_and_a_message_is_bounded_and_redacted() -> None:
    with pytest.raises(RefusedError) as caught:
        parse_answer("m:f", 200, refused("too_large"))
    assert caught.value.code == "too_large"
    with pytest.raises(RefusedError) as caught:
        parse_answer("m:f", 200, answer(status="error", errorMessage="https://me:secret@host/ " + "x" * 10_000))
    assert len(str(caught.value)) < 600
    assert "secret" not in str(caught.value)
