"""Transcripts of Claude Code, recorded in shape and built in content, replayed through the reader."""

import json
from typing import Any

import pytest

from analyzer.claude.transcript import LINE_MAX_BYTES, Answer, Lines, Transcript
from analyzer.errors import (
    AnalyzerError,
    AuthenticationError,
    CutAnswerError,
    ModelUnavailableError,
    PaymentError,
    RateLimitedError,
    RefusalError,
    UsageError,
)

NOW_S = 1_800_000_000.0
INIT = {"type": "system", "subtype": "init", "cwd": "/opt/claude/empty", "tools": [], "model": "claude-x"}
SAID = {"type": "assistant", "message": {"role": "assistant", "content": [{"type": "text", "text": "ready"}]}}
ALLOWED = {"type": "rate_limit_event", "rate_limit_info": {"status": "allowed", "isUsingOverage": False}}
USAGE = {"input_tokens": 489, "output_tokens": 7}
RESULT: dict[str, Any] = {
    "type": "result",
    "subtype": "success",
    "is_error": False,
    "result": "ready",
    "api_error_status": None,
    "total_cost_usd": 0.001,
    "usage": USAGE,
}
WHOLE = [INIT, SAID, ALLOWED, RESULT]


def failed(status: object, text: str = "API Error", **fields: object) -> dict[str, object]:
    """A result as Claude Code writes it when the call failed: an error that calls itself a success."""
    return {**RESULT, "is_error": True, "api_error_status": status, "result": text, "usage": {}, **fields}


def retry(attempt: int, status: object, delay_ms: object = 500) -> dict[str, object]:
    return {
        "type": "system",
        "subtype": "api_retry",
        "attempt": attempt,
        "max_retries": 10,
        "retry_delay_ms": delay_ms,
        "error_status": status,
    }


def rejected(resets_at: object) -> dict[str, object]:
    return {"type": "rate_limit_event", "rate_limit_info": {"status": "rejected", "resetsAt": resets_at}}


def stream(*messages: object) -> bytes:
    return b"".join(
        message if isinstance(message, bytes) else json.dumps(message).encode() + b"\n" for message in messages
    )


def replay(data: bytes, chunk: int = 1 << 16) -> Transcript:
    transcript, lines = Transcript(now_s=NOW_S), Lines()
    for start in range(0, len(data), chunk):
        for line in lines.feed(data[start : start + chunk]):
            transcript.take(line)
    for line in lines.flush():
        transcript.take(line)
    return transcript


ANSWERED = {
    "plain": stream(*WHOLE),
    "only a result": stream(RESULT),
    "no line end after the result": stream(*WHOLE)[:-1],
    "carriage returns": stream(*WHOLE).replace(b"\n", b"\r\n"),
    "blank lines": b"\n\n" + stream(INIT, b"\n", RESULT) + b"\n",
    "unknown types": stream({"type": "tomorrow", "x": [1]}, *WHOLE[:-1], {"type": "system", "subtype": "new"}, RESULT),
    "no type": stream({"a": 1}, RESULT),
    "type of another type": stream({"type": ["result"]}, {"type": None}, RESULT),
    "values that are not objects": stream([1, 2], b"3\n", b"null\n", b'"result"\n', RESULT),
    "words of another stream between": stream(INIT, b"Warning: slow disk\n", SAID, b"\x1b[31mred\x1b[0m\n", RESULT),
    "bytes that are not UTF-8": stream(INIT, b"\xff\xfe\x00\n", RESULT),
    "a line torn by another stream": stream(INIT, b'{"type": "assis\n', RESULT),
    "deep nesting": stream(INIT, b"[" * 100_000 + b"\n", RESULT),
    "a line of 10 MB": stream(INIT, {"type": "user", "x": "y" * 10_000_000}, RESULT),
    "a line beyond every limit": stream(INIT, b"z" * (LINE_MAX_BYTES + 1) + b"\n", RESULT),
    "retries that passed": stream(INIT, retry(1, 529), retry(2, 500), SAID, RESULT),
    "one refusal that passed": stream(INIT, retry(1, 401), SAID, RESULT),
    "a limit that still holds": stream(INIT, ALLOWED, RESULT),
    "text in the message alone": stream(INIT, SAID, {**RESULT, "result": None}),
    "text that is not text": stream(INIT, SAID, {**RESULT, "result": {"a": 1}}),
    "content that is not a list": stream({"type": "assistant", "message": {"content": "x"}}, RESULT),
    "blocks that are not objects": stream({"type": "assistant", "message": {"content": [1, None]}}, RESULT),
    "no usage": stream({**RESULT, "usage": None, "total_cost_usd": None}),
    "no subtype": stream({key: value for key, value in RESULT.items() if key != "subtype"}),
    "numbers as words": stream({**RESULT, "usage": {"input_tokens": "489", "output_tokens": True}}),
}


@pytest.mark.parametrize("name", ANSWERED)
def test_an_answer_is_found_in(name: str) -> None:
    transcript = replay(ANSWERED[name])
    assert transcript.hopeless() is None
    assert transcript.answer().text == "ready"


def test_an_answer_says_what_it_took() -> None:
    answer = replay(stream(*WHOLE)).answer()
    assert answer == Answer(text="ready", input_tokens=489, output_tokens=7, cost_usd=0.001)


def said(text: str, number: int, model: str = "claude-test") -> dict[str, object]:
    """A message of the model's."""
    content = [{"type": "text", "text": text}]
    return {"type": "assistant", "message": {"id": f"msg_{number}", "model": model, "content": content}}


GO_ON = {"type": "user", "message": {"role": "user", "content": "Output token limit hit. Resume directly."}}


@pytest.mark.parametrize(
    ("messages", "text"),
    [
        ([said("one ", 1), GO_ON, said("two ", 2), GO_ON, said("three", 3)], "one two three"),
        ([said("one ", 1), said("two", 1)], "one two"),
        ([said("tried", 1), said("again", 2)], "again"),
        ([said("one ", 1), GO_ON, said("tried", 2), said("two", 3)], "one two"),
        ([said("whole", 1), said("API Error", 2, "<synthetic>")], "whole"),
    ],
)
def test_an_answer_in_parts_is_joined_and_one_that_was_tried_again_is_not(messages: list[object], text: str) -> None:
    result = {**RESULT, "result": None if len(messages) == 2 else "the last part alone"}
    answer = replay(stream(INIT, *messages, result)).answer()
    assert answer.text == text
    assert answer.model == "claude-test"


def test_what_came_from_the_cache_and_went_into_it_was_sent_too() -> None:
    usage = {
        "input_tokens": 3,
        "cache_creation_input_tokens": 20,
        "cache_read_input_tokens": 100,
        "output_tokens": 7,
    }
    assert replay(stream({**RESULT, "usage": usage})).answer().input_tokens == 123


FAILED: dict[str, tuple[bytes, type[AnalyzerError], str]] = {
    "nothing at all": (b"", ModelUnavailableError, "without a result"),
    "no result": (stream(INIT, SAID), ModelUnavailableError, "without a result"),
    "not one line of JSON": (b"Do you trust this folder? [y/N]\n", ModelUnavailableError, "without a result"),
    "error that calls itself success, 500": (stream(INIT, failed(500)), ModelUnavailableError, r"\(500\)"),
    "a refusal": (stream(failed(None, "flagged", stop_reason="refusal")), RefusalError, "declines to answer: flagged"),
    "cut at the limit": (
        stream(SAID, failed(None, "API Error: Claude's response exceeded the 2000 output token maximum.")),
        CutAnswerError,
        "was cut",
    ),
    "out of extra usage": (stream(failed(400, "You are out of extra usage.")), PaymentError, "paid otherwise"),
    "draws from extra usage": (
        stream(failed(400, "Third-party apps now draw from your extra usage, not your plan limits.")),
        PaymentError,
        "paid otherwise",
    ),
    "no credit": (stream(failed(400, "Your credit balance is too low")), PaymentError, "credit balance"),
    "another 400": (stream(failed(400, "messages: roles must alternate")), ModelUnavailableError, r"\(400\)"),
    "529": (stream(INIT, failed(529, "overloaded")), ModelUnavailableError, r"\(529\): overloaded"),
    "400": (stream(failed(400, "no such model")), ModelUnavailableError, "no such model"),
    "a prompt that is too long": (stream(failed(None, "Prompt is too long")), UsageError, "too long"),
    "no status": (stream(failed(None, "Connection lost (ECONNRESET)")), ModelUnavailableError, "ECONNRESET"),
    "too many turns": (stream({**RESULT, "subtype": "error_max_turns"}), ModelUnavailableError, "no answer"),
    "no text with the error": (stream(failed(500, "")), ModelUnavailableError, "success"),
    "401": (stream(INIT, failed(401, "invalid credential")), AuthenticationError, r"\(401\): invalid"),
    "401 as a word": (stream(failed("401")), AuthenticationError, r"\(401\)"),
    "403": (stream(failed(403)), AuthenticationError, r"\(403\)"),
    "401 in the middle, then silence": (stream(INIT, SAID, retry(1, 401)), AuthenticationError, r"\(401\)"),
    "not logged in": (stream(failed(None, "Not logged in · Please run /login")), AuthenticationError, "logged in"),
    "429": (stream(INIT, rejected(NOW_S + 90), failed(429)), RateLimitedError, "90 s"),
    "429 with a reset that has passed": (stream(rejected(NOW_S - 5), failed(429)), RateLimitedError, "for 0 s"),
    "429 without a time": (stream(failed(429, "limit")), RateLimitedError, "60 s: limit"),
    "429 with a time that is none": (stream(rejected("soon"), failed(429)), RateLimitedError, "60 s"),
    "429 as NaN": (b'{"type":"result","is_error":true,"api_error_status":NaN}\n', ModelUnavailableError, "no answer"),
    "a result beyond every limit": (
        stream({**RESULT, "result": "z" * LINE_MAX_BYTES}),
        ModelUnavailableError,
        "without a result",
    ),
    "retries without an end": (stream(INIT, retry(1, 529), retry(2, 529)), ModelUnavailableError, r"\(529\)"),
}


@pytest.mark.parametrize("name", FAILED)
def test_a_failure_has_its_kind(name: str) -> None:
    data, kind, words = FAILED[name]
    with pytest.raises(kind, match=words) as caught:
        replay(data).answer()
    assert type(caught.value) is kind
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("messages", "kind", "wait_s"),
    [
        ([retry(1, 401), retry(2, 401)], AuthenticationError, None),
        ([retry(1, 403), retry(2, 401)], AuthenticationError, None),
        ([retry(1, 429, 33_000)], RateLimitedError, 33.0),
        ([rejected(NOW_S + 7200), retry(1, 429, 33_000)], RateLimitedError, 7200.0),
    ],
)
def test_tries_that_cannot_pass_are_not_waited_for(
    messages: list[object], kind: type[ModelUnavailableError], wait_s: float | None
) -> None:
    error = replay(stream(INIT, *messages)).hopeless()
    assert type(error) is kind
    assert getattr(error, "retry_after_s", None) == wait_s


@pytest.mark.parametrize("name", ["plain", "unknown types", "carriage returns", "retries that passed"])
def test_how_the_bytes_arrive_changes_nothing(name: str) -> None:
    for chunk in (1, 2, 3, 7, 64):
        assert replay(ANSWERED[name], chunk).answer().text == "ready"


def test_a_stream_cut_at_any_byte_is_a_failure_and_never_half_an_answer() -> None:
    data = stream(INIT, SAID, ALLOWED, RESULT)
    complete = len(data) - 1  # the last line's end is not needed
    for cut in range(complete):
        with pytest.raises(ModelUnavailableError, match="without a result"):
            replay(data[:cut]).answer()
    assert replay(data[:complete]).answer().text == "ready"
