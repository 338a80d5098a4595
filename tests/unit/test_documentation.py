"""The documentation says what the code does."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from components.configuration_table import configuration_table
from course.version import VERSION

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ("analyzer", "backend", "components", "course", "images", "ops", "pulumi_offline", "web", "worker", "bin")
VARIABLE = re.compile(r"\bFONDATION_[A-Z][A-Z0-9_]*\b")


def test_the_page_has_the_configuration_table_of_the_code() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text()
    found = page.partition("<!-- configuration -->")[2].partition("<!-- /configuration -->")[0].strip()
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


@pytest.mark.parametrize(
    "page",
    ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/configuration.md", "docs/runbook.md"],
)
def test_relative_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", (ROOT / page).read_text()):
        assert (ROOT / page).parent.joinpath(target).exists(), target


def test_every_make_target_that_the_readme_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z]+)\b(?=`| )", (ROOT / "README.md").read_text()))
    assert {"up", "test", "down"} <= named <= targets


def test_the_architecture_page_stays_short() -> None:
    assert len((ROOT / "ARCHITECTURE.md").read_text().splitlines()) < 150


def test_the_paths_of_the_architecture_page_exist() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    for path in re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.(?:py|md))`", text):
        assert (ROOT / path).is_file(), path
    tree = text.partition("## The tree")[2].partition("```\n\n")[0]
    named = set(re.findall(r"^([a-z_]+)/ ", tree, re.MULTILINE))
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert named == {path.partition("/")[0] for path in tracked.split() if "/" in path and not path.startswith(".")}


def test_the_first_screen_of_the_readme_says_what_it_is_and_what_to_type() -> None:
    first = (ROOT / "README.md").read_text().splitlines()[:25]
    assert any(line.startswith("make up ") for line in first)
    assert any(line.startswith("make test ") for line in first)
    assert any(re.fullmatch(r"!\[.*\]\(docs/screenshots/.*\)", line) for line in first)


def test_there_is_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    labels = {
        found
        for dockerfile in (ROOT / "images").glob("*/Dockerfile")
        for found in re.findall(r'image\.version="([0-9.]+)"', dockerfile.read_text())
    }
    assert {project["version"], *labels} == {VERSION}
