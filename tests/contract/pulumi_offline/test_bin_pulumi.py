import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from pulumi_offline.home import environment, record
from pulumi_offline.locate import Engine
from tests.contract.pulumi_offline.driver import ROOT

_SHOWN = (
    "FONDATION_HOME",
    "FONDATION_PYTHON",
    "FONDATION_ROOT",
    "GOGC",
    "PULUMI_BACKEND_URL",
    "PULUMI_CONFIG_PASSPHRASE",
    "PULUMI_HOME",
    "PULUMI_IGNORE_AMBIENT_PLUGINS",
    "PULUMI_OPTION_EXEC_AGENT",
    "PULUMI_SKIP_UPDATE_CHECK",
    "PULUMI_STACK",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONPYCACHEPREFIX",
)

Run = Callable[..., dict[str, str]]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "checkout"
    (root / "bin").mkdir(parents=True)
    shutil.copy(ROOT / "bin" / "pulumi", root / "bin" / "pulumi")
    (root / ".fondation" / "venv" / "bin").mkdir(parents=True)
    (root / ".fondation" / "venv" / "bin" / "python").symlink_to("/usr/bin/true")
    return root


@pytest.fixture
def run(checkout: Path, tmp_path: Path) -> Run:
    """Runs bin/pulumi with an engine that prints what it was given."""
    fake = tmp_path / "engine" / "bin" / "pulumi"
    fake.parent.mkdir(parents=True)
    fake.write_text('#!/bin/sh\nenv\necho "WD=$(pwd)"\necho "ARGS=$*"\n')
    fake.chmod(0o755)
    record(Engine(pulumi=fake, kind="built", version="0"), checkout / ".fondation")

    def run(*arguments: str, directory: Path = checkout, **environment: str) -> dict[str, str]:
        done = execute(checkout, *arguments, directory=directory, environment=environment)
        assert done.returncode == 0, done.stderr
        return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)

    return run


def execute(
    checkout: Path, *arguments: str, directory: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(checkout / "bin" / "pulumi"), *arguments],
        cwd=directory,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_before_set_up_it_says_what_to_run(checkout: Path) -> None:
    done = execute(checkout, "up", directory=checkout, environment={})
    assert done.returncode != 0
    assert "run `make prepare`" in done.stderr


def test_environment_is_the_same_as_for_python_callers(run: Run, checkout: Path) -> None:
    seen = run("preview", "--diff")
    expected = environment(checkout, checkout / ".fondation", "dev")
    assert {name: seen[name] for name in _SHOWN} == expected
    assert seen["ARGS"] == "preview --diff"
    assert (checkout / ".fondation" / "state").is_dir()


def test_given_values_are_respected(run: Run) -> None:
    seen = run("up", PULUMI_BACKEND_URL="file:///elsewhere", PULUMI_CONFIG_PASSPHRASE="mine", FONDATION_HOME="")
    assert seen["PULUMI_BACKEND_URL"] == "file:///elsewhere"
    assert seen["PULUMI_CONFIG_PASSPHRASE"] == "mine"
    assert "PULUMI_CONFIG_PASSPHRASE" not in run("up", PULUMI_CONFIG_PASSPHRASE_FILE="/a/file")


@pytest.mark.parametrize(
    "arguments",
    [["up", "-s", "prod"], ["up", "--stack", "prod"], ["up", "--stack=prod"], ["stack", "init", "prod"]],
)
def test_another_stack_gets_no_passphrase(run: Run, arguments: list[str]) -> None:
    seen = run(*arguments)
    assert "PULUMI_CONFIG_PASSPHRASE" not in seen
    assert "PULUMI_STACK" not in seen


def test_stack_from_the_environment_or_selected_earlier(run: Run, checkout: Path) -> None:
    assert "PULUMI_CONFIG_PASSPHRASE" not in run("up", PULUMI_STACK="prod")
    assert run("stack", "init", "dev")["PULUMI_CONFIG_PASSPHRASE"] == "fondation-dev"
    digest = subprocess.run(
        ["sha1sum"], input=f"{checkout}/Pulumi.yaml", capture_output=True, text=True, check=True
    ).stdout.split()[0]
    settings = checkout / ".fondation" / "pulumi" / "workspaces" / f"fondation-{digest}-workspace.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(
        f'{{\n    "stacks": {{\n        "file://{checkout}/.fondation/state": "organization/fondation/prod"\n    }}\n}}'
    )
    seen = run("preview")
    assert "PULUMI_STACK" not in seen
    assert "PULUMI_CONFIG_PASSPHRASE" not in seen


def test_outside_the_checkout_it_works_on_the_checkout(run: Run, checkout: Path, tmp_path: Path) -> None:
    assert run("up", directory=tmp_path)["WD"] == str(checkout)
    assert run("up", directory=checkout / "bin")["WD"] == str(checkout / "bin")
    assert run("up", "-C", "x", directory=tmp_path)["WD"] == str(tmp_path)
