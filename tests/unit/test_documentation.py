"""The documentation says what the code does."""

import re
from pathlib import Path

import pytest

from components.configuration_table import configuration_table

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ("analyzer", "backend", "components", "engine", "images", "ops", "web", "worker", "bin")
VARIABLE = re.compile(r"\bFONDATION_[A-Z][A-Z0-9_]*\b")


def test_the_readme_has_the_configuration_table_of_the_code() -> None:
    readme = (ROOT / "README.md").read_text()
    found = readme.partition("<!-- configuration -->")[2].partition("<!-- /configuration -->")[0].strip()
    assert found == configuration_table().strip(), "put the output of `python -m components.configuration_table` there"


def test_the_environment_table_names_every_variable_of_the_code_and_no_other() -> None:
    in_code = {
        name
        for program in PROGRAMS
        for path in (ROOT / program).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
        for name in VARIABLE.findall(path.read_text(errors="replace"))
    } - {"FONDATION_STEP_"}
    documented = set(
        re.findall(r"^\| `(FONDATION_[A-Z0-9_]+)`", (ROOT / "docs/environment.md").read_text(), re.MULTILINE)
    )
    assert in_code - documented == set()
    assert documented - in_code == set()


@pytest.mark.parametrize("page", ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"])
def test_relative_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", (ROOT / page).read_text()):
        assert (ROOT / target).exists(), target


def test_every_make_target_that_the_readme_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z]+)\b(?=`| )", (ROOT / "README.md").read_text()))
    assert {"up", "test", "down"} <= named <= targets


def test_the_architecture_page_stays_short() -> None:
    assert len((ROOT / "ARCHITECTURE.md").read_text().splitlines()) < 150
