"""One program in a process of its own: what it may use, and what is known of it afterwards."""

from pathlib import Path

import pytest

from sandbox.program import Ending, Limits, Program, Result
from sandbox.run import run_program

LIMITS = Limits(seconds=2)


def run(folder: Path, source: str, *packages: Path) -> Result:
    return run_program(Program(main="main.py", files={"main.py": source}), folder / "run", packages, LIMITS)


def test_what_it_prints_and_its_status_come_back(tmp_path: Path) -> None:
    source = "import sys\nprint('out', flush=True)\nsys.stderr.write('err')\nsys.exit(3)\n"
    assert run(tmp_path, source) == Result(ending=Ending.ENDED, status=3, output="out\nerr")


def test_it_imports_packages_and_nothing_of_ours(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "fruit.py").write_text("APPLE = 3\n")
    assert run(tmp_path, "import fruit; print(fruit.APPLE)", tmp_path / "package").output == "3\n"
    assert run(tmp_path / "package", "import analyzer").status == 1


def test_it_knows_nothing_of_our_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FONDATION_CANARY", "canary-0123456789")
    assert "canary" not in run(tmp_path, "import os; print(dict(os.environ))").output


@pytest.mark.parametrize(
    ("source", "ending"),
    [
        ("while True: print('x' * 999)", Ending.TOO_LOUD),
        ("import time; time.sleep(60)", Ending.TOO_LONG),
        ("import os, time\nif os.fork() == 0: time.sleep(60)", Ending.ENDED),
    ],
)
def test_it_ends(tmp_path: Path, source: str, ending: Ending) -> None:
    assert run(tmp_path, source).ending is ending


def test_memory_and_files_are_bounded(tmp_path: Path) -> None:
    limits = Limits(seconds=5, memory_bytes=256 << 20, file_bytes=1 << 16)
    source = (
        "import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "try: bytearray(1 << 30)\nexcept MemoryError: print('memory')\n"
        "try: open('big', 'wb').write(bytes(1 << 20))\nexcept OSError as error: print(error.strerror)\n"
    )
    found = run_program(Program(main="main.py", files={"main.py": source}), tmp_path / "run", [], limits)
    assert found.output == "memory\nFile too large\n"


def test_a_folder_that_is_there_already_runs_nothing(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    assert run(tmp_path, "print(1)").ending is Ending.NOT_RUN
