"""The command line as programs and people meet it: options, streams, exit codes."""

import inspect
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from analyzer import __version__, errors
from analyzer.cli import parse_steps
from course.steps import STEPS, Step

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_exit_codes_are_unique_and_those_of_the_agreement() -> None:
    classes = [
        item for _, item in inspect.getmembers(errors, inspect.isclass) if issubclass(item, errors.AnalyzerError)
    ]
    codes = {item.__name__: item.exit_code for item in classes}
    assert sorted(codes.values()) == [*range(1, 16), 130]
    assert len({item.code for item in classes}) == len(classes)
    assert errors.RunInterruptedError(15).status == 143


def test_six_steps_are_announced_to_people_and_programs(cli: Run, shop: Path) -> None:
    done = cli("analyze", shop, "--json")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    steps = [line for line in lines if "step" in line]
    assert [line["step"] for line in steps] == [1, 2, 3, 4, 5, 6]
    assert steps[2]["msg"] == "[FONDATION_STEP_3/6] Determining optimal chapter order"
    assert {line["totalSteps"] for line in steps} == {6}
    assert all({"level", "time", "context", "msg"} <= line.keys() and line["context"] == "analyze" for line in lines)
    assert [line[:5] for line in done.stderr.splitlines() if line.startswith("[")] == [f"[{n}/6]" for n in range(1, 7)]


@pytest.mark.parametrize("arguments", [["--json", "analyze", "PATH"], ["analyze", "PATH", "--json"]])
def test_global_options_stand_before_or_after_the_command(cli: Run, shop: Path, arguments: list[str]) -> None:
    done = cli(*[str(shop) if argument == "PATH" else argument for argument in arguments])
    assert done.returncode == 0
    assert json.loads(done.stdout.splitlines()[0])["msg"] == "Starting codebase analysis"


def test_without_json_standard_output_stays_empty(cli: Run, shop: Path) -> None:
    assert cli("analyze", shop).stdout == ""
    assert cli("-q", "analyze", shop, "--overwrite").stderr == ""


def test_version_and_help(cli: Run) -> None:
    assert __version__ in cli("--version").stdout
    assert "analyze" in cli("--help").stdout
    assert "--skip-existing" in cli("analyze", "--help").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["analyze", "missing"], 4, "does not exist"),
        (["analyze", "SHOP", "--steps", "extract,dance"], 2, "'dance'"),
        (["analyze", "SHOP", "--overwrite", "--skip-existing"], 2, "contradict"),
        (["analyze", "SHOP", "--nonsense"], 2, "--nonsense"),
        (["analyze", "SHOP", "--engine", "claude"], 6, "fondation:engine"),
        (["analyze", "SHOP", "--steps", "order"], 2, "step1_abstractions.yaml"),
        (["analyze", "SHOP", "-p", "0"], 2, "parallel"),
        (["run", "-p", "What is this?"], 6, "language model"),
        (["run", "what", "is", "this"], 6, "language model"),
        (["run", "-f", "nowhere.txt"], 4, "nowhere.txt"),
        (["run"], 2, "prompt"),
    ],
)
def test_errors_have_their_code_and_say_what_to_do(
    cli: Run, shop: Path, arguments: list[str], code: int, words: str
) -> None:
    done = cli(*[str(shop) if argument == "SHOP" else argument for argument in arguments])
    assert done.returncode == code
    assert words in done.stderr
    assert "What to do:" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_error_is_a_json_line_with_code_and_remedy(cli: Run) -> None:
    done = cli("analyze", "missing", "--json")
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["level"] == "error"
    assert last["error"]["code"] == "unreadable-input"
    assert last["error"]["remedy"]


def test_a_prompt_comes_from_standard_input(cli: Run) -> None:
    assert cli("run", "--stdin", stdin="What is this?").returncode == 6
    assert cli("run", "--stdin", stdin="  ").returncode == 2


def test_steps_run_in_their_own_order() -> None:
    assert parse_steps(None) == STEPS
    assert parse_steps("order, extract") == (Step.EXTRACT, Step.ORDER)


def test_output_folder_from_option_environment_and_default(cli: Run, shop: Path, tmp_path: Path) -> None:
    assert cli("analyze", shop, "--output-dir", tmp_path / "named").returncode == 0
    assert cli("analyze", shop, CLAUDE_OUTPUT_DIR=str(tmp_path / "environment")).returncode == 0
    assert cli("analyze", shop, "-o", "relative").returncode == 0
    for folder in (tmp_path / "named", tmp_path / "environment", shop / "relative"):
        assert (folder / "step1_abstractions.yaml").is_file()
    assert not (shop / ".claude-tutorial-output").exists()


def test_an_estimate_asks_nobody_and_writes_nothing(cli: Run, shop: Path) -> None:
    before = sorted(shop.rglob("*"))
    done = cli("--json", "estimate", str(shop))
    assert done.returncode == 0, done.stderr
    (line,) = [json.loads(line) for line in done.stdout.splitlines() if "expected" in json.loads(line)]
    calls, tokens = line["expected"]["calls"], line["expected"]["tokens"]
    assert (calls - 3) % 3 == 0
    assert tokens > 1_000 * calls
    assert f"About {calls} calls and {tokens} tokens are expected" in done.stderr
    assert sorted(shop.rglob("*")) == before
