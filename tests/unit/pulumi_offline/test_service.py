from typing import Any

import pytest

from pulumi_offline.docker_provider.resource import Checked, CheckInput, Resource
from pulumi_offline.docker_provider.service import ServiceResource
from pulumi_offline.docker_provider.service_spec import service_spec
from pulumi_offline.docker_provider.service_state import with_drift
from pulumi_offline.docker_provider.swarm_content import (
    CONFIG_SCHEMA,
    SECRET_SCHEMA,
    ConfigStore,
    ContentResource,
    SecretStore,
)
from pulumi_offline.docker_provider.values import UNKNOWN

SERVICE = ServiceResource()
SECRET = ContentResource(kind="secret", schema=SECRET_SCHEMA, store=SecretStore())
CONFIG = ContentResource(kind="config", schema=CONFIG_SCHEMA, store=ConfigStore())


def check(resource: Resource, **new: Any) -> Checked:  # noqa: ANN401 - whatever a program writes
    return resource.check(CheckInput(name="thing", old={}, new=new, seed=b"seed"))


def service(*, container: dict[str, Any] | None = None, task: dict[str, Any] | None = None, **new: Any) -> Checked:  # noqa: ANN401 - same
    spec = {"containerSpec": {"image": "x:1", **(container or {})}, **(task or {})}
    return check(SERVICE, name="s", taskSpec=spec, **new)


def reasons(checked: Checked) -> list[str]:
    return [item.reason for item in checked.failures]


def test_defaults_are_those_of_the_genuine_provider() -> None:
    inputs = service(
        updateConfig={},
        rollbackConfig={},
        convergeConfig={},
        mode={"replicated": {}},
        container={"secrets": [{"secretId": "i", "secretName": "n", "fileName": "f"}]},
    ).inputs
    rollout = {"parallelism": 1, "delay": "0s", "monitor": "5s", "maxFailureRatio": "0.0"}
    assert inputs["updateConfig"] == {**rollout, "failureAction": "pause", "order": "stop-first"}
    assert inputs["rollbackConfig"] == inputs["updateConfig"]
    assert inputs["convergeConfig"] == {"delay": "7s", "timeout": "3m"}
    assert inputs["mode"]["replicated"] == {"replicas": 1}
    [secret] = inputs["taskSpec"]["containerSpec"]["secrets"]
    assert (secret["fileUid"], secret["fileGid"], secret["fileMode"]) == ("0", "0", 0o444)


@pytest.mark.parametrize(
    ("checked", "expected"),
    [
        (service(auth={"serverAddress": "x"}), "property auth is not supported"),
        (service(task={"runtime": "plugin"}), "taskSpec.runtime is 'plugin'; this provider supports container"),
        (
            service(task={"resources": {"reservation": {"genericResources": {}}}}),
            "property taskSpec.resources.reservation.genericResources is not supported",
        ),
        (service(mode={"global": True, "replicated": {}}), "mode.global and mode.replicated exclude each other"),
        (service(mode={"global": True}, convergeConfig={}), "convergeConfig waits for replicas"),
        (service(task={"networksAdvanceds": [{}]}), "networksAdvanceds[0]: set exactly one of id and name"),
        (service(container={"stopGracePeriod": "soon"}), "'soon' is not a duration"),
        (service(convergeConfig={"timeout": "long"}), "'long' is not a duration"),
        (service(updateConfig={"maxFailureRatio": "2"}), "maxFailureRatio must be a number from 0.0 to 1.0, not '2'"),
        (service(rollbackConfig={"failureAction": "rollback"}), "this provider supports pause, continue"),
        (
            service(task={"networksAdvanceds": [{"id": "n", "driverOpts": ["mtu"]}]}),
            "driver option 'mtu' is malformed: write name=value",
        ),
        (check(SECRET, data="not base64!"), "data must be the content in Base64"),
        (check(SECRET, dataRaw="x"), "property dataRaw is not supported"),
        (check(CONFIG, data="eA==", dataRaw="x"), "set exactly one of data and dataRaw"),
        (check(CONFIG), "set exactly one of data and dataRaw"),
    ],
)
def test_what_cannot_be_is_named(checked: Checked, expected: str) -> None:
    assert expected in "\n".join(reasons(checked))
    assert "not base64!" not in "\n".join(reasons(checked))


def test_unknown_values_are_accepted() -> None:
    unknown = {"secretId": UNKNOWN, "secretName": UNKNOWN, "fileName": "f"}
    assert not service(container={"image": UNKNOWN, "secrets": [unknown]}).failures
    assert not check(SECRET, data=UNKNOWN).failures


@pytest.mark.parametrize(
    ("change", "replaces"),
    [
        ({"mode": {"replicated": {"replicas": 4}}}, []),
        ({"mode": {"global": True}}, ["mode"]),
        ({"container": {"env": {"A": "2"}}}, []),
        ({"container": {"hosts": [{"host": "h", "ip": "192.0.2.1"}]}}, ["taskSpec"]),
        ({"labels": [{"label": "a", "value": "b"}]}, []),
    ],
)
def test_a_service_changes_in_place_with_few_exceptions(change: dict[str, Any], replaces: list[str]) -> None:
    before = service().inputs
    diff = SERVICE.diff(before, service(**change).inputs)
    assert len(diff.differences) == 1
    assert diff.replaces == replaces
    assert not SERVICE.diff(before, service().inputs).differences


def test_every_change_of_a_secret_replaces_and_an_unnamed_one_is_made_first() -> None:
    old, new = check(SECRET, data="eA==").inputs, check(SECRET, data="eQ==").inputs
    assert SECRET.diff(old, new).replaces == ["data"]
    assert not SECRET.diff(old, new).delete_before_replace
    named = [check(SECRET, name="fixed", data=data).inputs for data in ("eA==", "eQ==")]
    assert SECRET.diff(*named).delete_before_replace


def test_ports_modes_and_references_in_the_request() -> None:
    inputs = service(
        endpointSpec={"ports": [{"targetPort": 80, "publishedPort": 8080}]},
        mode={"global": True},
        task={"networksAdvanceds": [{"id": "n", "driverOpts": ["a=b=c"]}]},
        container={"dnsConfig": {"nameservers": ["192.0.2.1"], "searches": ["test"]}, "dir": "/x"},
    ).inputs
    spec = service_spec(inputs)
    port = {"Protocol": "tcp", "PublishMode": "ingress", "PublishedPort": 8080, "TargetPort": 80}
    assert spec["EndpointSpec"] == {"Ports": [port]}
    assert spec["Mode"] == {"Global": {}}
    assert spec["TaskTemplate"]["Networks"] == [{"DriverOpts": {"a": "b=c"}, "Target": "n"}]
    assert spec["TaskTemplate"]["ContainerSpec"]["DNSConfig"] == {"Nameservers": ["192.0.2.1"], "Search": ["test"]}


def test_what_runs_as_recorded_did_not_drift() -> None:
    state = service(container={"env": {"A": "1"}, "args": ["a"]}, mode={"replicated": {"replicas": 2}}).inputs
    spec = {"Labels": {}, **service_spec(state)}
    assert with_drift(spec, state) == state
    spec["Mode"] = {"Replicated": {"Replicas": 3}}
    spec["TaskTemplate"]["ContainerSpec"] |= {"Image": "y:1", "Args": ["b"], "Env": ["A=2", "B=x=y"]}
    live = with_drift(spec, state)
    assert live["mode"] == {"replicated": {"replicas": 3}}
    container = live["taskSpec"]["containerSpec"]
    assert (container["image"], container["args"], container["env"]) == ("y:1", ["b"], {"A": "2", "B": "x=y"})
    assert [item.name for item in SERVICE.diff(live, state).differences] == ["mode", "taskSpec"]
