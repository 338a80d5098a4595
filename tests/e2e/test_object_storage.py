"""A stack whose state is in a bucket of a real S3 server: history, rollback, locks and recovery, by the real engine.

What is deployed is one network, since only the state is at stake; test_rollback.py goes back on the whole stack.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pytest

from tests.killed_update import killed_update
from tests.s3_server import BUCKET, CREDENTIALS, KEY_ID, SECRET_KEY, s3_server
from tests.trial import Trial, inspect, new_trial

PROGRAM = """
import pulumi
import pulumi_docker as docker

config = pulumi.Config("fondation")
labels = {"deadline": config.get("jobDeadlineSeconds") or "none", "key": config.get_secret("backendKey") or "none"}
docker.Network(
    "network",
    name=f"fondation-{pulumi.get_stack()}-network",
    labels=[docker.NetworkLabelArgs(label=label, value=value) for label, value in labels.items()],
)
pulumi.export("release", labels["deadline"])
pulumi.export("images", {})
"""
KEY = "second-key-0123456789"
FIRST = {"deadline": "none", "key": "none"}
SECOND = {"deadline": "600", "key": KEY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What commands said: exit code and output.

    Attributes:
        trial: The stack, with its second release running.
        process: Process of the update to it, which was killed at the first try.
        held: `recover` while that process was there.
        left: `rollback` when it was gone.
        recovered: `recover`, twice.
    """

    trial: Trial
    process: int
    held: tuple[int, str]
    left: tuple[int, str]
    recovered: Sequence[tuple[int, str]]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Two releases, of which the second differs in configuration and secret and was killed and recovered on its way."""
    with s3_server() as server:
        variables = {"PULUMI_BACKEND_URL": server.url(f"{BUCKET}/team"), **CREDENTIALS}
        trial = replace(new_trial(tmp_path_factory.mktemp("storage")), variables=variables)
        (trial.checkout / "__main__.py").write_text(PROGRAM)
        trial.init("pulumi")
        try:
            trial.up()
            assert labels(trial) == FIRST
            trial.pulumi("config", "set", "--secret", "fondation:backendKey", KEY)
            with killed_update(trial, at="network deleted original", deadline_s=int(SECOND["deadline"])) as process:
                held = said(trial, "recover")
            left = said(trial, "rollback")
            recovered = [said(trial, "recover") for _ in range(2)]
            trial.up()
            yield Story(trial=trial, process=process, held=held, left=left, recovered=recovered)
        finally:
            trial.destroy()


def labels(trial: Trial) -> dict[str, str]:
    """Return what is deployed."""
    found: dict[str, str] = inspect("network", "inspect", trial.container("network"))[0]["Labels"]
    return found


def said(trial: Trial, *arguments: str) -> tuple[int, str]:
    """Return exit code and output of a command that may fail."""
    done = trial.fondation(*arguments, check=False)
    assert not any(secret in done.stdout for secret in (KEY_ID, SECRET_KEY, KEY))
    return done.returncode, done.stdout


def test_a_lock_in_the_bucket_tells_who_holds_it_and_a_killed_update_is_recovered(story: Story) -> None:
    assert story.held[0] == 43, story.held
    assert f"process {story.process}" in story.held[1]
    assert story.left[0] == 44, story.left
    assert f"bin/fondation recover --stack {story.trial.name}" in story.left[1]
    assert [code for code, _ in story.recovered] == [0, 0], story.recovered
    assert ["nothing to recover" in text for _, text in story.recovered] == [False, True]
    assert labels(story.trial) == SECOND


def test_a_rollback_is_refused_or_brings_back_what_the_bucket_has(story: Story) -> None:
    trial = story.trial
    code, text = said(trial, "rollback", "9")
    assert (code, "has no update #9: it has #1 to #3" in text) == (10, True), text
    assert labels(trial) == SECOND
    code, text = said(trial, "rollback", "previous")
    assert (code, "done: #4 has the inputs of #1" in text) == (0, True), text
    assert labels(trial) == FIRST

    history = json.loads(trial.fondation("history", "--json").stdout)
    assert [(item["kind"], item["result"], item["rollbackOf"], item["release"]) for item in history] == [
        ("update", "succeeded", None, "none"),
        ("refresh", "succeeded", None, None),
        ("update", "succeeded", None, "600"),
        ("update", "succeeded", 1, "none"),
    ]
    assert [item["secrets"] for item in history[2:]] == [["fondation:backendKey"], []]
    assert not (trial.home / "state" / ".pulumi").exists(), "the state is in the bucket alone"
