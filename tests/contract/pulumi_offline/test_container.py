import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.pulumi_offline.driver import Project, docker, inspect

HEX_ID = re.compile(r"[0-9a-f]{64}")

# Everything that one container can be told; {old} and {new} are filled in by the tests.
FULL = """
network = docker.Network("network", name="{prefix}-network", internal={internal},
    labels=[docker.NetworkLabelArgs(label="which", value="{label}")])
volume = docker.Volume("volume", name="{prefix}-volume", labels=[docker.VolumeLabelArgs(label="a", value="1")])
docker.Container("full", name="{prefix}-full", image="{base}",
    entrypoints=["sh", "-c"], command=["trap 'exit 0' TERM; while :; do sleep 0.1; done"],
    envs={envs}, labels=[docker.ContainerLabelArgs(label="l", value="v")], hostname="host", user="10001:10001",
    working_dir="/tmp", read_only=True, init=True, privileged=False,
    capabilities=docker.ContainerCapabilitiesArgs(drops=["ALL"], adds=["CHOWN"]),
    security_opts=["no-new-privileges:true"], memory=64, memory_swap=64, cpus="0.5", cpu_shares=512,
    restart="on-failure", max_retry_count=3, shm_size=32, group_adds=["12"], ipc_mode="private",
    sysctls={{"net.core.somaxconn": "256"}}, dns=["192.0.2.1"], stop_timeout=3, stop_signal="SIGTERM",
    ulimits=[docker.ContainerUlimitArgs(name="nproc", soft=256, hard=256)],
    hosts=[docker.ContainerHostArgs(host="other", ip="192.0.2.2")],
    ports=[docker.ContainerPortArgs(internal=80, ip="127.0.0.1")],
    tmpfs={{"/scratch": "size=1m,mode=1777"}},
    mounts=[
        docker.ContainerMountArgs(type="volume", target="/data", source=volume.name),
        docker.ContainerMountArgs(type="tmpfs", target="/run",
            tmpfs_options=docker.ContainerMountTmpfsOptionsArgs(size_bytes=1048576, mode=0o755)),
    ],
    networks_advanced=[docker.ContainerNetworksAdvancedArgs(name=network.name, aliases=["friend"])],
    healthcheck=docker.ContainerHealthcheckArgs(tests=["CMD", "true"], interval="200ms", timeout="1m30s", retries=2),
    log_driver="json-file", log_opts={{"max-size": "1m"}}, wait=True, wait_timeout=30, destroy_grace_seconds=5)
docker.Container("generated", image="{base}", command=["sleep", "60"], must_run=False, start=False)
"""


@pytest.fixture(scope="module")
def full(new_project: Callable[[str], Project], prefix: str, base: str) -> Project:
    project = new_project("full")
    write_full(project, prefix, base)
    done = project.up()
    assert done.code == 0, done.text
    assert not done.diagnostics
    return project


def write_full(
    project: Project,
    prefix: str,
    base: str,
    *,
    envs: str = '["A=1", "B=2", pulumi.Output.secret("C=hush-hush")]',
    label: str = "one",
) -> None:
    internal = False
    project.write(FULL.format(prefix=prefix, base=base, envs=envs, label=label, internal=internal))


def test_ids_defaults_and_generated_names(full: Project, prefix: str) -> None:
    state = full.resources()
    assert HEX_ID.fullmatch(state["full"]["id"])
    assert state["full"]["id"] == inspect("container", f"{prefix}-full")["Id"]
    assert HEX_ID.fullmatch(state["network"]["id"])
    assert state["volume"]["id"] == f"{prefix}-volume"
    assert state["volume"]["outputs"]["mountpoint"] == inspect("volume", f"{prefix}-volume")["Mountpoint"]
    generated = state["generated"]["inputs"]
    assert re.fullmatch(r"generated-[0-9a-f]{7}", generated["name"])
    defaults = {"removeVolumes": True, "waitTimeout": 60, "networkMode": "bridge"}
    assert {name: generated[name] for name in defaults} == defaults
    assert state["full"]["inputs"]["start"] is True
    assert state["full"]["inputs"]["mustRun"] is True


def test_the_daemon_was_told_everything(full: Project, prefix: str) -> None:
    del full
    found = inspect("container", f"{prefix}-full")
    config, host = found["Config"], found["HostConfig"]
    assert {"A=1", "B=2", "C=hush-hush"} <= set(config["Env"])
    assert (config["Entrypoint"], config["Hostname"], config["User"]) == (["sh", "-c"], "host", "10001:10001")
    assert (config["Labels"]["l"], config["WorkingDir"], config["StopTimeout"]) == ("v", "/tmp", 3)
    assert config["Healthcheck"]["Interval"] == 200_000_000
    assert config["Healthcheck"]["Timeout"] == 90_000_000_000
    expected = {
        "ReadonlyRootfs": True,
        "Init": True,
        "CapDrop": ["ALL"],
        "CapAdd": ["CHOWN"],
        "SecurityOpt": ["no-new-privileges:true"],
        "Memory": 64 << 20,
        "MemorySwap": 64 << 20,
        "NanoCpus": 500_000_000,
        "CpuShares": 512,
        "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3},
        "ShmSize": 32 << 20,
        "GroupAdd": ["12"],
        "IpcMode": "private",
        "Sysctls": {"net.core.somaxconn": "256"},
        "Dns": ["192.0.2.1"],
        "ExtraHosts": ["other:192.0.2.2"],
        "Ulimits": [{"Name": "nproc", "Hard": 256, "Soft": 256}],
        "Tmpfs": {"/scratch": "size=1m,mode=1777"},
        "LogConfig": {"Type": "json-file", "Config": {"max-size": "1m"}},
    }
    assert {name: host[name] for name in expected} == expected
    assert found["State"]["Health"]["Status"] == "healthy"
    assert {mount["Destination"]: mount["Type"] for mount in found["Mounts"]} == {"/data": "volume", "/run": "tmpfs"}
    networks = found["NetworkSettings"]["Networks"]
    assert list(networks) == [f"{prefix}-network"]
    assert "friend" in networks[f"{prefix}-network"]["Aliases"]
    assert found["NetworkSettings"]["Ports"]["80/tcp"][0]["HostIp"] == "127.0.0.1"


def test_one_secret_makes_the_whole_list_secret_in_the_state(full: Project) -> None:
    exported = full.command("stack", "export").stdout
    assert "hush-hush" not in exported
    assert "A=1" not in exported
    assert "ciphertext" in json.dumps(full.resources()["full"]["outputs"]["envs"])


def test_another_order_of_the_environment_is_no_change(full: Project, prefix: str, base: str) -> None:
    write_full(full, prefix, base, envs='[pulumi.Output.secret("C=hush-hush"), "B=2", "A=1"]')
    assert full.preview("--expect-no-changes", "--refresh").code == 0


def test_stopped_is_replaced_and_removed_is_created_but_only_on_refresh(full: Project, prefix: str) -> None:
    docker("update", "--restart", "no", f"{prefix}-full")
    docker("stop", "--time", "0", f"{prefix}-full")
    assert full.preview("--expect-no-changes").code == 0
    assert full.preview("--refresh").changes["full"] == "replace"
    docker("rm", "--force", f"{prefix}-full")
    assert full.preview("--refresh").changes == {"full": "create"}
    done = full.up("--refresh")
    assert done.changes == {"full": "create"}
    assert inspect("container", f"{prefix}-full")["State"]["Running"]


def test_a_network_label_replaces_the_network_and_the_containers_on_it(full: Project, prefix: str, base: str) -> None:
    write_full(full, prefix, base, label="two")
    assert full.preview().changes == {"network": "replace", "full": "replace"}
    done = full.up()
    assert done.changes == {"network": "replace", "full": "replace"}
    assert inspect("network", f"{prefix}-network")["Labels"] == {"which": "two"}
    assert list(inspect("container", f"{prefix}-full")["NetworkSettings"]["Networks"]) == [f"{prefix}-network"]


def test_destroy_removes_containers_networks_and_volumes(full: Project, prefix: str) -> None:
    assert full.destroy().code == 0
    assert prefix not in docker("ps", "--all", "--filter", f"name={prefix}-full", "--format", "{{.Names}}")
    assert prefix not in docker("network", "ls", "--filter", f"name={prefix}-network", "--format", "{{.Name}}")
    assert prefix not in docker("volume", "ls", "--quiet", "--filter", f"name={prefix}-volume")


# Resource name, property, old value, new value, what has to happen.
CHANGES = [
    ("c-command", "command", ["sleep", "60"], ["sleep", "61"], "replace"),
    ("c-entrypoint", "entrypoints", ["sh"], ["sh", "-c"], "replace"),
    ("c-env", "envs", ["A=1"], ["A=2"], "replace"),
    ("c-hostname", "hostname", "one", "two", "replace"),
    ("c-labels", "labels", [{"label": "a", "value": "1"}], [{"label": "a", "value": "2"}], "replace"),
    ("c-logs", "log_opts", {"max-size": "1m"}, {"max-size": "2m"}, "replace"),
    ("c-ports", "ports", [{"internal": 80}], [{"internal": 81}], "replace"),
    ("c-restart", "restart", "no", "always", "update"),
    ("c-memory", "memory", 64, 256, "update"),
    ("c-health", "healthcheck", {"tests": ["CMD", "true"]}, {"tests": ["CMD", "false"]}, "update"),
    ("c-renamed", "name", "one", "two", "replace"),
]


def changing_program(prefix: str, base: str, *, new: bool) -> str:
    lines = []
    for name, key, old, changed, _ in CHANGES:
        value = changed if new else old
        arguments: dict[str, Any] = {"name": f"{prefix}-{name}", "command": ["sleep", "60"], key: value}
        if key == "name":
            arguments["name"] = f"{prefix}-renamed-{value}"
        arguments |= {"image": base, "start": False, "must_run": False, "network_mode": "bridge"}
        lines.append(f"docker.Container({name!r}, **{arguments!r})")
    return "\n".join(lines)


def test_what_replaces_and_what_updates_in_place(new_project: Callable[[str], Project], prefix: str, base: str) -> None:
    project = new_project("changes")
    project.write(changing_program(prefix, base, new=False))
    assert project.up().code == 0
    before = project.resources()
    project.write(changing_program(prefix, base, new=True))
    expected = {name: what for name, *_, what in CHANGES}
    assert project.preview().changes == expected
    done = project.up()
    assert done.code == 0, done.text
    assert done.changes == expected
    after = project.resources()
    assert {name for name in expected if after[name]["id"] == before[name]["id"]} == {
        name for name, what in expected.items() if what == "update"
    }
    assert inspect("container", f"{prefix}-c-restart")["HostConfig"]["RestartPolicy"]["Name"] == "always"
    assert inspect("container", f"{prefix}-c-memory")["HostConfig"]["Memory"] == 256 << 20
    assert inspect("container", f"{prefix}-c-health")["Config"]["Healthcheck"]["Test"] == ["CMD", "true"]
    assert [text for text in done.diagnostics if "Docker cannot change the health check" in text]
    order = [operation for name, operation in done.steps if name == "c-env"]
    assert order.index("delete-replaced") < order.index("create-replacement")
    order = [operation for name, operation in done.steps if name == "c-renamed"]
    assert order.index("create-replacement") < order.index("delete-replaced")
