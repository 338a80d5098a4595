"""The program that registers recorded resources again."""

import json
from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks as pulumi_mocks

from ops.releases.program import Replay
from ops.stack.state import IMAGE_TYPE, State, ciphertexts
from tests.components.recording import Recorder
from tests.unit.ops.stack.history_entries import checkpoint, resource

NETWORK = resource("network", "docker:index/network:Network", id="old-network", inputs={"driver": "bridge"})
PART = {**resource("part", "fondation:components:Part", outputs={"files": {"a": "1"}}), "custom": False}
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:one:two"}
IMAGE = resource(
    "image",
    IMAGE_TYPE,
    inputs={"imageName": "x:1", "build": {"context": "a"}},
    outputs={"imageName": "x:1", "repoDigest": "sha256:old"},
    parent=PART["urn"],
)
COURIER = resource("courier", id="old-courier", inputs={"name": "key", "uploads": SECRET})
WORKER = resource(
    "worker",
    inputs={
        "__defaults": ["start"],
        "start": True,
        "name": "bridge",
        "image": "sha256:old",
        "networkMode": "old-network",
        "labels": [{"label": "secret", "value": "old-courier"}, {"label": "other", "value": "old-network"}],
    },
    propertyDependencies={
        "image": [IMAGE["urn"]],
        "networkMode": [NETWORK["urn"]],
        "labels": [COURIER["urn"]],
        "name": [],
    },
    dependencies=[NETWORK["urn"], COURIER["urn"]],
)


@pytest.fixture
def replayed(event_loop: None, monkeypatch: pytest.MonkeyPatch) -> Recorder:  # noqa: ARG001 - needed while it runs
    recorder = Recorder()
    monkeypatch.setattr(pulumi, "export", recorder.outputs.__setitem__)
    pulumi_mocks.set_mocks(recorder, project="fondation", stack="blue", preview=False)
    default = resource("default_5_1_0", "pulumi:providers:docker", inputs={"version": "5.1.0"})
    state = State.parse(checkpoint(default, PART, NETWORK, IMAGE, COURIER, WORKER))
    keys = {text: f"fondation-replay:s{number}" for number, text in enumerate(ciphertexts(state))}
    uploads = [{"file": "/value", "content": "plain"}]
    pulumi.runtime.set_all_config({keys["v1:one:two"]: json.dumps(uploads)}, [keys["v1:one:two"]])
    given: dict[str, dict[str, Any]] = {IMAGE["urn"]: {"imageName": "x:1", "build": {"context": "b"}}}
    program = Replay(state=state, inputs=given, secrets=keys, aliases={})
    pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]  # the SDK leaves it untyped
    return recorder


def test_everything_but_what_pulumi_adds_itself_is_registered(replayed: Recorder) -> None:
    assert {name for _, name in replayed.resources} == {"part", "network", "image", "courier", "worker"}
    assert replayed.outputs == {"release": "608b56ad3b6d", "images": {"worker": "sha256:e010"}}


def test_references_are_live_where_the_record_says_so_and_nowhere_else(replayed: Recorder) -> None:
    assert replayed.of("Container")["worker"] == {
        "name": "bridge",
        "image": "sha256:id-of-image",
        "networkMode": "network-id",
        "labels": [{"label": "secret", "value": "courier-id"}, {"label": "other", "value": "old-network"}],
    }


def test_given_inputs_take_the_place_of_recorded_ones(replayed: Recorder) -> None:
    assert replayed.of("Image")["image"] == {"imageName": "x:1", "build": {"context": "b"}}


def test_a_secret_arrives_decrypted_by_the_engine_and_stays_secret(replayed: Recorder) -> None:
    marked = {key: value for key, value in SECRET.items() if key != "ciphertext"}
    uploads = {**marked, "value": [{"file": "/value", "content": "plain"}]}
    assert replayed.of("Container")["courier"] == {"name": "key", "uploads": uploads}
