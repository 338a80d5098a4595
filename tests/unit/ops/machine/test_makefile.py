import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
TEXT = (ROOT / "Makefile").read_text()


def test_help_is_the_default_and_lists_every_target() -> None:
    (phony,) = re.findall(r"^\.PHONY: (.*)$", TEXT, re.MULTILINE)
    done = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = re.findall(r"^  make (\S+) +\S", done.stdout, re.MULTILINE)
    assert sorted(listed) == sorted(phony.split())
    wanted = {"up", "down", "check", "test", "bench", "lint", "lock", "prepare", "purge", "help", "wheel", "examples"}
    assert wanted == set(listed)


def test_every_target_makes_its_environment_first() -> None:
    for target, recipe in re.findall(r"^([a-z]+):[^\n]*## [^\n]*\n((?:\t[^\n]*\n)+)", TEXT, re.MULTILINE):
        first = recipe.strip().lstrip("@").split()[0]
        assert target in {"help", "check"} or first in {"$(FONDATION)", "bin/bootstrap"}, target


def test_continuous_integration_is_the_readmes_test_command_and_nothing_else() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    commands = [line for line in script.splitlines() if line and not line.startswith("#")]
    assert commands == ['cd "$(dirname "$0")/.." && exec make test']
    assert re.search(r"^make test\b", (ROOT / "README.md").read_text(), re.MULTILINE)


def test_the_inner_loop_needs_no_docker() -> None:
    (recipe,) = re.findall(r"^check: lint [^\n]*\n((?:\t[^\n]*\n)+)", TEXT, re.MULTILINE)
    assert "tests/unit" in recipe
    assert "prepare" not in recipe


def test_tests_run_as_in_ci_where_nothing_is_skipped() -> None:
    assert "CI=true $(PYTHON) -m pytest" in TEXT
