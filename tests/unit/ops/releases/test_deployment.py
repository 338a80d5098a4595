from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from components.machine import MachineFolders, machine_folders
from ops.drift.comparison import Comparison
from ops.drift.finding import Drift, Kind
from ops.drift.repair import Repair
from ops.errors import (
    BusyError,
    DaemonError,
    DriftError,
    NotRevertedError,
    OpsError,
    RevertedError,
    SpaceError,
    StackError,
)
from ops.releases import deployment, rollback
from ops.releases.deployment import Gate, last_good, touched, unhealthy
from ops.stack.release import Release
from ops.stack.stack import Stack
from ops.stack.state import State
from tests.unit.ops.surroundings import silent

GOOD = Release(version=3, kind="update", result="succeeded")
FAILED = Release(version=4, kind="update", result="failed")


def state(**inputs: dict[str, Any]) -> State:
    resources = [
        {
            "urn": f"urn:pulumi:blue::fondation::docker:index/container:Container::{name}",
            "type": "docker:index/container:Container",
            "custom": True,
            "id": given.get("id", name),
            "inputs": {"name": f"fondation-blue-{name}", **given},
            "initErrors": given.get("errors", []),
        }
        for name, given in inputs.items()
    ]
    return State.parse({"version": 3, "deployment": {"resources": resources}})


@pytest.fixture
def folders(tmp_path: Path) -> MachineFolders:
    return machine_folders(tmp_path, {"HOME": str(tmp_path)})


@pytest.mark.parametrize(
    ("history", "version"),
    [
        ([], None),
        ([GOOD], 3),
        ([GOOD, FAILED], 3),
        ([GOOD, replace(GOOD, version=4, kind="refresh")], 3),
        ([GOOD, replace(GOOD, version=4, kind="destroy")], None),
        ([GOOD, replace(GOOD, version=4, kind="destroy", result="failed")], 3),
        ([replace(GOOD, kind="destroy"), replace(GOOD, version=5)], 5),
        ([FAILED], None),
    ],
)
def test_what_a_failed_release_goes_back_to(history: list[Release], version: int | None) -> None:
    found = last_good(history)
    assert (found.version if found else None) == version


def test_an_update_that_left_everything_as_it_was_is_not_taken_back() -> None:
    before = state(worker={}, web={})
    assert not touched(before, state(worker={}, web={}))
    assert touched(before, state(worker={"id": "another"}, web={}))
    assert touched(before, state(worker={"memory": 1}, web={}))
    assert touched(before, state(web={}))


def test_a_secret_that_was_only_encrypted_anew_is_no_change() -> None:
    def courier(ciphertext: str) -> State:
        secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": ciphertext}
        return state(courier={"uploads": [{"file": "value", "content": secret}]})

    assert not touched(courier("v1:one:two"), courier("v1:three:four"))
    assert touched(courier("v1:one:two"), state(courier={"uploads": []}))


def test_a_container_whose_creation_was_recorded_as_failed_is_the_cause() -> None:
    assert unhealthy(state(web={}, worker={"errors": ["not healthy after 60 s"]})) == [
        ("worker", "fondation-blue-worker")
    ]


def outcome(monkeypatch: pytest.MonkeyPatch, folders: MachineFolders, gate: Gate, revert: Callable[..., Any]) -> str:
    monkeypatch.setattr(rollback, "roll_back", revert)
    monkeypatch.setattr(deployment, "_standing", lambda *_: "  fondation-blue-worker: running, unhealthy")
    stack = Stack(folders, "blue")
    error = deployment._taken_back(silent(folders, stack="blue"), stack, gate, "it failed")
    assert str(error).startswith("it failed\n")
    return f"{type(error).__name__}: {error}"


def never(*_: object, **__: object) -> OpsError:
    raise AssertionError("it must not go back")


def test_the_release_before_runs_again(monkeypatch: pytest.MonkeyPatch, folders: MachineFolders) -> None:
    asked: list[Any] = []
    said = outcome(monkeypatch, folders, Gate(good=GOOD), lambda *given, **_: asked.extend(given))
    assert [(given.folders, given.stack) for given in asked[:1]] == [(folders, "blue")]
    assert asked[1:] == [3]
    assert said.startswith(RevertedError.__name__)
    assert "release #3 runs again" in said


class FailingStack(Stack):
    """A stack whose update ends with an error."""

    def __init__(self, folders: MachineFolders, error: OpsError) -> None:
        super().__init__(folders, "blue")
        self.error = error

    def up(self, **_: object) -> dict[str, int]:
        raise self.error


@pytest.mark.parametrize(
    ("error", "after", "ends_as"),
    [
        (StackError("no"), state(worker={}), StackError),
        (StackError("no"), state(worker={"id": "new"}), RevertedError),
        (SpaceError("no"), state(worker={"id": "new"}), SpaceError),
        (DaemonError("no"), state(worker={"id": "new"}), DaemonError),
        (DaemonError("no"), state(worker={}), DaemonError),
        (BusyError("no"), state(worker={"id": "somebody else's"}), BusyError),
    ],
)
def test_only_what_the_release_itself_broke_is_taken_back(
    monkeypatch: pytest.MonkeyPatch, folders: MachineFolders, error: OpsError, after: State, ends_as: type[OpsError]
) -> None:
    states = iter([state(worker={}), after])
    monkeypatch.setattr(FailingStack, "state", lambda *_, **__: next(states))
    monkeypatch.setattr(deployment, "_make_ready", lambda *_: Repair())
    monkeypatch.setattr(deployment, "_describe", lambda *_: "it failed")
    monkeypatch.setattr(deployment, "_standing", lambda *_: "  fondation-blue-worker: running, healthy")
    monkeypatch.setattr(rollback, "roll_back", lambda *_, **__: None)
    stack = FailingStack(folders, error)
    with pytest.raises(ends_as) as caught:
        deployment.deploy(silent(folders, stack="blue"), stack, Gate(good=GOOD), secrets=[])
    assert type(caught.value) is ends_as


class DeployedStack(Stack):
    """A stack whose update ends well."""

    def up(self, **_: object) -> dict[str, int]:
        return {"updated": 1, "unchanged": 3}


class Containers:
    """What the daemon has: one container, in a given state."""

    def __init__(self, running: bool) -> None:  # noqa: FBT001 - the daemon's own word
        self.found = {"Id": "worker", "Name": "/fondation-blue-worker", "State": {"Running": running, "ExitCode": 143}}
        self.found["HostConfig"] = {
            **dict.fromkeys(("Memory", "MemorySwap", "MemoryReservation", "CpuShares", "NanoCpus"), 0),
            "CpusetCpus": "",
            "RestartPolicy": {"Name": "", "MaximumRetryCount": 0},
        }
        self.found["NetworkSettings"] = {"Networks": {"bridge": {"NetworkID": "b"}}}

    def container(self, _: str) -> dict[str, Any]:
        return self.found


@pytest.mark.parametrize("running", [True, False])
def test_what_stopped_while_the_update_went_on_is_not_called_deployed(
    monkeypatch: pytest.MonkeyPatch, folders: MachineFolders, *, running: bool
) -> None:
    monkeypatch.setattr(DeployedStack, "state", lambda *_, **__: state(worker={}))
    monkeypatch.setattr(deployment, "_make_ready", lambda *_: Repair())
    monkeypatch.setattr(deployment, "docker_objects", lambda: nullcontext(Containers(running)))
    stack = DeployedStack(folders, "blue")
    ends = nullcontext() if running else pytest.raises(DriftError, match=r"-worker: it ended with exit code 143")
    with ends as caught:
        deployment.deploy(silent(folders, stack="blue"), stack, Gate(good=GOOD), secrets=())
    assert running or "`bin/fondation up --stack blue` starts it again" in str(caught)


def test_what_another_operator_deployed_a_moment_ago_is_no_drift(
    monkeypatch: pytest.MonkeyPatch, folders: MachineFolders
) -> None:
    known, now = state(worker={}), state(worker={"id": "the other operator's"})
    monkeypatch.setattr(DeployedStack, "state", lambda *_, fresh=False: now if fresh else known)
    repaired: list[State] = []

    def make_ready(_context: object, state: State) -> Repair:
        repaired.append(state)
        return Repair()

    monkeypatch.setattr(deployment, "_make_ready", make_ready)
    monkeypatch.setattr(deployment, "docker_objects", lambda: nullcontext(Containers(running=True)))
    stack = DeployedStack(folders, "blue")
    deployment.deploy(silent(folders, stack="blue"), stack, Gate(good=GOOD), secrets=())
    assert repaired == [now]


def test_nothing_is_cleared_away_for_a_repair_while_another_command_is_at_work(
    monkeypatch: pytest.MonkeyPatch, folders: MachineFolders
) -> None:
    def locked(*_: object) -> None:
        raise BusyError("bob")

    intruder = Drift(urn="u", resource="Container/w", name="w", kind=Kind.SWAPPED, detail="", intruder="another")
    monkeypatch.setattr(deployment, "docker_objects", nullcontext)
    monkeypatch.setattr(deployment, "compare", lambda *_: Comparison(drift=[intruder], compared=1, not_compared=[]))
    monkeypatch.setattr(deployment, "require_unlocked", locked)
    monkeypatch.setattr(deployment, "make_room", never)
    with pytest.raises(BusyError):
        deployment._make_ready(silent(folders, stack="blue"), state())


def test_a_first_release_has_nothing_to_go_back_to(monkeypatch: pytest.MonkeyPatch, folders: MachineFolders) -> None:
    said = outcome(monkeypatch, folders, Gate(good=None), never)
    assert said.startswith(NotRevertedError.__name__)
    assert "first release of the stack" in said


def test_going_back_can_be_declined(monkeypatch: pytest.MonkeyPatch, folders: MachineFolders) -> None:
    said = outcome(monkeypatch, folders, Gate(good=GOOD, revert=False), never)
    assert said.startswith(NotRevertedError.__name__)
    assert "--no-revert" in said


def test_when_going_back_fails_too_it_is_said_what_runs(
    monkeypatch: pytest.MonkeyPatch, folders: MachineFolders
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise StackError("the disk is full")

    said = outcome(monkeypatch, folders, Gate(good=GOOD), failing)
    assert said.startswith(NotRevertedError.__name__)
    assert "failed too: the disk is full" in said
    assert "fondation-blue-worker: running, unhealthy" in said
    assert "`bin/fondation rollback 3 --stack blue`" in said
