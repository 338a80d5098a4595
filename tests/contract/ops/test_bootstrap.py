"""`bin/bootstrap` on a small lock file: makes the environment, then stays out of the way."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SMALL = (ROOT / "requirements" / "pip.txt").read_text()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    path = tmp_path / "a checkout"
    (path / "bin").mkdir(parents=True)
    (path / "requirements").mkdir()
    shutil.copy(ROOT / "bin" / "bootstrap", path / "bin")
    for group in ("program", "s3", "tests"):
        (path / "requirements" / f"{group}.txt").write_text(SMALL)
    return path


def bootstrap(checkout: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(checkout / "bin" / "bootstrap"), *arguments],
        env={**os.environ, **variables},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_installs_once_then_does_nothing_and_costs_nothing(checkout: Path) -> None:
    first = bootstrap(checkout, "tests")
    assert first.returncode == 0, first.stderr
    assert "is ready" in first.stderr
    version = subprocess.run(
        [checkout / ".fondation/venv/bin/python", "-m", "pip", "--version"], capture_output=True, text=True, check=True
    )
    assert f"pip {SMALL.split('==')[1].split()[0]} " in version.stdout
    # What is there already is seen without starting a Python.
    python = checkout / ".fondation" / "venv" / "bin" / "python"
    aside = python.rename(python.with_name("aside"))
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    second = bootstrap(checkout, "tests")
    assert (second.returncode, second.stderr, second.stdout) == (0, "", "")
    aside.replace(python)
    for group in ("program", "s3"):
        assert bootstrap(checkout, group).stderr == "", f"tests hold everything that {group} does"
    assert sorted(path.name for path in checkout.iterdir()) == [".fondation", "bin", "requirements"]

    (checkout / "requirements" / "tests.txt").write_text("# newer\n" + SMALL)
    assert "is ready" in bootstrap(checkout, "s3").stderr, "those tests are not of this lock file"
    assert bootstrap(checkout, "program").stderr == "", "s3 holds everything that program does"


def fondation(checkout: Path, *, bootstrap: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `bin/fondation` with a `bin/bootstrap` of our own."""
    shutil.copy(ROOT / "bin" / "fondation", checkout / "bin")
    (checkout / "bin" / "bootstrap").write_text(f"#!/bin/sh\n{bootstrap}\n")
    environment = {**os.environ, **variables}
    return subprocess.run(
        [checkout / "bin" / "fondation"], env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(("url", "group"), [("", "program"), ("file:///srv", "program"), ("s3://bucket?x=y", "s3")])
def test_bin_fondation_makes_the_environment_that_the_state_asks_for(checkout: Path, url: str, group: str) -> None:
    done = fondation(checkout, bootstrap='echo "$@"; exit 9', PULUMI_BACKEND_URL=url)
    assert (done.returncode, done.stdout) == (9, f"{group}\n")


def test_bin_fondation_keeps_compiled_files_in_its_own_folder(checkout: Path) -> None:
    python = checkout / ".fondation" / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$PYTHONPYCACHEPREFIX ${PYTHONDONTWRITEBYTECODE:-unset}"\n')
    python.chmod(0o755)
    done = fondation(checkout, bootstrap="exit 0", PYTHONDONTWRITEBYTECODE="1")
    assert done.stdout == f"{checkout}/.fondation/pycache unset\n"


def test_a_package_that_is_not_the_pinned_one_stops_it(checkout: Path) -> None:
    lock = checkout / "requirements" / "program.txt"
    lock.write_text(SMALL.replace("sha256:", "sha256:0000")[: SMALL.index("sha256:") + 7 + 64] + "\n")
    done = bootstrap(checkout)
    assert done.returncode == 7
    assert "pip could not install requirements/program.txt" in done.stderr
    stamps = list((checkout / ".fondation" / "venv").glob(".installed-*"))
    assert stamps == [], "a failed installation must not count as done"


def test_an_unknown_group_is_wrong_usage(checkout: Path) -> None:
    done = bootstrap(checkout, "nothing")
    assert done.returncode == 2
    assert "requirements/nothing.txt" in done.stderr


@pytest.mark.parametrize(("has_apt", "said"), [(True, "sudo sh -c 'apt-get update"), (False, "package manager")])
def test_without_python_an_ordinary_user_is_told_what_to_do(
    checkout: Path, tmp_path: Path, said: str, *, has_apt: bool
) -> None:
    """A machine without Python, for a user who is not root: programs of those names that say so."""
    tools = tmp_path / "tools"
    tools.mkdir()
    scripts = {"python3": "exit 1", "id": "echo 1000"} | ({"apt-get": "exit 99"} if has_apt else {})
    for name, text in scripts.items():
        (tools / name).write_text(f"#!/bin/sh\n{text}\n")
        (tools / name).chmod(0o755)
    for name in ("dirname", "cmp", "mkdir", "sh"):
        (tools / name).symlink_to(shutil.which(name) or name)
    script = (checkout / "bin" / "bootstrap").read_text()
    (checkout / "bin" / "bootstrap").write_text(script.replace("/usr/bin/python3", "/nowhere/python3"))
    done = bootstrap(checkout, PATH=str(tools))
    assert done.returncode == 4
    assert said in done.stderr
