"""CONTRIBUTING.md says what to touch, and its lists are what the code does today."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text()
# For each list, something of that kind that there is, and where it is named: nowhere else but in the listed files.
EXAMPLES = {
    "a configuration key of the worker": (r"repository_max_files|REPOSITORY_MAX_FILES|repositoryMaxFiles", ()),
    "a language of the web page": (r"\"fr\"", ("web", "course")),
    "an alert": (r"FondationQueueStale", ()),
    "a page": (r"sign_in|session_pages", ("web",)),
    "a document kind": (r"DocumentKind\.TUTORIAL|\"tutorial\"|\bTUTORIAL\b", ("course", "worker", "web")),
    "a programming language that courses are made of": (r"kotlin", ("analyzer", "pyproject.toml")),
}
# What uses a value after it was read, and what tests of other things name by the way.
CONSUMERS = {"worker/assembly.py", "tests/e2e/test_monitoring.py"}


def listed(heading: str) -> list[str]:
    section = TEXT.partition(f"### … {heading}\n")[2].partition("\n##")[0]
    return re.findall(r"^- `([^`]+)`", section, re.MULTILINE)


def named_in(pattern: str, folders: tuple[str, ...]) -> set[str]:
    done = subprocess.run(
        ["git", "grep", "--untracked", "-lIP", pattern, "--", *(folders or (".",))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return {
        path
        for path in done.stdout.split()
        if not path.startswith(("tests/unit", "tests/contract", "tests/components"))
    }


def test_there_is_an_example_for_every_list() -> None:
    assert set(re.findall(r"^### … (.*)$", TEXT, re.MULTILINE)) == set(EXAMPLES)


@pytest.mark.parametrize("heading", sorted(EXAMPLES))
def test_a_list_names_every_file_of_its_kind_and_no_other(heading: str) -> None:
    files = listed(heading)
    found = named_in(*EXAMPLES[heading]) - CONSUMERS - {"CONTRIBUTING.md"}
    assert found == set(files)


def test_every_path_on_the_page_exists() -> None:
    for path in re.findall(r"`((?:[\w.]+/)+[\w.]+\.(?:py|md|txt|yml|json|html|mod))`", TEXT):
        assert (ROOT / path).is_file(), path


def test_pre_commit_runs_what_make_lint_runs() -> None:
    assert re.findall(r"entry: (.*)", (ROOT / ".pre-commit-config.yaml").read_text()) == ["make lint"]


def test_workflows_use_pinned_actions_and_few_rights() -> None:
    for file in (ROOT / ".github" / "workflows").iterdir():
        text = file.read_text()
        assert "permissions:" in text
        for action in re.findall(r"uses: (\S+)", text):
            assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", action), f"{file.name}: {action}"
