"""Log lines, error classes."""

import io
import json
import logging
import sys

import pytest

from worker import errors
from worker.logs import JsonFormatter, LineFormatter, configure
from worker.secret import Secret


def record(message: str, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("worker.x", logging.WARNING, "f", 1, message, (), None)
    made.__dict__.update(extra)
    return made


def test_a_production_line_is_one_json_object() -> None:
    fields = json.loads(JsonFormatter().format(record("two\nlines https://a:b@c/", job="j1", outcome="completed")))
    assert fields["level"] == "warning"
    assert fields["message"] == "two\nlines https://[redacted]@c/"
    assert (fields["job"], fields["outcome"]) == ("j1", "completed")
    assert fields["time"].endswith("Z")


def test_a_trace_is_part_of_the_line_and_the_line_is_bounded() -> None:
    try:
        int("x" * 100_000)
    except ValueError:
        made = record("failed")
        made.exc_info = sys.exc_info()
    line = JsonFormatter().format(made)
    assert "\n" not in line
    assert len(line) < 5000
    assert "Traceback" in line


def test_a_development_line_is_for_people() -> None:
    assert LineFormatter().format(record("hello", job="j1")).endswith("WARNING hello job=j1")


@pytest.mark.parametrize(("mode", "start"), [("production", "{"), ("development", "")])
def test_the_log_goes_to_its_stream(mode: str, start: str) -> None:
    root = logging.getLogger()
    handlers, level, stream = root.handlers[:], root.level, io.StringIO()
    try:
        configure(mode, stream)  # type: ignore[arg-type]
        logging.getLogger("worker.test").info("hello")
    finally:
        root.handlers[:], root.level = handlers, level
    assert stream.getvalue().startswith(start)
    assert "hello" in stream.getvalue()


def test_a_secret_shows_only_when_asked() -> None:
    secret = Secret("the-key")
    assert "the-key" not in f"{secret} {secret!r} {[secret]}"
    assert secret.reveal() == "the-key"


def test_exit_codes_are_unique_and_documented() -> None:
    own = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.WorkerError) and "exit_code" in vars(kind)
    ]
    codes = [kind.exit_code for kind in own]
    assert sorted(codes) == [69, 70, 75, 78]
    assert all(str(code) in str(errors.__doc__) for code in codes if code != errors.WorkerError.exit_code)
