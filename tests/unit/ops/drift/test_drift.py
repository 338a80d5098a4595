import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import pytest

from ops.drift.comparison import compare
from ops.drift.finding import Drift, Kind
from ops.drift.repair import plan_repair
from ops.drift.report import as_json, as_lines
from ops.drift.stack_drift import require_none
from ops.errors import DriftError
from ops.stack.state import State

PREFIX = "urn:pulumi:blue::fondation::"
NETWORK_ID = "a" * 64
RECORDED: Mapping[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "docker:index/network:Network::network": (NETWORK_ID, {"name": "net"}, {}),
    "docker:index/volume:Volume::data": ("data", {"name": "data"}, {"driver": "local"}),
    "docker:index/image:Image::image": ("app:1", {"imageName": "app:1"}, {"repoDigest": "sha256:one"}),
    "docker:index/tag:Tag::tag": (
        "app:1.app:latest",
        {"sourceImage": "app:1", "targetImage": "app:latest"},
        {"sourceImageId": "sha256:one"},
    ),
    "docker:index/container:Container::worker": (
        "c" * 64,
        {"name": "worker", "image": "sha256:one", "memory": 512, "memorySwap": 512, "cpus": "1.0"}
        | {"restart": "unless-stopped", "networkMode": NETWORK_ID, "mustRun": True},
        {},
    ),
}
CONTAINER = {
    "Id": "c" * 64,
    "Name": "/worker",
    "Created": "2026-01-02T03:04:05Z",
    "State": {"Running": True, "ExitCode": 0, "Health": {"Status": "healthy"}},
    "HostConfig": {
        "Memory": 512 << 20,
        "MemorySwap": 512 << 20,
        "MemoryReservation": 0,
        "CpuShares": 0,
        "CpusetCpus": "",
        "NanoCpus": 1_000_000_000,
        "PidsLimit": None,
        "RestartPolicy": {"Name": "unless-stopped", "MaximumRetryCount": 0},
    },
    "NetworkSettings": {"Networks": {"net": {"NetworkID": NETWORK_ID}}},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Daemon:
    """A daemon whose objects answer to the references that they are filed under."""

    containers: dict[str, Any] = field(default_factory=lambda: {"c" * 64: deepcopy(CONTAINER)})
    images: dict[str, Any] = field(
        default_factory=lambda: {"app:1": {"Id": "sha256:one"}, "app:latest": {"Id": "sha256:one"}}
    )
    networks: dict[str, Any] = field(default_factory=lambda: {NETWORK_ID: {"Id": NETWORK_ID, "Name": "net"}})
    volumes: dict[str, Any] = field(default_factory=lambda: {"data": {"Driver": "local"}})

    def container(self, reference: str) -> Mapping[str, Any] | None:
        return self.containers.get(reference)

    def image(self, reference: str) -> Mapping[str, Any] | None:
        return self.images.get(reference)

    def network(self, reference: str) -> Mapping[str, Any] | None:
        return self.networks.get(reference)

    def volume(self, name: str) -> Mapping[str, Any] | None:
        return self.volumes.get(name)


def recorded(**more: str) -> State:
    image = f"{PREFIX}docker:index/image:Image::image"
    resources = [
        {
            "urn": PREFIX + name,
            "type": name.partition("::")[0],
            "custom": True,
            "id": resource_id,
            "inputs": inputs,
            "outputs": outputs,
            "propertyDependencies": {"image": [image]} if "image" in inputs else {},
        }
        for name, (resource_id, inputs, outputs) in RECORDED.items()
    ]
    resources += [
        {"urn": f"{PREFIX}{kind}::{name}", "type": kind, "custom": True, "id": "x"} for name, kind in more.items()
    ]
    return State.parse({"version": 3, "deployment": {"resources": resources}})


def found(daemon: Daemon) -> list[Drift]:
    return list(compare(recorded(), daemon).drift)


def one(daemon: Daemon) -> Drift:
    (drift,) = found(daemon)
    return drift


def test_what_is_as_deployed_is_no_drift() -> None:
    comparison = compare(recorded(), Daemon())
    assert (comparison.drift, comparison.compared, comparison.not_compared) == ([], 5, [])
    assert as_lines("blue", comparison) == ["stack blue: all 5 deployed objects are as they were deployed"]
    require_none("blue", comparison)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"Running": False, "ExitCode": 137, "OOMKilled": True, "FinishedAt": "2026-01-02T03:04:05Z"}, "out of memory"),
        ({"Running": True, "Paused": True}, "paused"),
        ({"Running": True, "Restarting": True, "ExitCode": 7}, "exit code 7"),
        ({"Running": True, "Health": {"Status": "unhealthy"}}, "not healthy"),
    ],
)
def test_a_container_that_does_not_work_is_stopped_and_made_anew(state: dict[str, Any], said: str) -> None:
    daemon = Daemon()
    daemon.containers["c" * 64]["State"] = state
    drift = one(daemon)
    assert (drift.kind, drift.replace) == (Kind.STOPPED, True)
    assert said in drift.detail


@pytest.mark.parametrize(
    ("key", "value", "said", "replace"),
    [
        ("Memory", 256 << 20, "memory is 256 instead of 512", False),
        ("MemorySwap", -1, "memorySwap is -1 instead of 512", False),
        ("RestartPolicy", {"Name": "no", "MaximumRetryCount": 0}, "restart is no instead of unless-stopped", False),
        ("NanoCpus", 500_000_000, "cpus is 0.5 instead of 1", True),
        ("PidsLimit", 64, "a limit of 64 processes", True),
    ],
)
def test_an_edited_limit_is_named_and_only_what_a_refresh_misses_makes_a_new_container(
    key: str, value: object, said: str, *, replace: bool
) -> None:
    daemon = Daemon()
    daemon.containers["c" * 64]["HostConfig"][key] = value
    drift = one(daemon)
    assert (drift.kind, drift.replace) == (Kind.EDITED, replace)
    assert said in drift.detail


@pytest.mark.parametrize(
    ("networks", "said"),
    [
        ({}, "not connected to its network aaaaaaaaaaaa"),
        ({"net": {"NetworkID": NETWORK_ID}, "bridge": {"NetworkID": "b"}}, "also connected to network bridge"),
    ],
)
def test_another_network_is_an_edit(networks: dict[str, Any], said: str) -> None:
    daemon = Daemon()
    daemon.containers["c" * 64]["NetworkSettings"]["Networks"] = networks
    assert (one(daemon).kind, one(daemon).replace) == (Kind.EDITED, True)
    assert said in one(daemon).detail


def test_a_renamed_container_is_an_edit() -> None:
    daemon = Daemon()
    daemon.containers["c" * 64]["Name"] = "/other"
    assert (one(daemon).kind, one(daemon).replace) == (Kind.EDITED, True)


def test_removed_and_swapped_objects_are_told_apart() -> None:
    for field_name, key, name in (("containers", "c" * 64, "worker"), ("networks", NETWORK_ID, "net")):
        daemon = Daemon()
        objects = getattr(daemon, field_name)
        object_of_ours = objects.pop(key)
        assert (one(daemon).kind, one(daemon).intruder) == (Kind.REMOVED, "")
        objects[name] = {**object_of_ours, "Id": "d" * 64}
        assert (one(daemon).kind, one(daemon).intruder) == (Kind.SWAPPED, "d" * 64)
    daemon = Daemon()
    daemon.volumes.clear()
    assert one(daemon).kind is Kind.REMOVED


def test_a_missing_image_is_built_again_and_its_names_follow() -> None:
    daemon = Daemon()
    del daemon.images["app:1"]
    repair = plan_repair(recorded(), found(daemon))
    assert repair.refresh
    assert [urn.rpartition("::")[2] for urn in repair.replace] == ["image", "tag"]


def test_a_name_that_is_gone_with_its_image_is_left_to_the_refresh() -> None:
    daemon = Daemon()
    daemon.images.clear()
    assert [urn.rpartition("::")[2] for urn in plan_repair(recorded(), found(daemon)).replace] == ["image"]


def test_a_name_that_points_elsewhere_is_swapped_and_made_anew() -> None:
    daemon = Daemon()
    daemon.images["app:latest"] = {"Id": "sha256:two"}
    assert one(daemon).kind is Kind.SWAPPED
    assert [urn.rpartition("::")[2] for urn in plan_repair(recorded(), found(daemon)).replace] == ["tag"]


def test_intruding_containers_go_before_the_network_that_they_use() -> None:
    daemon = Daemon(
        containers={"worker": {**CONTAINER, "Id": "e" * 64}}, networks={"net": {"Id": "f" * 64, "Name": "net"}}
    )
    intruders = plan_repair(recorded(), found(daemon)).intruders
    assert [item.intruder[0] for item in intruders] == ["e", "f"]


def test_no_drift_needs_no_refresh() -> None:
    repair = plan_repair(recorded(), [])
    assert (repair.refresh, repair.replace, repair.intruders) == (False, [], [])


def test_what_is_not_compared_is_said_and_an_image_of_set_up_is_looked_for() -> None:
    comparison = compare(recorded(queue="docker:index/service:Service"), Daemon())
    assert comparison.not_compared == ["Service/queue"]
    assert "not looked at: Service/queue" in as_lines("blue", comparison)


def test_drift_is_an_error_of_its_own_and_the_same_as_data() -> None:
    daemon = Daemon()
    daemon.volumes.clear()
    comparison = compare(recorded(), daemon)
    with pytest.raises(DriftError, match="1 of 5 deployed objects of stack blue"):
        require_none("blue", comparison)
    (item,) = json.loads(as_json("blue", comparison))["drift"]
    assert (item["kind"], item["resource"], item["name"]) == ("removed", "Volume/data", "data")
