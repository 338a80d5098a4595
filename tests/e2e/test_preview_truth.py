"""Preview tells the truth: what it says is what the following `up` does, change by change."""

from collections.abc import Iterator

import pytest

from tests.preview_truth import SCENARIOS, Scenario, deployed, previewed, trial_of_changes
from tests.trial import Trial


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    with trial_of_changes(tmp_path_factory.mktemp("truth")) as trial:
        yield trial


@pytest.mark.parametrize("scenario", [item for item in SCENARIOS if item.suite], ids=lambda scenario: scenario.name)
def test_an_update_does_what_the_preview_said(trial: Trial, scenario: Scenario) -> None:
    scenario.make(trial)
    said = previewed(trial, scenario)
    assert deployed(trial, scenario) == said
    assert bool(said) is scenario.changes
