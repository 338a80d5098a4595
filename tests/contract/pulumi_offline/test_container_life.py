import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contract.pulumi_offline.driver import Project, docker, inspect


@pytest.fixture(scope="module")
def project(new_project: Callable[[str], Project]) -> Project:
    return new_project("life")


def test_never_healthy_fails_with_the_reason_and_leaves_the_container_running(
    project: Project, prefix: str, base: str
) -> None:
    name = f"{prefix}-sick"
    project.write(f"""
docker.Container("sick", name="{name}", image="{base}", command=["sh", "-c", "echo my la''st words; sleep 60"],
    healthcheck={{"tests": ["CMD-SHELL", "echo not y''et; exit 1"], "interval": "300ms"}}, wait=True, wait_timeout=2)
""")
    outcome = project.up()
    assert outcome.code != 0
    message = "\n".join(outcome.diagnostics)
    assert f"container {name}: not healthy after 2 s" in message
    assert re.search(r"health check failed \d+ times, last with exit code 1; `docker logs --tail 20", message)
    # What a program wrote may show a secret: nothing of it is recorded, nor given to the engine at all.
    assert [project.recorded(words) for words in ("my last words", "not yet")] == [[], []]
    assert "my last words" not in outcome.text
    assert f"container {name}: not healthy" in project.resources()["sick"]["initErrors"][0]
    assert inspect("container", name)["State"]["Running"]
    assert project.resources()["sick"]["id"] == inspect("container", name)["Id"]
    assert project.destroy().code == 0
    assert docker("ps", "--all", "--quiet", "--filter", f"name={name}") == ""


def test_a_container_that_ends_at_once_fails_with_its_exit_code(project: Project, prefix: str, base: str) -> None:
    name = f"{prefix}-dead"
    project.write(f"""
docker.Container("dead", name="{name}", image="{base}", command=["sh", "-c", "echo cannot st''art; exit 7"],
    healthcheck={{"tests": ["CMD", "true"]}}, wait=True)
""")
    outcome = project.up()
    assert outcome.code != 0
    assert "ended with exit code 7" in "\n".join(outcome.diagnostics)
    assert project.recorded("cannot start") == []
    project.destroy()


def test_a_container_that_outgrows_its_memory_is_told_as_such(project: Project, prefix: str, base: str) -> None:
    project.write(f"""
docker.Container("big", name="{prefix}-big", image="{base}", memory=8, memory_swap=8,
    command=["sh", "-c", "x=xxxxxxxx; while :; do x=$x$x; done"], healthcheck={{"tests": ["CMD", "true"]}}, wait=True)
""")
    outcome = project.up()
    assert outcome.code != 0
    # The daemon may miss the kernel's word; then its limit is named.
    told = r"exit code 137 before it was healthy, (killed, most likely )?out of memory(: its limit is 8 MiB)?;"
    assert re.search(told, "\n".join(outcome.diagnostics))
    project.destroy()


def test_a_container_that_keeps_ending_fails_long_before_its_time_is_over(
    project: Project, prefix: str, base: str
) -> None:
    name = f"{prefix}-loop"
    project.write(f"""
docker.Container("loop", name="{name}", image="{base}", command=["sh", "-c", "echo cannot go o''n; exit 7"],
    restart="unless-stopped", healthcheck={{"tests": ["CMD", "true"]}}, wait=True, wait_timeout=100)
""")
    outcome = project.up()
    assert outcome.code != 0
    message = "\n".join(outcome.diagnostics)
    assert re.search(rf"container {name}: ended [3-9] times before it was healthy, last with exit code 7", message)
    assert project.recorded("cannot go on") == []
    assert project.resources()["loop"]["id"] == inspect("container", name)["Id"]
    assert project.destroy().code == 0


def test_destroy_lets_the_container_drain(project: Project, prefix: str, base: str, tmp_path: Path) -> None:
    script = "trap 'sleep 1; echo drained > /out/note; exit 0' TERM; echo up > /out/ready; while :; do sleep 0.1; done"
    project.write(f"""
docker.Container("drains", name="{prefix}-drains", image="{base}", command=["sh", "-c", {script!r}],
    mounts=[docker.ContainerMountArgs(type="bind", target="/out", source={str(tmp_path)!r})], destroy_grace_seconds=20,
    healthcheck={{"tests": ["CMD", "test", "-e", "/out/ready"], "interval": "200ms"}}, wait=True)
""")
    assert project.up().code == 0
    assert project.destroy().code == 0
    assert (tmp_path / "note").read_text() == "drained\n"


def test_uploads_reach_a_volume_through_a_container_that_never_starts(
    project: Project, prefix: str, base: str, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"from a file\n")
    project.write(f"""
volume = docker.Volume("volume", name="{prefix}-secrets")
mount = docker.ContainerMountArgs(type="volume", target="/data", source=volume.name)
loader = docker.Container("loader", name="{prefix}-loader", image="{base}", command=["true"], start=False,
    must_run=False, mounts=[mount], uploads=[
        docker.ContainerUploadArgs(file="/data/one/secret", content=pulumi.Output.secret("hush-hush"),
            permissions="0444"),
        docker.ContainerUploadArgs(file="/data/two", content_base64="Ynl0ZXM=", executable=True),
        docker.ContainerUploadArgs(file="/data/three", source={str(source)!r}, source_hash="1"),
    ])
reader = docker.Container("reader", name="{prefix}-reader", image="{base}", mounts=[mount], attach=True, logs=True,
    must_run=False, read_only=True, command=["sh", "-c", "cat /data/one/secret /data/two /data/three; "
    "stat -c ' %a %u' /data/one/secret /data/two /data/three"], opts=pulumi.ResourceOptions(depends_on=[loader]))
pulumi.export("logs", reader.container_logs)
""")
    done = project.up()
    assert done.code == 0, done.text
    assert "ciphertext" in json.dumps(project.resources()["loader"]["outputs"]["uploads"])
    logs = project.resources()["reader"]["outputs"]["containerLogs"]
    assert logs == "hush-hushbytesfrom a file\n 444 0\n 744 0\n 644 0\n"
    assert project.destroy().code == 0
