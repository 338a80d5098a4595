"""Redaction, log lines, error classes."""

import io
import json
import logging
import sys

import pytest

from worker import errors
from worker.logs import JsonFormatter, LineFormatter, configure
from worker.redaction import bounded, redact
from worker.secret import Secret


@pytest.mark.parametrize(
    "secret",
    [
        "ghp_" + "a" * 36,
        "github_pat_" + "a" * 40,
        "glpat-" + "a" * 20,
        "sk-ant-" + "a" * 40,
        "xoxb-" + "1" * 20,
    ],
)
def test_token_shapes_are_masked(secret: str) -> None:
    assert secret not in redact(f"before {secret} after")
    assert redact(f"before {secret} after") == "before [redacted] after"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("clone https://user:pass@host/x", "clone https://[redacted]@host/x"),
        ("clone https://token@host/x", "clone https://[redacted]@host/x"),
        ("Authorization: Bearer abc", "Authorization: [redacted]"),
        ("authorization=xyz, rest", "authorization=[redacted], rest"),
        ("Convex 0123456789abcdef0123", "Convex [redacted]"),
        ("mail a@b.example and path/to@x", "mail a@b.example and path/to@x"),
    ],
)
def test_credentials_are_masked_and_plain_text_is_not(text: str, expected: str) -> None:
    assert redact(text) == expected


def test_a_bounded_text_keeps_its_ends() -> None:
    text = bounded("first\x00\x1b[31m\n" + "x" * 5000 + "\nlast", max_characters=300)
    assert len(text) == 300
    assert text.startswith("first[31m\n")
    assert text.endswith("\nlast")


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
