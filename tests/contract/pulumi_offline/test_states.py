"""A state that Pulumi's own Docker provider recorded, previewed with this one: no change.

The forms below are those of `pulumi-resource-docker` 5.1.0, read from a stack that it made: what its check adds to the
inputs of each resource, and what it keeps as outputs.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.pulumi_offline.driver import Project

NewProject = Callable[[str], Project]
PROGRAM = """
network = docker.Network("network", name="{prefix}-states", driver="bridge")
volume = docker.Volume("volume", name="{prefix}-states")
image = docker.Image(
    "image",
    image_name="{prefix}-states:1",
    build=docker.DockerBuildArgs(context="context", dockerfile="context/Dockerfile", network="none", args=dict(A="1")),
    skip_push=True,
)
docker.Tag("tag", source_image=image.image_name, target_image="{prefix}-states:latest")
docker.Container(
    "container",
    name="{prefix}-states",
    image=image.repo_digest,
    command=["sleep", "300"],
    network_mode=network.id,
    user="1000:1000",
    memory={memory},
    init=True,
    mounts=[docker.ContainerMountArgs(type="volume", source=volume.name, target="/data")],
    labels=[docker.ContainerLabelArgs(label="a", value="b")],
    healthcheck=docker.ContainerHealthcheckArgs(tests=["CMD", "true"], interval="1s", timeout="3s", retries=3),
    wait=True,
    restart="no",
)
"""


@pytest.fixture(scope="module")
def project(new_project: NewProject, prefix: str, base: str) -> Project:
    made = new_project("states")
    (made.folder / "context").mkdir()
    (made.folder / "context" / "Dockerfile").write_text(f"FROM {base}\nARG A\n")
    (made.folder / "context" / "file").write_text("content\n")
    made.write(PROGRAM.format(prefix=prefix, memory=64))
    deployed = made.up()
    assert deployed.code == 0, deployed.text
    return made


def genuine(resource: dict[str, Any]) -> None:
    """Give a recorded resource the form that Pulumi's own provider gives it."""
    inputs, outputs = resource.get("inputs", {}), resource.get("outputs", {})
    match resource["type"]:
        case "docker:index/image:Image":
            names = ("baseImageName", "context", "dockerfile", "imageName", "platform", "registryServer", "repoDigest")
            resource["outputs"] = {name: outputs[name] for name in names} | {"__inputs": inputs}
        case "docker:index/network:Network":
            pool = {"auxAddress": {}, "gateway": "192.168.16.1", "ipRange": "", "subnet": "192.168.16.0/20"}
            outputs |= {"ipamConfigs": [pool], "ipamOptions": None, "labels": [], "options": {}, "ipv6": False}
            inputs["__defaults"] = ["ipamDriver"]
        case "docker:index/volume:Volume":
            outputs |= {"cluster": None, "driverOpts": None, "labels": []}
            inputs["__defaults"] = []
        case "docker:index/container:Container":
            inputs["__defaults"] = ["containerReadRefreshTimeoutMilliseconds", "mustRun", "removeVolumes", "start"]
            inputs["healthcheck"] |= {"__defaults": ["startInterval"], "startInterval": "0s"}
            outputs |= {
                "cpuSet": "",
                "entrypoints": ["/bin/sh"],
                "hostname": "1c8dbc1316e7",
                "hosts": [],
                "ipcMode": "private",
                "logDriver": "json-file",
                "platform": "linux",
                "runtime": "runc",
                "securityOpts": [],
                "shmSize": 64,
                "stopTimeout": 0,
                "usernsMode": "",
            }
            outputs["mounts"][0] |= {"bindOptions": None, "tmpfsOptions": None, "volumeOptions": None}


def imported(project: Project, change: Callable[[dict[str, Any]], None]) -> None:
    state = json.loads(project.command("stack", "export").stdout)
    for resource in state["deployment"]["resources"]:
        change(resource)
    file = project.folder / "state.json"
    file.write_text(json.dumps(state))
    done = project.command("stack", "import", "--file", str(file))
    assert done.returncode == 0, done.stderr


def test_nothing_changes_and_what_the_program_changes_does(project: Project, prefix: str) -> None:
    imported(project, genuine)
    assert project.preview("--expect-no-changes").code == 0
    project.write(PROGRAM.format(prefix=prefix, memory=96))
    assert project.preview().changes == {"container": "update"}
    (project.folder / "context" / "file").write_text("other\n")
    assert project.preview().changes["image"] == "update"
    (project.folder / "context" / "file").write_text("content\n")
    project.write(PROGRAM.format(prefix=prefix, memory=64))


def test_an_image_without_what_a_rollback_left_out_of_its_outputs_is_the_same(project: Project) -> None:
    def rolled_back(resource: dict[str, Any]) -> None:
        if resource["type"] == "docker:index/image:Image":
            for name in ("build", "skipPush", "__inputs"):
                resource["outputs"].pop(name, None)

    imported(project, rolled_back)
    assert project.preview("--expect-no-changes").code == 0


def test_our_own_images_keep_their_inputs_where_pulumis_provider_looks_for_them(project: Project) -> None:
    (project.folder / "context" / "file").write_text("third\n")
    updated = project.up()
    assert updated.code == 0, updated.text
    image = project.resources()["image"]
    assert image["outputs"]["__inputs"] == image["inputs"]
    assert image["inputs"]["buildOnPreview"] is False
    assert image["inputs"]["build"]["platform"] == image["outputs"]["platform"]
    assert set(image["outputs"]) == {
        *("__inputs", "baseImageName", "context", "dockerfile", "imageName", "platform", "registryServer", "repoDigest")
    }
