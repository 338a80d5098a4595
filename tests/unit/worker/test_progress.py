import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.steps import STEPS, Step, step_title
from worker.processes import LineSplitter, Tail
from worker.progress import Complaint, Note, StepStarted, StepTracker, Usage, parse_line
from worker.wakeup import may_have_work


def line(**fields: object) -> str:
    return json.dumps({"level": "info", "time": 1, "context": "analyze", **fields})


@pytest.mark.parametrize("step", STEPS)
def test_each_written_form_of_a_step_is_understood(step: Step) -> None:
    number = STEPS.index(step) + 1
    marked = f"[FONDATION_STEP_{number}/6] {step_title(step)}"
    expected = StepStarted(step=step)
    assert parse_line(line(msg=marked, step=number, totalSteps=6)) == expected
    assert parse_line(line(msg=marked)) == expected
    assert parse_line(marked) == expected
    assert parse_line(line(msg=step_title(step))) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Generating interactive tutorials",
        line(msg="Starting codebase analysis"),
        line(msg="Analysis complete!"),
        line(msg="x", step=0, totalSteps=6),
        line(msg="x", step=7, totalSteps=6),
        line(msg="x", step=True, totalSteps=6),
        line(msg="x", step=1, totalSteps=7),
        "[FONDATION_STEP_9/6] x",
        "[FONDATION_STEP_1/7] x",
        "{not json",
        "[1, 2]",
        "{" * 100_000,
    ],
)
def test_anything_else_is_no_progress(text: str) -> None:
    assert parse_line(text) is None


def test_an_error_line_is_a_complaint_with_its_remedy() -> None:
    found = parse_line(line(level="error", msg="no code", error={"code": "nothing", "remedy": "add some"}))
    assert found == Complaint(message="no code", remedy="add some")
    assert str(found) == "no code; add some"
    assert parse_line(line(level="error", msg="Analysis failed")) == Complaint(message="Analysis failed")


def test_a_note_belongs_into_the_log() -> None:
    assert parse_line(line(msg="chapter 2: without the model", note=True)) == Note(text="chapter 2: without the model")
    assert parse_line(line(msg="chapter 2: without the model", note="yes")) is None


def test_what_the_answers_took_is_read_and_nothing_is_believed_that_is_no_number() -> None:
    taken = {"calls": 3, "inputTokens": 1200, "outputTokens": 30, "costUsd": 0.25, "model": "m", "kept": 1}
    expected = Usage(text="3 calls", calls=3, input_tokens=1200, output_tokens=30, usd=0.25)
    assert parse_line(line(msg="3 calls", taken=taken)) == expected
    odd = {"calls": "3", "inputTokens": -1, "outputTokens": True, "costUsd": 1e300}
    assert parse_line(line(msg="x", taken=odd)) == Usage(text="x", calls=0, input_tokens=0, output_tokens=0, usd=1e12)
    assert parse_line(line(msg="x", taken="much")) is None


@given(st.text())
def test_no_line_is_an_error(text: str) -> None:
    parse_line(text)
    parse_line(json.dumps({"level": "error", "msg": text, "error": text}))


def test_a_bar_never_runs_back() -> None:
    tracker = StepTracker()
    assert [tracker.advance(STEPS[index]) for index in (0, 1, 1, 0, 3, 2, 5)] == [
        True,
        True,
        False,
        False,
        True,
        False,
        True,
    ]
    assert tracker.current == STEPS[5]


@given(st.lists(st.binary(max_size=50)))
def test_lines_come_out_whole_however_the_stream_is_cut(chunks: list[bytes]) -> None:
    whole = b"".join(chunks)
    splitter = LineSplitter()
    found = [text for chunk in chunks for text in splitter.feed(chunk)] + splitter.end()
    expected = [part.decode("utf-8", "replace") for part in whole.split(b"\n")]
    expected[:-1] = [text.rstrip("\r") for text in expected[:-1]]
    assert found == (expected if expected[-1] else expected[:-1])


def test_an_endless_line_is_cut_and_costs_bounded_memory() -> None:
    splitter = LineSplitter(max_line_bytes=10)
    for _ in range(1000):
        assert splitter.feed(b"x" * 1000) == []
    assert splitter.feed(b"y\nnext\n") == ["x" * 10, "next"]


def test_the_tail_keeps_the_end() -> None:
    tail = Tail(max_bytes=4)
    for data in (b"abc", b"def", b""):
        tail.feed(data)
    assert tail.text() == "cdef"


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        ({"counts": {"pending": 1.0}}, True),
        ({"counts": {"pending": 0.0, "processing": 3.0}}, False),
        ({"counts": {}}, True),
        ({}, True),
        (None, True),
    ],
)
def test_only_pending_jobs_are_news_to_an_idle_worker(metrics: object, expected: bool) -> None:  # noqa: FBT001 - expectation
    assert may_have_work(metrics) is expected
