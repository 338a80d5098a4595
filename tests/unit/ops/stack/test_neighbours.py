"""Whose the objects of a stack's names are, from what the daemon has and the state recorded."""

import json
from pathlib import Path
from typing import Any

import pytest

from components.machine import MachineFolders, machine_folders
from components.ownership import Owner
from ops.errors import NeighbourError, UnownedVolumeError
from ops.stack.neighbours import CONTAINER, NETWORK, VOLUME, Found, LocalStates, Neighbours, judged, require_own
from ops.stack.state import State

MINE = Owner(checkout="/a", state="file:///a/state")
THEIRS = Owner(checkout="/b", state="file:///b/state")
OURS = {"org.fondation.probe": "x"}


class Others:
    """Other states, which have the volumes or lost them."""

    def __init__(self, *, have: bool) -> None:
        self.have = have

    def records(self, owner: Owner, stack: str, volume: str) -> bool:
        assert (owner, stack) == (THEIRS, "blue")
        assert volume.startswith("fondation-blue-")
        return self.have


def volume(role: str = "backend", owner: Owner | None = None) -> Found:
    name = f"fondation-blue-{role}"
    return Found(kind=VOLUME, name=name, id=name, labels=owner.labels() if owner else {})


def container(identity: str, labels: dict[str, str] | None = None) -> Found:
    return Found(kind=CONTAINER, name="fondation-blue-web", id=identity, labels=labels or {}, condition="exited")


def recorded(kind: str, name: str, identity: str, owner: Owner | None = None) -> dict[str, Any]:
    labels = [{"label": label, "value": value} for label, value in owner.labels().items()] if owner else []
    return {
        "urn": f"urn:pulumi:blue::fondation::{kind}::x",
        "type": kind,
        "custom": True,
        "id": identity,
        "inputs": {"name": name, **({"labels": labels} if labels else {})},
    }


def state(*resources: dict[str, Any], interrupted: str = "") -> State:
    pending = [{"type": "creating", "resource": {"inputs": {"name": interrupted}}}] if interrupted else []
    return State.parse({"version": 3, "deployment": {"resources": resources, "pending_operations": pending}})


def has_volume(owner: Owner | None = None) -> State:
    return state(recorded("docker:index/volume:Volume", "fondation-blue-backend", "fondation-blue-backend", owner))


def ask(found: Found, known: State, *, others_have: bool = True) -> Neighbours:
    return judged([found], known, MINE, "blue", Others(have=others_have))


@pytest.mark.parametrize(
    ("found", "known"),
    [
        (volume(), has_volume()),
        (volume(owner=MINE), has_volume(MINE)),
        # Moved: the checkout has another path now, and the volume the label that it was made with.
        (volume(owner=THEIRS), has_volume(THEIRS)),
        (container("1"), state(recorded("docker:index/container:Container", "fondation-blue-web", "1"))),
        # Something that was put in place of a container by hand is drift, which an update repairs.
        (container("2"), state(recorded("docker:index/container:Container", "fondation-blue-web", "1"))),
        (container("2", OURS), state(interrupted="fondation-blue-web")),
        (volume(owner=MINE), state(interrupted="fondation-blue-backend")),
    ],
)
def test_what_the_state_recorded_or_was_just_making_is_its_own(found: Found, known: State) -> None:
    assert ask(found, known) == Neighbours()


@pytest.mark.parametrize(
    ("found", "known"),
    [
        (volume(owner=THEIRS), state()),
        # Adopted without a word: recorded as ours, labelled as theirs.
        (volume(owner=THEIRS), has_volume(MINE)),
        (volume(owner=THEIRS), has_volume()),
        (container("2"), state()),
        (container("2", OURS), state(recorded("docker:index/container:Container", "fondation-blue-web", "1"))),
        (Found(kind=NETWORK, name="fondation-blue-network", id="9", labels={}), state()),
    ],
)
def test_what_another_state_has_is_taken(found: Found, known: State) -> None:
    assert ask(found, known).taken == (found,)


@pytest.mark.parametrize(("owner", "others_have"), [(None, True), (THEIRS, False), (MINE, False)])
def test_a_volume_that_no_state_has_is_nobodys(owner: Owner | None, *, others_have: bool) -> None:
    found = ask(volume(owner=owner), state(), others_have=others_have)
    assert (found.taken, found.unowned) == ((), (volume(owner=owner),))


def test_an_adopted_volume_of_a_lost_state_stays_ours() -> None:
    assert ask(volume(owner=THEIRS), has_volume(MINE), others_have=False) == Neighbours()


def test_unlabelled_volumes_belong_to_whoever_has_the_containers() -> None:
    found = judged([volume(), container("2")], state(), MINE, "blue", Others(have=True))
    assert found.taken == (container("2"), volume())
    assert found.unowned == ()


@pytest.fixture
def folders(tmp_path: Path) -> MachineFolders:
    return machine_folders(tmp_path, {"HOME": str(tmp_path)})


def refusal(found: Neighbours, folders: MachineFolders) -> str:
    with pytest.raises(NeighbourError) as caught:
        require_own(found, folders, "blue")
    return str(caught.value)


def test_a_refusal_names_the_checkout_and_both_ways_out(folders: MachineFolders, tmp_path: Path) -> None:
    owner = Owner(checkout=str(tmp_path), state=f"file://{tmp_path}/.fondation/state")
    said = refusal(Neighbours(taken=[container("2")], owner=owner), folders)
    assert "container fondation-blue-web (exited)" in said
    assert f"They belong to the checkout {tmp_path}, with its state in file://{tmp_path}/.fondation/state." in said
    assert f"cd {tmp_path} && bin/fondation down --stack blue" in said
    assert "config set fondation:webPort" in said
    assert "config set fondation:imageNamespace" in said


def test_a_state_in_a_bucket_is_named_where_its_stack_is_removed(folders: MachineFolders, tmp_path: Path) -> None:
    owner = Owner(checkout=str(tmp_path), state="s3://team/fondation")
    said = refusal(Neighbours(taken=[volume(owner=owner)], owner=owner), folders)
    assert f"cd {tmp_path} && PULUMI_BACKEND_URL=s3://team/fondation bin/fondation down --stack blue" in said


def test_a_checkout_that_was_deleted_is_said_to_be_gone(folders: MachineFolders) -> None:
    said = refusal(Neighbours(taken=[container("2")], owner=THEIRS), folders)
    assert "/b, which is not there any more, with its state in file:///b/state" in said
    assert "PULUMI_BACKEND_URL=file:///b/state bin/fondation down --stack blue" in said


def test_nobodys_volumes_are_offered_by_name_and_never_taken_silently(folders: MachineFolders) -> None:
    found = Neighbours(unowned=[volume("backend"), volume("worker")])
    with pytest.raises(UnownedVolumeError) as caught:
        require_own(found, folders, "blue", adopted=["fondation-blue-worker"])
    assert "bin/fondation up --stack blue --adopt fondation-blue-backend\n" in str(caught.value)
    assert "`docker volume rm fondation-blue-backend`" in str(caught.value)
    require_own(found, folders, "blue", adopted=["fondation-blue-worker", "fondation-blue-backend"])
    require_own(found, folders, "blue", adopted=None)


def test_only_nobodys_volumes_can_be_adopted(folders: MachineFolders) -> None:
    with pytest.raises(UnownedVolumeError, match=r"--adopt precious: that is no volume .* \(there are none\)"):
        require_own(Neighbours(), folders, "blue", adopted=["precious"])


def test_a_local_state_is_asked_and_any_other_believed(tmp_path: Path) -> None:
    owner = Owner(checkout="/b", state=f"file://{tmp_path}")
    ask = LocalStates().records
    assert not ask(owner, "blue", "v")
    file = tmp_path / ".pulumi" / "stacks" / "fondation" / "blue.json"
    file.parent.mkdir(parents=True)
    resource = recorded("docker:index/volume:Volume", "v", "v")
    file.write_text(json.dumps({"version": 3, "checkpoint": {"stack": "x", "latest": {"resources": [resource]}}}))
    assert ask(owner, "blue", "v")
    assert not ask(owner, "blue", "w")
    file.write_text("{")
    assert ask(owner, "blue", "w")
    assert ask(Owner(checkout="/b", state="s3://bucket"), "blue", "v")


def test_an_owner_is_named_without_credentials(tmp_path: Path) -> None:
    owner = Owner.of(tmp_path, "s3://key:secret@bucket/prefix?region=x")
    assert owner.state == "s3://bucket/prefix"
    assert Owner.labelled(owner.labels()) == owner
    assert Owner.labelled({"a": "b"}) is None
