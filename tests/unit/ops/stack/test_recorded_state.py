from pathlib import Path

import pytest
import yaml

from ops.errors import NotFoundError, RollbackError
from ops.releases.image_sources import image_inputs
from ops.releases.program import without_defaults
from ops.releases.rollback import choose, up_arguments
from ops.releases.settings import written_settings
from ops.stack.entries import parse_entry
from ops.stack.release import Release
from ops.stack.state import IMAGE_TYPE, VOLUME_TYPE, State, StateError, ciphertexts
from tests.unit.ops.stack.history_entries import SALT, checkpoint, entry, resource

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:one:two"}
IMAGE = resource(
    "images-cli",
    IMAGE_TYPE,
    inputs={
        "imageName": "fondation-cli:cli-df828e8142ed",
        "build": {
            "context": ".fondation/build/cli-df828e8142ed",
            "dockerfile": ".fondation/build/cli-df828e8142ed/Dockerfile",
            "contextDigest": "31de",
            "args": {"PARENT": "x"},
        },
    },
)
COURIER = resource("courier", inputs={"image": "fondation-os:adeef2f7d859", "uploads": SECRET})
WORKER = resource(
    "worker",
    inputs={"image": "sha256:7be2"},
    outputs={"image": "sha256:7be2"},
    propertyDependencies={"image": [IMAGE["urn"]]},
)
SERVICE = resource(
    "service",
    "docker:index/service:Service",
    inputs={"taskSpec": {"containerSpec": {"image": "sha256:7be2"}}},
    propertyDependencies={"taskSpec": [IMAGE["urn"]]},
)


def test_images_that_no_resource_makes_are_found_at_any_depth() -> None:
    literal = {**SERVICE, "propertyDependencies": {"taskSpec": []}}
    state = State.parse(checkpoint(IMAGE, COURIER, WORKER, SERVICE))
    assert set(state.images()) == {"fondation-cli:cli-df828e8142ed"}
    assert state.foreign_images() == {"fondation-os:adeef2f7d859"}
    assert State.parse(checkpoint(literal)).foreign_images() == {"sha256:7be2"}


def test_secrets_of_inputs_and_of_what_components_export_are_found_once() -> None:
    component = {**resource("part", "fondation:components:Part", outputs={"a": [SECRET]}), "custom": False}
    twice = resource("twin", inputs={"deep": {"list": [SECRET]}}, outputs={"other": {**SECRET, "ciphertext": "v1:x"}})
    assert ciphertexts(State.parse(checkpoint(COURIER, component, twice))) == ["v1:one:two"]


def test_what_waits_for_deletion_is_not_deployed() -> None:
    volume = resource("data", VOLUME_TYPE)
    assert State.parse(checkpoint(volume)).volumes() == {"id-of-data"}
    assert State.parse(checkpoint({**volume, "delete": True})).volumes() == frozenset()


def test_an_exported_state_is_the_same_as_a_checkpoint() -> None:
    document = checkpoint(WORKER)
    exported = {"version": 3, "deployment": document["checkpoint"]["latest"]}
    assert State.parse(exported) == State.parse(document)
    with pytest.raises(StateError, match="not a state of Pulumi"):
        State.parse({"version": 3})


def test_what_a_provider_added_is_no_input_again() -> None:
    recorded = {
        "__defaults": ["start"],
        "start": True,
        "name": "x",
        "ports": [{"__defaults": ["ip"], "ip": "0", "a": 1}],
    }
    assert without_defaults(recorded) == {"name": "x", "ports": [{"a": 1}]}
    assert without_defaults({"uploads": SECRET}) == {"uploads": SECRET}


def test_an_image_is_built_from_its_staged_context_or_is_named_as_its_own_base(tmp_path: Path) -> None:
    state = State.parse(checkpoint(IMAGE))
    generated = tmp_path / ".fondation" / "replay"
    replaced = image_inputs(state, tmp_path, generated)[IMAGE["urn"]]["build"]
    assert replaced == {
        "context": ".fondation/replay/cli-df828e8142ed",
        "dockerfile": ".fondation/replay/cli-df828e8142ed/Dockerfile",
        "network": "none",
    }
    assert (tmp_path / replaced["dockerfile"]).read_text() == "FROM fondation-cli:cli-df828e8142ed\n"
    staged = tmp_path / ".fondation" / "build" / "cli-df828e8142ed"
    staged.mkdir(parents=True)
    (staged / "Dockerfile").touch()
    kept = image_inputs(state, tmp_path, generated)[IMAGE["urn"]]["build"]
    assert kept == {name: value for name, value in IMAGE["inputs"]["build"].items() if name != "contextDigest"}


def test_the_settings_hold_ciphertext_only(tmp_path: Path) -> None:
    state = State.parse(checkpoint(COURIER))
    with written_settings(tmp_path, "acme/blue", parse_entry(4, entry()), state, state) as settings:
        written = yaml.safe_load(settings.file.read_text())
    assert list(tmp_path.iterdir()) == []
    assert settings.secrets == {"v1:one:two": "fondation-replay:s0"}
    assert written == {
        "encryptionsalt": SALT,
        "config": {
            "fondation:webPort": "8420",
            "fondation:backendKey": {"secure": "v1:abc:def"},
            "fondation-replay:s0": {"secure": "v1:one:two"},
        },
    }


def test_settings_name_the_key_service_of_the_stack(tmp_path: Path) -> None:
    document = checkpoint()
    document["checkpoint"]["latest"]["secrets_providers"] = {
        "type": "cloud",
        "state": {"url": "awskms://alias/x", "encryptedkey": "abc="},
    }
    state = State.parse(document)
    with written_settings(tmp_path, "blue", parse_entry(4, entry(config={})), state, state) as settings:
        written = yaml.safe_load(settings.file.read_text())
    assert written == {
        "secretsprovider": "awskms://alias/x",
        "encryptedkey": "abc=",
        "config": {},
    }


def test_secrets_of_another_key_are_refused(tmp_path: Path) -> None:
    now = checkpoint()
    now["checkpoint"]["latest"]["secrets_providers"]["state"]["salt"] = "v1:another:salt"
    settings = written_settings(tmp_path, "blue", parse_entry(4, entry()), State.parse(checkpoint()), State.parse(now))
    said = "#4 cannot be applied again: its secrets were encrypted with another key"
    with pytest.raises(RollbackError, match=said), settings:
        pytest.fail("the settings were written")
    assert list(tmp_path.iterdir()) == []


HISTORY = [
    parse_entry(1, entry()),
    parse_entry(2, entry(result="failed")),
    parse_entry(3, entry(kind="destroy")),
    parse_entry(4, {}),
    parse_entry(5, entry()),
]


@pytest.mark.parametrize(
    ("history", "to", "kind", "said"),
    [
        ([], None, NotFoundError, "stack blue has no history: nothing was deployed yet; `bin/fondation up` does that"),
        ([], 1, NotFoundError, "stack blue has no history"),
        (HISTORY[:1], None, NotFoundError, "stack blue has no earlier release that succeeded"),
        (HISTORY, 9, NotFoundError, "stack blue has no update #9: it has #1 to #5"),
        (HISTORY, 0, NotFoundError, "stack blue has no update #0"),
        (HISTORY, 2, RollbackError, "#2 failed, so what it left is not what was wanted: choose one that succeeded"),
        (HISTORY, 3, RollbackError, "#3 is a destroy and no release: choose another"),
        (HISTORY, 4, RollbackError, "#4 cannot be applied again, because its entry cannot be read"),
    ],
)
def test_what_cannot_be_gone_back_to_is_said(
    history: list[Release], to: int | None, kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said.replace("`", ".")):
        choose(history, to, "blue")


def test_after_a_destroy_a_release_before_it_can_be_chosen() -> None:
    assert choose(HISTORY, None, "blue").version == 1
    assert choose(HISTORY, 1, "blue").version == 1


def test_the_update_is_told_its_message_settings_and_program() -> None:
    assert up_arguments("blue", 3, "s.yaml", "127.0.0.1:9") == (
        *("up", "--yes", "--skip-preview", "--stack", "blue", "--message", "rollback to #3"),
        *("--config-file", "s.yaml", "--client", "127.0.0.1:9", "--exec-kind", "auto.inline"),
    )
