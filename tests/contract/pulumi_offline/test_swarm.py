"""Services, secrets and configs on a real swarm of two daemons."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.contract.pulumi_offline import base_image
from tests.contract.pulumi_offline.driver import Outcome, Project
from tests.daemon import until
from tests.swarm import Node, Swarm, running_swarm

IMAGE = "swarm-test:1"
RUNS = "trap 'exit 0' TERM; while :; do sleep 0.1; done"

# A service that is told everything; the values in the dictionary are what the tests change.
PROGRAM = """
import base64
v = {values}
network = docker.Network("network", driver="overlay", attachable=True)
secret = docker.Secret("key", data=base64.b64encode(v["secret"].encode()).decode(),
    labels=[docker.SecretLabelArgs(label="a", value="1")])
config = docker.ServiceConfig("text", data_raw="plain text")
task = docker.ServiceTaskSpecArgs
container = docker.ServiceTaskSpecContainerSpecArgs
docker.Service("full", name="full",
    labels=[docker.ServiceLabelArgs(label="l", value="v")],
    mode=docker.ServiceModeArgs(replicated=docker.ServiceModeReplicatedArgs(replicas=v["replicas"])),
    endpoint_spec=docker.ServiceEndpointSpecArgs(mode="dnsrr"),
    converge_config=docker.ServiceConvergeConfigArgs(delay="200ms", timeout="60s"),
    update_config=docker.ServiceUpdateConfigArgs(parallelism=2, order="start-first", monitor="1s",
        failure_action=v["failure_action"], max_failure_ratio="0.1"),
    rollback_config=docker.ServiceRollbackConfigArgs(parallelism=0, order="start-first", monitor="500ms"),
    task_spec=task(
        force_update=1,
        networks_advanceds=[docker.ServiceTaskSpecNetworksAdvancedArgs(id=network.id, aliases=["friend"])],
        placement=docker.ServiceTaskSpecPlacementArgs(constraints=["node.platform.os==linux"],
            prefs=["spread=node.hostname"], max_replicas=3),
        restart_policy=docker.ServiceTaskSpecRestartPolicyArgs(condition="any", delay="500ms", max_attempts=9),
        log_driver=docker.ServiceTaskSpecLogDriverArgs(name="json-file", options={{"max-size": "1m"}}),
        resources=docker.ServiceTaskSpecResourcesArgs(
            limits=docker.ServiceTaskSpecResourcesLimitsArgs(memory_bytes=64 << 20, nano_cpus=500_000_000),
            reservation=docker.ServiceTaskSpecResourcesReservationArgs(memory_bytes=4 << 20)),
        container_spec=container(
            image=v["image"], commands=["sh", "-c"], args=[v["script"]],
            env={{"B": "2", "A": v["a"]}}, user="10001:10001", dir="/tmp", init=True, read_only=True,
            labels=[docker.ServiceTaskSpecContainerSpecLabelArgs(label="c", value="d")],
            cap_drops=["ALL"], cap_adds=["CHOWN"], groups=["12"], hostname="host-{{{{.Task.Slot}}}}",
            sysctl={{"net.core.somaxconn": "256"}}, stop_grace_period="5s", stop_signal="SIGTERM",
            hosts=[docker.ServiceTaskSpecContainerSpecHostArgs(host="other", ip="192.0.2.2")],
            healthcheck=docker.ServiceTaskSpecContainerSpecHealthcheckArgs(tests=["CMD", "test", "-e", v["probe"]],
                interval="200ms", timeout="5s", retries=2, start_period="0s"),
            mounts=[
                docker.ServiceTaskSpecContainerSpecMountArgs(type="volume", target="/data"),
                docker.ServiceTaskSpecContainerSpecMountArgs(type="tmpfs", target="/scratch",
                    tmpfs_options=docker.ServiceTaskSpecContainerSpecMountTmpfsOptionsArgs(size_bytes=1048576)),
            ],
            secrets=[docker.ServiceTaskSpecContainerSpecSecretArgs(secret_id=secret.id, secret_name=secret.name,
                file_name="/run/own/key", file_uid="10001", file_gid="10001", file_mode=0o400)],
            configs=[docker.ServiceTaskSpecContainerSpecConfigArgs(config_id=config.id, config_name=config.name,
                file_name="/run/own/text")],
        )))
"""
GOOD: dict[str, object] = {
    "secret": "hush-hush",
    "replicas": 1,
    "script": RUNS,
    "a": "1",
    "probe": "/bin/sh",
    "failure_action": "rollback",
}


@pytest.fixture(scope="module")
def swarm() -> Iterator[Swarm]:
    with running_swarm(2) as swarm:
        manager = swarm.manager
        manager.docker("import", "-", IMAGE, stdin=base_image.archive())
        for node in swarm.nodes[1:]:
            node.load(IMAGE, source=("docker", "--host", manager.host))
        yield swarm


@pytest.fixture(scope="module")
def image(swarm: Swarm) -> str:
    """The image by its id, so that no registry is asked."""
    return swarm.manager.docker("image", "inspect", "--format", "{{.Id}}", IMAGE)


class Stack:
    """The service with everything, and the swarm that it is deployed on."""

    def __init__(self, project: Project, swarm: Swarm, image: str) -> None:
        self.project = project
        self.swarm = swarm
        self.image = image
        self.manager = swarm.manager
        self.last: dict[str, object] | None = None

    def write(self, **changes: object) -> None:
        self.program(PROGRAM.format(values={**GOOD, "image": self.image, **changes}))

    def program(self, text: str) -> None:
        self.last = None
        self.project.write(text)

    def deployed(self, **changes: object) -> Outcome:
        self.write(**changes)
        done = self.project.up()
        assert done.code == 0, done.text
        self.last = changes
        return done

    def ready(self, **changes: object) -> None:
        """Deploy, unless just this was deployed last."""
        if self.last != changes:
            self.deployed(**changes)

    def service(self) -> dict[str, Any]:
        found: list[dict[str, Any]] = json.loads(self.manager.docker("service", "inspect", "full"))
        return found[0]

    def running(self) -> int:
        return sum(1 for _, state in self.swarm.tasks("full") if state == "Running")


@pytest.fixture(scope="module")
def stack(swarm: Swarm, new_project: Callable[[str], Project], image: str) -> Stack:
    project = new_project("swarm")
    assert project.command("config", "set", "docker:host", swarm.manager.host).returncode == 0
    stack = Stack(project, swarm, image)
    stack.deployed()
    return stack


def in_task(node: Node, *argv: str) -> str:
    container = node.docker("ps", "--quiet", "--filter", "name=full").split()[0]
    return node.docker("exec", container, *argv)


def test_the_swarm_was_told_everything(stack: Stack) -> None:
    found = stack.service()
    state = stack.project.resources()
    assert state["full"]["id"] == found["ID"]
    spec = found["Spec"]
    assert (spec["Labels"], spec["EndpointSpec"]) == ({"l": "v"}, {"Mode": "dnsrr"})
    assert spec["UpdateConfig"] == {
        "Parallelism": 2,
        "FailureAction": "rollback",
        "Monitor": 10**9,
        "MaxFailureRatio": pytest.approx(0.1),
        "Order": "start-first",
    }
    task = spec["TaskTemplate"]
    assert task["Resources"]["Limits"] == {"NanoCPUs": 500_000_000, "MemoryBytes": 64 << 20}
    assert task["Resources"]["Reservations"] == {"MemoryBytes": 4 << 20}
    assert task["RestartPolicy"] == {"Condition": "any", "Delay": 500_000_000, "MaxAttempts": 9}
    assert task["Placement"]["MaxReplicas"] == 3
    assert task["Placement"]["Constraints"] == ["node.platform.os==linux"]
    assert task["Placement"]["Preferences"] == [{"Spread": {"SpreadDescriptor": "node.hostname"}}]
    assert task["Networks"][0]["Aliases"] == ["friend"]
    assert (task["LogDriver"]["Name"], task["ForceUpdate"]) == ("json-file", 1)
    container = task["ContainerSpec"]
    assert container["Env"] == ["A=1", "B=2"]
    assert container["Hosts"] == ["192.0.2.2 other"]
    assert (container["CapabilityDrop"], container["CapabilityAdd"]) == (["ALL"], ["CHOWN"])
    assert container["StopGracePeriod"] == 5 * 10**9
    expected = {"User": "10001:10001", "Dir": "/tmp", "Init": True, "ReadOnly": True, "Groups": ["12"]}
    assert {name: container[name] for name in expected} == expected
    [(where, _)] = stack.swarm.tasks("full")
    node = next(node for node in stack.swarm.nodes if node.name == where)
    assert in_task(node, "cat", "/run/own/key") == "hush-hush"
    assert in_task(node, "stat", "-c", "%a %u", "/run/own/key") == "400 10001"
    assert in_task(node, "cat", "/run/own/text") == "plain text"
    text = json.dumps(state)
    assert "hush-hush" not in text
    assert base64.b64encode(b"hush-hush").decode() not in text


def test_nothing_changes_twice_and_a_refresh_finds_nothing(stack: Stack) -> None:
    assert stack.deployed().changes == {}
    assert stack.project.up("--refresh").changes == {}


def test_replicas_and_task_change_in_place(stack: Stack) -> None:
    before = stack.service()["ID"]
    assert stack.deployed(replicas=4).changes == {"full": "update"}
    assert stack.running() == 4
    assert {node for node, _ in stack.swarm.tasks("full")} == {"node-1", "node-2"}
    assert stack.deployed(replicas=4, a="changed").changes == {"full": "update"}
    assert all("changed" in in_task(node, "sh", "-c", "echo $A") for node in stack.swarm.nodes)
    assert stack.service()["ID"] == before
    assert stack.service()["UpdateStatus"]["State"] == "completed"


def test_a_changed_secret_is_made_anew_before_the_old_one_goes(stack: Stack) -> None:
    stack.ready(replicas=4, a="changed")
    old = stack.swarm.manager.docker("secret", "ls", "--quiet").split()
    assert stack.deployed(replicas=4, a="changed", secret="other").changes == {"key": "replace", "full": "update"}
    new = stack.swarm.manager.docker("secret", "ls", "--quiet").split()
    assert (len(old), len(new), set(old) & set(new)) == (1, 1, set())


def test_a_failing_update_is_rolled_back_and_says_why(stack: Stack) -> None:
    stack.ready(replicas=2)
    stack.write(replicas=2, script="echo no database here >&2; exit 3")
    failed = stack.project.up()
    assert failed.code != 0
    text = "\n".join(failed.diagnostics)
    assert "service full: rolled back by Swarm" in text
    assert "it runs what it ran before" in text
    assert "non-zero exit (3)" in text
    assert "no database here" in text
    assert stack.running() == 2
    assert stack.service()["Spec"]["TaskTemplate"]["ContainerSpec"]["Args"] == [RUNS]
    # What is recorded is what runs: going back to it is no change.
    assert stack.deployed(replicas=2).changes == {}


def test_an_update_that_stops_half_way_is_recorded_and_goes_on(stack: Stack) -> None:
    stack.ready()
    stack.write(probe="/nowhere", failure_action="pause", script=f"echo half w''ay; {RUNS}")
    failed = stack.project.up()
    assert failed.code != 0
    text = "\n".join(failed.diagnostics)
    assert "service full: paused by Swarm" in text
    assert "or because its health check failed" in text
    recorded = stack.project.resources()["full"]
    assert recorded["outputs"]["updateConfig"]["failureAction"] == "pause"
    assert "`docker service logs full` shows" in recorded["initErrors"][0]
    assert stack.project.recorded("half way") == []
    assert stack.deployed().changes == {"full": "update"}
    assert stack.running() == 1


def test_changes_behind_its_back_are_seen_and_undone(stack: Stack) -> None:
    stack.ready()
    manager = stack.swarm.manager
    # Until it is done: an update on top of another one may count the first one's tasks as its own failures.
    manager.docker("service", "update", "--quiet", "--replicas", "2", "--env-add", "A=hand", "full")
    undone = stack.project.up("--refresh")
    assert undone.code == 0, undone.text
    assert undone.changes == {"full": "update"}
    assert stack.service()["Spec"]["Mode"]["Replicated"]["Replicas"] == 1
    assert stack.service()["Spec"]["TaskTemplate"]["ContainerSpec"]["Env"] == ["A=1", "B=2"]
    manager.docker("service", "rm", "full")
    assert stack.project.up("--refresh").changes == {"full": "create"}
    assert stack.running() == 1


def test_a_service_that_never_becomes_healthy_is_removed_again(stack: Stack) -> None:
    stack.program(f"""
docker.Service("sick", name="sick", converge_config=docker.ServiceConvergeConfigArgs(delay="200ms", timeout="5s"),
    task_spec={{"container_spec": {{"image": "{stack.image}", "init": True,
        "commands": ["sh", "-c", "echo alive; exec sleep 60"],
        "healthcheck": {{"tests": ["CMD", "test", "-e", "/nowhere"], "interval": "200ms", "retries": 2}}}}}})
docker.Service("lost", name="lost", converge_config=docker.ServiceConvergeConfigArgs(delay="200ms", timeout="2s"),
    task_spec={{"container_spec": {{"image": "{stack.image}"}}, "placement": {{"constraints": ["node.labels.a==b"]}}}})
""")
    failed = stack.project.up("--continue-on-error")
    assert failed.code != 0
    text = "\n".join(failed.diagnostics)
    assert "service sick: not converged after 5s" in text
    assert "unhealthy" in text
    assert "alive" in text
    assert "service lost: not converged after 2s" in text
    assert "see `docker node ls` and the service's constraints" in text
    assert stack.swarm.manager.docker("service", "ls", "--quiet", "--filter", "name=sick") == ""
    assert not {"sick", "lost"} & set(stack.project.resources())


def test_destroy_leaves_nothing(stack: Stack) -> None:
    stack.ready()
    assert stack.project.destroy().code == 0
    for kind in ("service", "secret", "config"):
        assert stack.swarm.manager.docker(kind, "ls", "--quiet") == ""
    assert stack.swarm.manager.docker("network", "ls", "--quiet", "--filter", "name=network-") == ""
    for node in stack.swarm.nodes:
        until(lambda node=node: not node.docker("ps", "--all", "--quiet"), what="removal of containers")  # type: ignore[misc]
        assert node.docker("volume", "ls", "--quiet") == ""


def test_what_is_not_supported_fails_in_preview_all_at_once(stack: Stack) -> None:
    stack.program("""
docker.Service("s", auth={"server_address": "x"}, task_spec={"container_spec": {"image": "x:1", "isolation": "process",
    "privileges": {}, "secrets": [{"secret_id": "i", "file_name": "f"}]}})
""")
    outcome = stack.project.preview()
    assert outcome.code != 0
    text = "\n".join(outcome.diagnostics)
    for expected in (
        "property auth is not supported by this project's Docker provider",
        "property taskSpec.containerSpec.isolation is not supported",
        "property taskSpec.containerSpec.privileges is not supported",
        "taskSpec.containerSpec.secrets[0].secretName is required",
    ):
        assert expected in text


def test_a_swarm_that_is_none_or_lost_its_manager_says_what_to_do(
    swarm: Swarm, new_project: Callable[[str], Project]
) -> None:
    """The last one: it leaves a swarm that is none."""
    project = new_project("lost")
    project.write('docker.ServiceConfig("text", data_raw="x")')

    def refusal(node: Node) -> str:
        outcome = project.up(environment={"DOCKER_HOST": node.host})
        assert outcome.code != 0
        return "\n".join(outcome.diagnostics)

    manager, other = swarm.nodes
    assert "point DOCKER_HOST (or docker:host) at a manager" in refusal(other)
    manager.docker("node", "promote", other.name)
    until(lambda: manager.docker("node", "ls").count("Reachable") == 1, what="two managers")
    other.kill()
    lost = refusal(manager)
    assert "`docker swarm init --force-new-cluster --advertise-addr <its address>`" in lost
    manager.docker("swarm", "init", "--force-new-cluster", "--advertise-addr", manager.address)
    done = project.up(environment={"DOCKER_HOST": manager.host})
    assert done.code == 0, done.text
    assert project.command("destroy", "--yes", environment={"DOCKER_HOST": manager.host}).returncode == 0
    manager.docker("swarm", "leave", "--force")
    assert "`docker swarm init`" in refusal(manager)
