from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from ops.errors import StackError
from ops.stack.recovery import leftovers

CONTAINER = "docker:index/container:Container"
NETWORK = "docker:index/network:Network"
VOLUME = "docker:index/volume:Volume"
INPUTS = {
    "name": "fondation-blue-worker",
    "image": "sha256:new",
    "labels": [{"label": "org.fondation.digest", "value": "sha256:d"}],
    "destroyGraceSeconds": 75,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Daemon:
    """A daemon with these objects, found by name only."""

    containers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    networks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def container(self, reference: str) -> Mapping[str, Any] | None:
        return self.containers.get(reference)

    def network(self, reference: str) -> Mapping[str, Any] | None:
        return self.networks.get(reference)

    def image(self, reference: str) -> Mapping[str, Any] | None:
        raise AssertionError(reference)

    def volume(self, name: str) -> Mapping[str, Any] | None:
        raise AssertionError(name)


def interrupted(
    kind: str, inputs: Mapping[str, Any], *, operation: str = "creating", known: str = ""
) -> dict[str, Any]:
    urn = f"urn:pulumi:blue::fondation::{kind}::thing"
    return {
        "resources": [{"urn": urn, "type": kind, "id": known}],
        "pending_operations": [{"type": operation, "resource": {"urn": urn, "type": kind, "inputs": inputs}}],
    }


def container(*, image: str = "sha256:new", digest: str = "sha256:d") -> dict[str, Any]:
    return {"Id": "1" * 64, "Image": image, "Config": {"Image": image, "Labels": {"org.fondation.digest": digest}}}


def daemon(**changes: str) -> Daemon:
    return Daemon(containers={INPUTS["name"]: container(**changes)})  # type: ignore[dict-item]  # it is a text


def test_a_container_that_was_made_and_not_recorded_is_a_leftover_that_may_drain() -> None:
    (found,) = leftovers(interrupted(CONTAINER, INPUTS), daemon())
    assert (found.id, found.name, found.grace_s) == ("1" * 64, "fondation-blue-worker", 75)


def test_the_recorded_container_of_that_name_is_none() -> None:
    assert leftovers(interrupted(CONTAINER, INPUTS, known="1" * 64), daemon()) == []


def test_only_creations_leave_something_behind() -> None:
    assert leftovers(interrupted(CONTAINER, INPUTS, operation="deleting"), daemon()) == []


@pytest.mark.parametrize("changes", [{"image": "sha256:other"}, {"digest": "sha256:other"}])
def test_a_container_of_somebody_else_is_never_removed(changes: dict[str, str]) -> None:
    with pytest.raises(StackError, match="docker rename fondation-blue-worker"):
        leftovers(interrupted(CONTAINER, INPUTS), daemon(**changes))


def test_a_network_is_matched_by_its_whole_name() -> None:
    pending = interrupted(NETWORK, {"name": "fondation-blue-network"})
    for name, count in (("fondation-blue-network", 1), ("fondation-blue-network-2", 0)):
        found = Daemon(networks={"fondation-blue-network": {"Id": "2" * 64, "Name": name}})
        assert len(leftovers(pending, found)) == count


def test_a_volume_stays_because_it_holds_data() -> None:
    assert leftovers(interrupted(VOLUME, {"name": "fondation-blue-backend"}), Daemon()) == []
