"""How the stack's containers run, as the daemon and the process inside see it."""

import pytest
import testinfra

from tests.trial import Trial, inspect

SERVICES = ("backend", "web", "worker")


@pytest.mark.parametrize("role", SERVICES)
def test_the_daemon_confines_it(stack: Trial, role: str) -> None:
    container = inspect("inspect", stack.container(role))[0]
    host = container["HostConfig"]
    assert container["State"]["Health"]["Status"] == "healthy"
    assert container["Config"]["User"] == "10001:10001"
    assert host["ReadonlyRootfs"] is True
    assert host["Init"] is True
    assert host["CapDrop"] == ["ALL"]
    assert not host["CapAdd"]
    assert "no-new-privileges" in host["SecurityOpt"]
    assert host["Privileged"] is False
    assert host["Memory"] > 0
    assert host["MemorySwap"] == host["Memory"]
    assert host["NanoCpus"] > 0 or host["CpuQuota"] > 0
    assert [(limit["Name"], limit["Hard"] > 0) for limit in host["Ulimits"]] == [("nproc", True)]
    assert host["RestartPolicy"]["Name"] == "unless-stopped"
    assert not [bind for bind in host.get("Binds") or [] if "docker.sock" in bind]
    assert {host["PidMode"], host["UTSMode"], host["UsernsMode"]} == {""}
    assert host["LogConfig"]["Config"]["max-size"] == "10m"


@pytest.mark.parametrize("role", SERVICES)
def test_it_runs_an_image_id_and_says_which_digest(stack: Trial, role: str) -> None:
    container = inspect("inspect", stack.container(role))[0]
    image = inspect("image", "inspect", container["Image"])[0]
    assert container["Config"]["Image"] == container["Image"]
    assert container["Config"]["Labels"]["org.fondation.digest"] == image["Config"]["Labels"]["org.fondation.digest"]


@pytest.mark.parametrize("role", SERVICES)
def test_ports_are_on_loopback_only(stack: Trial, role: str) -> None:
    ports = inspect("inspect", stack.container(role))[0]["NetworkSettings"]["Ports"]
    published = [binding["HostIp"] for bindings in ports.values() for binding in bindings or []]
    assert published == ([] if role == "worker" else ["127.0.0.1"])


def test_the_worker_reports_health_and_metrics(stack: Trial) -> None:
    host = testinfra.get_host(f"docker://{stack.container('worker')}")
    ask = (
        "/opt/fondation/venv/bin/python -c 'import sys, urllib.request;"
        ' print(urllib.request.urlopen("http://127.0.0.1:8080" + sys.argv[1]).read().decode())\' '
    )
    assert host.run(ask + "/health/live").rc == 0
    assert host.run(ask + "/health/ready").rc == 0
    assert "fondation_build_info" in host.check_output(ask + "/metrics")
