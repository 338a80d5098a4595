"""What every image declares; what it holds is in `image_cases`."""

import json
from collections.abc import Mapping

import pytest

from tests.images.image_cases import PYTHON
from tests.images.inside import CHAIN, IMAGES
from tests.trial import inspect

FROM_AUTH = CHAIN[CHAIN.index("auth") :]


@pytest.mark.parametrize("role", IMAGES)
def test_labels_and_health_check_are_declared(image_names: Mapping[str, str], role: str) -> None:
    config = inspect("image", "inspect", image_names[role])[0]["Config"]
    labels = config["Labels"]
    for name in ("title", "description", "version", "licenses", "revision", "base.digest"):
        assert labels[f"org.opencontainers.image.{name}"], name
    assert labels["org.fondation.digest"].startswith("sha256:")
    assert labels["org.opencontainers.image.base.digest"] != labels["org.fondation.digest"]
    assert config["User"] == "10001:10001"
    assert config["Healthcheck"]["Test"][0] == "CMD"
    assert config["Entrypoint"][0] == PYTHON


@pytest.mark.parametrize("role", CHAIN)
def test_the_engine_is_a_label(image_names: Mapping[str, str], role: str) -> None:
    assert inspect("image", "inspect", image_names[role])[0]["Config"]["Labels"]["org.fondation.engine"] == "static"


@pytest.mark.parametrize("role", FROM_AUTH)
def test_the_mode_of_authentication_is_a_label(image_names: Mapping[str, str], role: str) -> None:
    assert inspect("image", "inspect", image_names[role])[0]["Config"]["Labels"]["org.fondation.auth.mode"] == "none"


@pytest.mark.parametrize("role", IMAGES)
def test_no_layer_has_a_credential_in_its_history(image_names: Mapping[str, str], role: str) -> None:
    image = json.dumps(inspect("image", "inspect", image_names[role]))
    assert "sk-ant" not in image
    assert "KEY=" not in image


def test_the_worker_image_is_small(image_names: Mapping[str, str]) -> None:
    assert inspect("image", "inspect", image_names["worker"])[0]["Size"] <= 220_000_000
