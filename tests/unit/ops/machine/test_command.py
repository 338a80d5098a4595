import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.errors import CommandError
from ops.machine.command import TAIL_LINES, bounded, environment, run


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_output_is_returned_and_both_streams_are_shown_as_they_come(tmp_path: Path) -> None:
    seen: list[str] = []
    code = "import os, sys; print(os.getcwd()); print('warning', file=sys.stderr)"
    assert run(python(code), cwd=tmp_path, on_line=seen.append) == f"{tmp_path}\n"
    assert sorted(seen) == sorted([str(tmp_path), "warning"])


def test_a_failure_carries_argv_code_and_the_bounded_end_of_both_streams() -> None:
    code = "import sys; [print(n) for n in range(1000)]; print('x' * 9999, file=sys.stderr); sys.exit(7)"
    with pytest.raises(CommandError) as caught:
        run(python(code), remedy="try again")
    assert caught.value.code == 7
    assert caught.value.argv[0] == sys.executable
    lines = caught.value.tail.splitlines()
    assert len(lines) <= TAIL_LINES
    assert max(len(line) for line in lines) <= 400
    assert str(caught.value).endswith("try again")


def test_a_command_that_takes_too_long_is_ended() -> None:
    with pytest.raises(CommandError, match="did not end in time"):
        run(python("import time; time.sleep(60)"), timeout_s=0.3)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C ends this process, although a run of the tests in the background ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupted_caller_lets_the_program_end_in_order(tmp_path: Path) -> None:
    script = """
import signal, sys, time
def end(*_):
    open(sys.argv[1], "w").write("in order")
    sys.exit(0)
signal.signal(signal.SIGINT, end)
print("ready", flush=True)
time.sleep(60)
"""

    def interrupt(_: str) -> None:
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        run([*python(script), str(tmp_path / "end")], interrupt_s=30, on_line=interrupt)
    assert (tmp_path / "end").read_text() == "in order"


def test_a_missing_program_is_a_failed_command() -> None:
    with pytest.raises(CommandError, match="no-such-program-at-all") as caught:
        run(["no-such-program-at-all"])
    assert caught.value.code == 127


def test_output_that_is_not_utf8_does_not_stop_the_reader() -> None:
    assert run(python("import os; os.write(1, b'\\xff ok\\n')")) == "\ufffd ok\n"


def test_variables_are_added_and_taken_away() -> None:
    assert environment({"A": "2", "B": None, "C": "3"}, {"A": "1", "B": "1", "D": "4"}) == {
        "A": "2",
        "C": "3",
        "D": "4",
    }


def test_an_empty_text_stays_empty() -> None:
    assert bounded("") == ""
