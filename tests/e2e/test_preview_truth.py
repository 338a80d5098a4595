"""Preview tells the truth: what it says is what the following `up` does, change by change."""

import socket
from collections.abc import Iterator

import pytest

from tests.preview_truth import SCENARIOS, Scenario, by_resource, deployed, previewed, settings, trial_of_changes
from tests.trial import Trial


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    with trial_of_changes(tmp_path_factory.mktemp("truth")) as trial:
        yield trial


@pytest.mark.parametrize("scenario", [item for item in SCENARIOS if item.suite], ids=lambda scenario: scenario.name)
def test_an_update_does_what_the_preview_said(trial: Trial, scenario: Scenario) -> None:
    scenario.make(trial)
    before = trial.containers()
    said = previewed(trial, scenario)
    assert deployed(trial, scenario) == said
    assert bool(said) is scenario.changes
    told = by_resource(said)
    assert scenario.says in (None, told)
    # A container that was not to be replaced is the very same one.
    after = trial.containers()
    other = {role for role in before | after if before.get(role) != after.get(role)}
    assert {f"Container/{role}" for role in other} == {
        name.removesuffix("-container").removesuffix("-courier")
        for name, operation in told.items()
        if name.startswith("Container/") and operation != "update"
    }


def test_a_busy_port_is_named_and_a_corrected_up_succeeds(trial: Trial) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        settings(webPort=port)(trial)
        failed = trial.pulumi("up", "--yes", "--skip-preview", check=False)
    assert failed.returncode != 0
    assert port in failed.stdout
    trial.up()
    trial.pulumi("preview", "--diff", "--expect-no-changes")
