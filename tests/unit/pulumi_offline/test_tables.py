from typing import Any

import pytest

from pulumi_offline.docker_provider.boundary import initialization_status
from pulumi_offline.docker_provider.container import ContainerResource
from pulumi_offline.docker_provider.container_schema import SCHEMA as CONTAINER
from pulumi_offline.docker_provider.errors import InitializationError
from pulumi_offline.docker_provider.image import ImageResource
from pulumi_offline.docker_provider.network import SCHEMA as NETWORK
from pulumi_offline.docker_provider.network import NetworkResource
from pulumi_offline.docker_provider.resource import Checked, CheckInput, Resource
from pulumi_offline.docker_provider.schema import Kind, Property, Schema, differences, failures, with_defaults
from pulumi_offline.docker_provider.values import UNKNOWN, has_unknown, plain_map, property_map
from pulumi_offline.docker_provider.volume import SCHEMA as VOLUME
from pulumi_offline.docker_provider.volume import VolumeResource


def check(resource: Resource, new: dict[str, Any], old: dict[str, Any] | None = None, seed: bytes = b"seed") -> Checked:
    return resource.check(CheckInput(name="thing", old=old or {}, new=new, seed=seed))


def reasons(schema: Schema, inputs: dict[str, Any]) -> list[str]:
    return [item.reason for item in failures(schema, inputs)]


def test_values_survive_the_way_to_the_engine_and_back() -> None:
    values = {"a": 1, "b": 1.5, "c": True, "d": ["x", UNKNOWN, {"e": "f"}], "g": {"h": UNKNOWN}, "i": "", "j": []}
    assert plain_map(property_map(values)) == values
    assert plain_map(property_map({"none": None})) == {}
    assert has_unknown(values)
    assert not has_unknown({"a": [{"b": 1}]})


@pytest.mark.parametrize(
    ("name", "change"),
    [
        *[(name, "replace") for name in ("command", "entrypoints", "envs", "hostname", "image", "labels", "logOpts")],
        *[(name, "replace") for name in ("name", "networkMode", "networksAdvanced", "ports", "readOnly", "tmpfs")],
        *[(name, "update") for name in ("restart", "memory", "healthcheck", "destroyGraceSeconds", "waitTimeout")],
    ],
)
def test_what_a_change_of_a_container_does(name: str, change: str) -> None:
    assert CONTAINER[name].on_change == change


def test_every_change_of_a_network_or_volume_replaces() -> None:
    assert {row.on_change for row in (*NETWORK.values(), *VOLUME.values())} == {"replace"}


def test_order_counts_only_where_it_means_something() -> None:
    assert not differences(CONTAINER, {"envs": ["A=1", "B=2"]}, {"envs": ["B=2", "A=1"]})
    assert differences(CONTAINER, {"command": ["a", "b"]}, {"command": ["b", "a"]})
    assert not differences(
        CONTAINER, {"capabilities": {"drops": ["A", "B"]}}, {"capabilities": {"drops": ["B", "A"], "adds": []}}
    )


def test_unset_and_empty_are_the_same() -> None:
    assert not differences(CONTAINER, {"tty": False, "envs": [], "user": ""}, {})
    assert [item.name for item in differences(CONTAINER, {"envs": ["A=1"]}, {})] == ["envs"]


def test_an_unknown_value_is_a_difference() -> None:
    assert [item.name for item in differences(CONTAINER, {"image": "x"}, {"image": UNKNOWN})] == ["image"]
    found = differences(CONTAINER, {"networksAdvanced": [{"name": "n"}]}, {"networksAdvanced": [{"name": UNKNOWN}]})
    assert [item.change for item in found] == ["replace"]


def test_failures_name_every_problem_with_its_path_and_never_a_value() -> None:
    inputs = {
        "image": "x",
        "gpus": "all",
        "memory": "secret-64",
        "envs": [1],
        "ports": [{"external": 1, "colour": "red"}],
        "restart": "sometimes",
    }
    text = "\n".join(reasons(CONTAINER, inputs))
    for expected in (
        "property gpus is not supported by this project's Docker provider",
        "memory must be a whole number, not str",
        "envs must be a list of strings, not list",
        "property ports[0].colour is not supported",
        "ports[0].internal is required",
        "restart is 'sometimes'; this provider supports no, on-failure, always, unless-stopped",
    ):
        assert expected in text
    assert "secret-64" not in text
    assert reasons(CONTAINER, {}) == ["image is required: set it to a string"]
    assert reasons(CONTAINER, {"image": UNKNOWN, "memory": UNKNOWN, "envs": [UNKNOWN]}) == []


def test_defaults_are_filled_in_and_listed() -> None:
    schema = {
        "a": Property(default="x"),
        "b": Property(),
        "c": Property(kind=Kind.OBJECTS, fields={"d": Property(kind=Kind.FLAG, default=True)}),
    }
    assert with_defaults(schema, {"c": [{}]}) == {"a": "x", "c": [{"d": True}], "__defaults": ["a"]}
    assert with_defaults(schema, {"a": "y"}) == {"a": "y"}


def test_generated_names_are_kept_and_new_for_a_replacement() -> None:
    first = check(NetworkResource(), {}).inputs
    assert first["name"].startswith("thing-")
    assert len(first["name"]) == len("thing-") + 7
    assert check(NetworkResource(), {}, old=first, seed=b"other").inputs["name"] == first["name"]
    assert check(NetworkResource(), {}, seed=b"other").inputs["name"] != first["name"]
    assert check(NetworkResource(), {}, old={"name": "explicit"}).inputs["name"] != "explicit"


def test_a_fixed_name_or_port_is_deleted_before_its_replacement() -> None:
    resource = ContainerResource()
    fixed = check(resource, {"image": "x", "name": "n"}).inputs
    assert resource.diff(fixed, {**fixed, "image": "y"}).delete_before_replace
    assert not resource.diff(fixed, {**fixed, "name": "m"}).delete_before_replace
    generated = check(resource, {"image": "x"}).inputs
    assert not resource.diff(generated, {**generated, "image": "y"}).delete_before_replace
    port = {**generated, "ports": [{"internal": 1, "external": 2}]}
    assert resource.diff(port, {**port, "image": "y"}).delete_before_replace


def test_a_volume_keeps_the_driver_that_the_daemon_chose() -> None:
    assert not VolumeResource().diff({"name": "v", "driver": "local"}, {"name": "v"}).differences
    assert VolumeResource().diff({"name": "v", "driver": "local"}, {"name": "v", "driver": "x"}).replaces == ["driver"]


def test_a_container_that_was_found_stopped_is_replaced() -> None:
    resource = ContainerResource()
    inputs = check(resource, {"image": "x"}).inputs
    assert resource.diff({**inputs, "mustRun": False, "__drift": "stopped"}, inputs).replaces == ["mustRun"]
    assert resource.diff({**inputs, "mustRun": False}, inputs).replaces == []


def test_image_refusals_and_unknown_inputs() -> None:
    refused = check(ImageResource(), {"imageName": "x", "build": {"context": "https://example.test/r.git"}})
    text = "\n".join(item.reason for item in refused.failures)
    assert "set skip_push=True" in text
    assert "is remote" in text
    unknown = check(ImageResource(), {"imageName": "x", "skipPush": True, "build": {"context": UNKNOWN}})
    assert unknown.failures == ()
    assert unknown.inputs["build"]["contextDigest"] == UNKNOWN
    assert ImageResource().planned(unknown.inputs, None)["repoDigest"] == UNKNOWN


def test_registry_credentials_are_no_reason_to_build() -> None:
    old = {"imageName": "x", "registry": {"server": "s", "password": "one"}}
    new = {"imageName": "x", "registry": {"server": "s", "password": "two"}}
    assert not ImageResource().diff(old, new).differences


def test_a_failed_initialization_carries_id_and_state() -> None:
    status = initialization_status(InitializationError("not healthy", resource_id="abc", state={"name": "n"}))
    assert status.details == "not healthy"
    assert status.trailing_metadata[0][0] == "grpc-status-details-bin"
    assert b"abc" in status.trailing_metadata[0][1]
