from typing import Any

import pytest

from components.configuration import parse_keys
from ops.doctor.finding import Level
from ops.doctor.swarm_checks import check_swarm, node_finding, replica_finding, swarm_finding

ACTIVE: dict[str, Any] = {"LocalNodeState": "active", "ControlAvailable": True, "Nodes": 2, "Managers": 1}


def node(name: str, state: str = "ready") -> dict[str, Any]:
    return {"Description": {"Hostname": name}, "Status": {"State": state}}


def service(update: str | None = None, **more: object) -> dict[str, Any]:
    spec = {"Name": "w", "Mode": {"Replicated": {"Replicas": 2}}}
    return {"Spec": spec, **({"UpdateStatus": {"State": update}} if update else {}), **more}


def tasks(*states: str) -> list[dict[str, Any]]:
    return [{"Status": {"State": state}} for state in states]


@pytest.mark.parametrize(
    ("section", "remedy"),
    [
        ({}, "docker swarm init"),
        ({"LocalNodeState": "locked"}, "docker swarm unlock"),
        ({**ACTIVE, "Error": "The swarm does not have a leader"}, "--force-new-cluster"),
        ({**ACTIVE, "ControlAvailable": False}, "DOCKER_HOST"),
    ],
)
def test_a_swarm_that_cannot_be_used_has_a_remedy(section: dict[str, Any], remedy: str) -> None:
    finding = swarm_finding(section)
    assert finding.level is Level.FAILURE
    assert remedy in finding.remedy


def test_a_good_swarm_is_counted() -> None:
    assert swarm_finding(ACTIVE).fact == "2 nodes, 1 managers"
    assert not list(check_swarm(parse_keys({}), "dev"))


def test_nodes_that_are_down_or_without_images_are_named() -> None:
    assert node_finding([node("a"), node("b", "down")], "").fact == "not ready: b"
    spread = node_finding([node("a"), node("b")], "node.labels.x==y")
    assert spread.level is Level.WARNING
    assert "docker save" in spread.remedy
    assert node_finding([node("a"), node("b")], "node.role == manager").level is Level.OK
    assert node_finding([node("a")], "").level is Level.OK


def test_missing_replicas_and_a_rollback_are_told() -> None:
    assert replica_finding(service(), tasks("running")).level is Level.FAILURE
    assert replica_finding(service(), tasks("running", "running")).level is Level.OK
    assert (
        replica_finding(service("completed", PreviousSpec={"Name": "w"}), tasks("running", "running")).level is Level.OK
    )
    for state in ("rollback_completed", "completed"):
        rolled_back = replica_finding(service(state), tasks("running", "running"))
        assert (rolled_back.level, rolled_back.fact) == (Level.WARNING, "w was rolled back by Swarm")
