import itertools
import threading
import time

import pytest

from ops.context import Line, LineReport
from ops.errors import OpsError
from ops.machine.tasks import Task, run_tasks

LONG_S = 10


class Lines:
    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def __call__(self, name: str, text: str) -> None:
        self.lines.append((name, text))

    def of(self, name: str) -> list[str]:
        return [text for known, text in self.lines if known == name]


def test_independent_tasks_run_side_by_side() -> None:
    meeting = threading.Barrier(2)

    def meet(_: Line) -> str:
        meeting.wait(timeout=LONG_S)  # Breaks unless the other task runs at the same time.
        return "met"

    tasks = [Task(name="a", work=meet), Task(name="b", work=meet)]
    assert run_tasks(tasks, report=Lines(), clock=time.monotonic) == {"a": "met", "b": "met"}


def test_a_task_waits_for_those_that_it_needs() -> None:
    order: list[str] = []

    def work(name: str) -> Task:
        def note_order(_: Line) -> str:
            order.append(name)
            return name

        return Task(name=name, work=note_order, after=("first",) if name != "first" else ())

    run_tasks([work("second"), work("first")], report=Lines(), clock=time.monotonic)
    assert order == ["first", "second"]


def test_a_failure_stops_those_that_need_it_and_nothing_else() -> None:
    lines = Lines()

    def fail(_: Line) -> str:
        raise OpsError("the disk is gone\nsecond line")

    tasks = [
        Task(name="broken", work=fail),
        Task(name="needs it", work=lambda _: "never", after=("broken",)),
        Task(name="free", work=lambda _: "made"),
    ]
    with pytest.raises(OpsError, match="the disk is gone"):
        run_tasks(tasks, report=lines, clock=time.monotonic)
    assert lines.of("broken")[0].startswith("failed: the disk is gone (")
    assert lines.of("free")[0].startswith("made (")
    assert lines.of("needs it") == ["not started, it needs broken"]


def test_a_long_task_is_named_with_its_latest_news_while_it_runs() -> None:
    lines = Lines()
    shown = threading.Event()

    class Watching(Lines):
        def __call__(self, name: str, text: str) -> None:
            lines(name, text)
            if name == "still running" and "half" in text:
                shown.set()

    def long(note: Line) -> str:
        note("half\n  done")
        assert shown.wait(timeout=LONG_S)
        return "done"

    seconds = itertools.count()
    run_tasks([Task(name="engine", work=long)], report=Watching(), clock=lambda: float(next(seconds)), heartbeat_s=0.01)
    assert any("engine" in text and "(half done)" in text for text in lines.of("still running"))


def test_a_report_line_has_the_seconds_since_the_start(capsys: pytest.CaptureFixture[str]) -> None:
    import sys  # noqa: PLC0415 - capsys replaces the stream after import

    clock = iter([100.0, 112.34])
    LineReport(sys.stderr, lambda: next(clock))("docker", "answers")
    assert capsys.readouterr().err == "   12.3 s  docker: answers\n"
