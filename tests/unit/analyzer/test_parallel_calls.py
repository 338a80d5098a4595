"""Several calls at once: the same course sooner, nothing asked twice, nothing lost that was paid for."""

import os
import queue
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from analyzer.author.desk import Budget, BudgetError, Desk, LimitedError
from analyzer.claude.transcript import Answer
from analyzer.errors import ModelChangedError, ModelUnavailableError, RateLimitedError, RunInterruptedError
from analyzer.output import OutputFolder
from tests.scripted_model import ScriptedModel, task_of
from tests.unit.analyzer.test_author import MODEL, Writer, answered, chapters
from tests.unit.analyzer.test_concepts import LIBRARY

AT_ONCE = 3
LIMITED = RateLimitedError("the limit is reached", remedy="wait", retry_after_s=3600)


@pytest.fixture
def writer(repository: Callable[..., Path], tmp_path: Path) -> Callable[..., Writer]:
    folder = repository(LIBRARY)
    numbers = iter(range(100))

    def make(**desk: object) -> Writer:
        run = Writer(tmp_path / f"run-{next(numbers)}", folder, model=ScriptedModel())
        run.settings = desk
        return run

    return make


def test_several_chapters_are_asked_for_at_once_and_the_course_is_the_same(writer: Callable[..., Writer]) -> None:
    whole = writer().run()
    assert len(chapters(whole)) >= AT_ONCE
    run = writer(at_once=AT_ONCE)
    together = threading.Barrier(AT_ONCE, timeout=10)
    lock = threading.Lock()
    met: list[str] = []

    def answer(prompt: str) -> str:
        task = task_of(prompt)
        if task in {"chapter", "review", "tutorial"} and met.count(task) < AT_ONCE:
            met.append(task)
            together.wait()  # breaks unless as many come before the first is answered
        with lock:
            return run.model.answer(prompt)

    run.answer = answer
    assert run.run() == whole
    assert met == sorted(met, key=["chapter", "review", "tutorial"].index)


def test_what_was_asked_beside_a_call_that_fails_is_kept(writer: Callable[..., Writer]) -> None:
    run = writer(at_once=AT_ONCE)
    begun = threading.Barrier(AT_ONCE, timeout=10)
    calls = iter(range(1000))

    def answer(prompt: str) -> str:
        if task_of(prompt) == "chapter":
            number = next(calls)
            if number < AT_ONCE:
                begun.wait()
            if number == 0:
                raise ModelUnavailableError("gone")
        return run.model.answer(prompt)

    run.answer = answer
    with pytest.raises(ModelUnavailableError):
        run.run()
    asked = run.model.asked.count("chapter")
    assert asked >= AT_ONCE - 1
    run.answer = run.model.answer
    course = run.run()
    assert run.model.asked.count("chapter") == len(chapters(course))


def test_a_run_that_is_stopped_ends_the_calls_that_run(writer: Callable[..., Writer]) -> None:
    halted = threading.Event()
    run = writer(at_once=AT_ONCE, halt=halted.set)
    started = threading.Barrier(AT_ONCE, timeout=10)
    ended: queue.Queue[bool] = queue.Queue()

    def interrupt(number: int, _: object) -> None:
        raise RunInterruptedError(number)

    def answer(prompt: str) -> str:
        if task_of(prompt) == "chapter":
            if started.wait() == 0:
                os.kill(os.getpid(), signal.SIGUSR1)  # the thread that waits for all of them is interrupted
            ended.put(halted.wait(timeout=10))
            raise ModelUnavailableError("the run was stopped")
        return run.model.answer(prompt)

    run.answer = answer
    before = signal.signal(signal.SIGUSR1, interrupt)
    try:
        with pytest.raises(RunInterruptedError):
            run.run()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert [ended.get(timeout=10) for _ in range(AT_ONCE)] == [True] * AT_ONCE


def test_at_a_rate_limit_a_run_goes_on_without_the_model_where_that_is_wanted(writer: Callable[..., Writer]) -> None:
    run = writer(goes_on=True)
    limited = 0

    def answer(prompt: str) -> str:
        nonlocal limited
        if task_of(prompt) == "review":
            limited += 1
            raise LIMITED
        return run.model.answer(prompt)

    run.answer = answer
    course = run.run()
    assert limited == 1
    assert all("the limit is reached" in text for text in chapters(course).values())
    waiting = writer()
    waiting.answer = answer
    with pytest.raises(RateLimitedError):
        waiting.run()


def test_calls_that_run_count_against_the_budget(tmp_path: Path) -> None:
    waiting, asked = threading.Event(), threading.Event()

    def ask(_: str) -> Answer:
        asked.set()
        assert waiting.wait(timeout=10)
        return answered("yes")

    desk = Desk(ask=ask, folder=OutputFolder(root=tmp_path), settings={}, budget=Budget(tokens=6_000))
    first = threading.Thread(target=desk.answer, args=("s", "one"))
    first.start()
    assert asked.wait(timeout=10)
    with pytest.raises(BudgetError):
        desk.answer("s", "two")
    waiting.set()
    first.join(timeout=10)
    assert desk.answer("s", "two") == "yes"


def test_only_a_named_model_may_answer_in_the_place_of_another(tmp_path: Path) -> None:
    names = iter(["one", "two", "three"])
    desk = Desk(
        ask=lambda _: answered("yes", next(names)),
        folder=OutputFolder(root=tmp_path),
        settings={},
        model="one",
        fallback=["two"],
    )
    assert [desk.answer("s", "a"), desk.answer("s", "b")] == ["yes", "yes"]
    assert desk.answered == {"one": 1, "two": 1}
    with pytest.raises(ModelChangedError, match="three answered"):
        desk.answer("s", "c")


def test_after_a_limit_nothing_is_asked_any_more(tmp_path: Path) -> None:
    def ask(_: str) -> Answer:
        raise LIMITED

    desk = Desk(ask=ask, folder=OutputFolder(root=tmp_path), settings={}, goes_on=True, model=MODEL)
    for question in ("a", "b"):
        with pytest.raises(LimitedError, match="the limit is reached"):
            desk.answer("s", question)
        desk.ask = lambda _: pytest.fail("asked")
