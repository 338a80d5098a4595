"""What the daemon or the provider refuses, and what the user is told."""

import socket
from collections.abc import Callable, Iterator

import pytest

from tests.contract.pulumi_offline.driver import Project, docker, inspect


@pytest.fixture(scope="module")
def project(new_project: Callable[[str], Project]) -> Project:
    return new_project("refusals")


@pytest.fixture(scope="module")
def busy_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_every_refusal_of_the_daemon_says_what_to_do(project: Project, prefix: str, base: str, busy_port: int) -> None:
    docker("network", "create", f"{prefix}-taken")
    docker("create", "--name", f"{prefix}-taken", base, "true")
    project.write(f"""
docker.Network("network", name="{prefix}-taken")
run = {{"image": "{base}", "command": ["sleep", "60"], "network_mode": "bridge"}}
docker.Container("container", name="{prefix}-taken", **run)
docker.Container("port", name="{prefix}-port",
    ports=[{{"internal": 80, "external": {busy_port}, "ip": "127.0.0.1"}}], **run)
docker.Container("image", name="{prefix}-noimage", **(run | {{"image": "{prefix}-nosuch:1"}}))
docker.RemoteImage("remote", name="localhost:1/{prefix}-nosuch:1")
""")
    outcome = project.up("--continue-on-error")
    assert outcome.code != 0
    text = "\n".join(outcome.diagnostics)
    assert f"network {prefix}-taken: network with name {prefix}-taken already exists" in text
    assert f"remove it with `docker network rm {prefix}-taken`" in text
    assert f"remove it with `docker rm -f {prefix}-taken`" in text
    assert f"port {busy_port}" in text
    assert "configure another port" in text
    assert f"No such image: {prefix}-nosuch:1" in text
    assert f"image localhost:1/{prefix}-nosuch:1:" in text
    assert "Traceback" not in outcome.text
    assert docker("ps", "--all", "--quiet", "--filter", f"name={prefix}-port") == ""
    assert set(project.resources()) <= {"refusals-test", "default_5_1_0"}


def test_an_existing_volume_is_adopted_and_removed_by_destroy(project: Project, prefix: str) -> None:
    docker("volume", "create", f"{prefix}-adopted")
    project.write(f'docker.Volume("volume", name="{prefix}-adopted")')
    assert project.up().code == 0
    assert inspect("volume", f"{prefix}-adopted")["Name"] == f"{prefix}-adopted"
    assert project.destroy().code == 0
    assert docker("volume", "ls", "--quiet", "--filter", f"name={prefix}-adopted") == ""


def test_an_unreachable_daemon(project: Project) -> None:
    project.write('docker.Network("network", name="never")')
    assert project.preview(environment={"DOCKER_HOST": "tcp://127.0.0.1:1"}).code == 0
    outcome = project.up(environment={"DOCKER_HOST": "tcp://127.0.0.1:1"})
    assert outcome.code != 0
    assert "set DOCKER_HOST to a daemon that runs" in "\n".join(outcome.diagnostics)


def test_unsupported_properties_fail_in_preview_all_at_once(project: Project) -> None:
    project.write("""
docker.Container("c", image="x:1", gpus="all", ports=[docker.ContainerPortArgs(internal=80, protocol="quic")],
    read_only=True, uploads=[docker.ContainerUploadArgs(file="/x")])
""")
    outcome = project.preview()
    assert outcome.code != 0
    text = "\n".join(outcome.diagnostics)
    assert "Container resource 'c'" in text
    assert "property gpus is not supported by this project's Docker provider" in text
    assert "ports[0].protocol is 'quic'; this provider supports tcp, udp, sctp" in text
    assert "upload of /x: set exactly one of content, contentBase64, source" in text
    assert "uploads into a container with read_only" in text


def test_unsupported_resources_and_remote_builds_fail_in_preview(project: Project) -> None:
    project.write("""
docker.RemoteImage("r", name="x:1", build={"context": "."})
""")
    assert "property build of RemoteImage is not supported" in project.preview().text
    project.write("""
docker.Plugin("p", name="x")
""")
    assert "docker:index/plugin:Plugin is not supported by this project's Docker provider" in project.preview().text
