"""The CI definitions that post a preview: least rights, nothing untrusted in a shell, keys and write access apart."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from ops.commands.cli import main
from ops.machine.prepare import PARTS
from ops.preview.markdown import MARKER

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = ROOT / ".github" / "workflows" / "preview.yml"
PAGE = ROOT / "docs" / "operations" / "preview.md"


@pytest.fixture(scope="module")
def workflow() -> dict[str, Any]:
    # YAML 1.1 reads the key `on` as true; the loader without types keeps it.
    found: dict[str, Any] = yaml.load(WORKFLOW.read_text(), yaml.BaseLoader)  # noqa: S506 - knows strings only
    return found


@pytest.fixture(scope="module")
def gitlab() -> dict[str, Any]:
    (text,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def shells(jobs: dict[str, Any]) -> list[str]:
    return [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]


def test_it_runs_for_pull_requests_without_the_rights_of_the_target(workflow: dict[str, Any]) -> None:
    assert set(workflow["on"]) == {"pull_request"} or workflow["on"] == "pull_request"
    assert workflow["permissions"] == {}
    assert workflow["jobs"]["report"]["permissions"] == {"contents": "read"}
    assert workflow["jobs"]["comment"]["permissions"] == {"pull-requests": "write"}


def test_forks_get_nothing(workflow: dict[str, Any]) -> None:
    own = "github.event.pull_request.head.repo.full_name == github.repository"
    assert workflow["jobs"]["report"]["if"] == own
    assert workflow["jobs"]["comment"]["needs"] == "report"
    assert "needs.report.result != 'skipped'" in workflow["jobs"]["comment"]["if"]


def test_the_job_that_may_write_has_no_keys_and_runs_nothing_of_the_pull_request(workflow: dict[str, Any]) -> None:
    comment = workflow["jobs"]["comment"]
    assert "secrets." not in str(comment)
    assert not any("run" in step or "checkout" in step["uses"] for step in comment["steps"])
    (checkout,) = [step for step in workflow["jobs"]["report"]["steps"] if "checkout" in step.get("uses", "")]
    assert checkout["with"] == {"persist-credentials": "false"}


def test_nothing_is_interpolated_into_a_shell_or_a_script(workflow: dict[str, Any]) -> None:
    scripts = [step["with"]["script"] for step in workflow["jobs"]["comment"]["steps"] if "script" in step["with"]]
    assert len(shells(workflow["jobs"])) == 3
    assert len(scripts) == 1
    assert not any("${{" in text for text in [*shells(workflow["jobs"]), *scripts])


def test_every_action_is_pinned_to_a_commit(workflow: dict[str, Any]) -> None:
    uses = [step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step]
    assert len(uses) == 5
    for use in uses:
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", use), use
    for line in WORKFLOW.read_text().splitlines():
        if "uses:" in line:
            assert re.search(r" # v\d+\.\d+\.\d+$", line), line


def test_a_newer_push_takes_the_place_of_an_older_run_and_no_job_runs_for_ever(workflow: dict[str, Any]) -> None:
    assert workflow["concurrency"]["cancel-in-progress"] == "true"
    assert all(int(job["timeout-minutes"]) <= 20 for job in workflow["jobs"].values())


def test_gitlab_keeps_keys_and_comments_apart_too(gitlab: dict[str, Any]) -> None:
    own = "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID"
    for job in gitlab.values():
        assert all(own in rule["if"] for rule in job["rules"])
    assert gitlab["preview-comment"]["variables"]["GIT_STRATEGY"] == "none"
    assert "PREVIEW_TOKEN" not in str(gitlab["preview"])
    script = gitlab["preview-comment"]["script"][0]
    compile(script.partition("PYTHON'\n")[2].rpartition("PYTHON")[0], "note.py", "exec")


def test_both_call_commands_that_exist(workflow: dict[str, Any], gitlab: dict[str, Any]) -> None:
    lines = "\n".join([*shells(workflow["jobs"]), *gitlab["preview"]["script"]])
    calls = re.findall(r"bin/fondation (\w+) (.*)", lines)
    assert len(calls) == 4
    for command, arguments in calls:
        words = arguments.split()
        if command == "prepare":
            assert set(words) <= set(PARTS)
        else:
            help_text = CliRunner().invoke(main, [command, "--help"]).output
            assert all(word in help_text for word in words if word.startswith("--"))


def test_both_find_the_comment_by_the_marker_of_the_report(workflow: dict[str, Any], gitlab: dict[str, Any]) -> None:
    start = MARKER.partition("{")[0]
    assert f"'{start}'" in workflow["jobs"]["comment"]["steps"][1]["with"]["script"]
    assert f'"{start}"' in gitlab["preview-comment"]["script"][0]


def test_the_page_names_every_secret_and_variable_of_the_workflow() -> None:
    named = set(re.findall(r"(?:secrets|vars)\.([A-Z_]+)", WORKFLOW.read_text()))
    assert named
    assert {name for name in named if f"`{name}`" not in PAGE.read_text()} == set()
