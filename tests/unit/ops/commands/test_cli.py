import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from ops.commands.cli import main

ROOT = Path(__file__).resolve().parents[4]
COMMANDS = sorted(main.commands)


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    home = {"FONDATION_HOME": str(cwd), "XDG_CACHE_HOME": str(cwd), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-P", "-m", "ops", *arguments],
        cwd=cwd,
        env={**os.environ, **home},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_commands_are_those_that_people_are_told_of() -> None:
    assert {"history", "rollback", "prune"} <= set(COMMANDS)
    assert {"up", "down", "prepare", "purge", "submit", "import", "status", "logs", "course", "urls"} <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    result = CliRunner().invoke(main, [command, "--help"])
    assert result.exit_code == 0
    assert "Usage:" in result.output
    assert main.commands[command].help


def test_an_error_is_one_message_and_an_exit_code(tmp_path: Path) -> None:
    done = run("import", "nowhere", cwd=tmp_path)
    assert done.returncode == 10
    assert re.fullmatch(r"fondation: \S+/nowhere is not a folder: .*\n", done.stderr)


def test_wrong_usage_is_2(tmp_path: Path) -> None:
    done = run("submit", cwd=tmp_path)
    assert done.returncode == 2
    assert "Missing argument" in done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_what_is_typed(tmp_path: Path, shell: str) -> None:
    script = run("completion", shell, cwd=tmp_path)
    assert "bin/fondation" in script.stdout
    asked = {
        "_FONDATION_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": "bin/fondation stat",
        "COMP_CWORD": "stat" if shell == "fish" else "1",
    }
    done = subprocess.run(
        [sys.executable, "-P", "-m", "ops"],
        cwd=tmp_path,
        env={**os.environ, **asked, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "status" in done.stdout
    assert "rollback" not in done.stdout


def test_a_production_stack_is_never_taken_down_by_a_short_command(tmp_path: Path) -> None:
    done = run("down", "--stack", "prod", cwd=tmp_path)
    assert done.returncode == 8
    assert "`bin/pulumi destroy --stack prod`" in done.stderr


def test_a_folder_named_like_ours_is_not_imported(tmp_path: Path) -> None:
    for package in ("ops", "course"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("raise SystemExit(99)\n")
    assert run("--help", cwd=tmp_path).returncode == 0


def test_without_an_engine_a_user_is_told_what_to_run(tmp_path: Path) -> None:
    done = run("status", cwd=tmp_path)
    assert done.returncode == 4
    assert "run `make prepare`, or `make up`" in done.stderr
