"""What a run says while it works."""

import io
import json

from analyzer.console import Console
from course.steps import Step


def test_long_work_says_how_far_it_is_and_how_long_it_takes() -> None:
    times = iter([100.0, 100.4, 102.0, 102.5, 105.0, 109.0])
    people = io.StringIO()
    console = Console(people=people, programs=None, clock=lambda: next(times))
    for done in (1, 2, 40, 50, 80, 100):
        console.count("files parsed", done, 100)
    assert people.getvalue().splitlines() == [
        "      40 of 100 files parsed, about 3 s left",
        "      80 of 100 files parsed, about 1 s left",
    ]


def test_quiet_says_nothing_and_programs_get_lines() -> None:
    people, programs = io.StringIO(), io.StringIO()
    console = Console(people=people, programs=programs, clock=lambda: 1.0, level=-1)
    console.step(Step.ORDER)
    console.info("read")
    assert people.getvalue() == ""
    assert [json.loads(line)["msg"] for line in programs.getvalue().splitlines()] == [
        "[FONDATION_STEP_3/6] Determining optimal chapter order",
        "read",
    ]
