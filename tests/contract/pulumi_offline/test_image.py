import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contract.pulumi_offline.driver import UNKNOWN, Project, docker, inspect

PROGRAM = """
image = docker.Image(
    "image",
    image_name="{name}",
    skip_push=True,
    build=docker.DockerBuildArgs(
        context="context", dockerfile="context/Dockerfile", args={{"WHO": "{who}"}}, network="none", target="last"
    ),
)
off = {{"command": ["sleep", "60"], "start": False, "must_run": False, "network_mode": "bridge"}}
docker.Container("by-digest", name="{prefix}-by-digest", image=image.repo_digest, **off)
docker.Container("by-name", name="{prefix}-by-name", image=image.image_name, **off)
docker.Tag("tag", source_image=image.repo_digest, target_image="{prefix}-image:moving")
pulumi.export("digest", image.repo_digest)
"""
DOCKERFILE = """
FROM {base} AS first
COPY hello.txt /hello.txt
FROM first AS last
ARG WHO
RUN echo "for $WHO" > /who.txt
FROM last AS never
RUN exit 1
"""


@pytest.fixture(scope="module")
def project(new_project: Callable[[str], Project], prefix: str, base: str) -> Project:
    project = new_project("image")
    context = project.folder / "context"
    context.mkdir()
    (context / "Dockerfile").write_text(DOCKERFILE.format(base=base))
    (context / "hello.txt").write_text("one\n")
    (context / ".dockerignore").write_text("notes\n")
    write(project, prefix)
    done = project.up()
    assert done.code == 0, done.text
    return project


def write(project: Project, prefix: str, *, name: str | None = None, who: str = "me") -> None:
    project.write(PROGRAM.format(name=name or f"{prefix}-image:1", who=who, prefix=prefix))


def hello(project: Project) -> Path:
    return project.folder / "context" / "hello.txt"


def test_id_and_outputs(project: Project, prefix: str) -> None:
    state = project.resources()["image"]
    local = inspect("image", f"{prefix}-image:1")
    assert state["id"] == f"{prefix}-image:1"
    outputs = state["outputs"]
    assert outputs["repoDigest"] == local["Id"]
    assert outputs["repoDigest"].startswith("sha256:")
    assert outputs["baseImageName"] == f"{prefix}-image:1"
    assert outputs["context"] == "context"
    assert outputs["dockerfile"] == "Dockerfile"
    assert outputs["platform"] == f"{local['Os']}/{local['Architecture']}"
    assert outputs["registryServer"] == ""
    assert len(state["inputs"]["build"]["contextDigest"]) == 64
    assert docker("run", "--rm", f"{prefix}-image:1", "cat", "/who.txt", "/hello.txt") == "for me\none"


def test_tag_points_at_the_image(project: Project, prefix: str) -> None:
    state = project.resources()["tag"]
    digest = inspect("image", f"{prefix}-image:1")["Id"]
    assert state["id"] == f"{digest}.{prefix}-image:moving"
    assert state["outputs"]["sourceImageId"] == digest
    assert inspect("image", f"{prefix}-image:moving")["Id"] == digest


def test_times_and_ignored_files_are_no_change(project: Project) -> None:
    os.utime(hello(project), (1, 1))
    (project.folder / "context" / "notes").write_text("not part of the context")
    assert project.preview("--expect-no-changes").code == 0


def test_a_mode_is_a_change(project: Project) -> None:
    hello(project).chmod(0o600)
    try:
        assert project.preview().changes["image"] == "update"
    finally:
        hello(project).chmod(0o644)


def test_a_build_argument_and_a_name_are_updates_in_place(project: Project, prefix: str) -> None:
    write(project, prefix, who="you", name=f"{prefix}-image:2")
    assert project.preview().changes["image"] == "update"
    write(project, prefix)


def test_a_changed_file_updates_in_place_and_replaces_the_container_by_digest(project: Project, prefix: str) -> None:
    before = project.resources()
    hello(project).write_text("two\n")
    planned = project.preview()
    expected = {"image": "update", "by-digest": "replace", "tag": "replace"}
    assert planned.changes == expected
    assert planned.inputs("by-digest")["image"] == UNKNOWN
    done = project.up()
    assert done.changes == expected
    assert not done.diagnostics
    after = project.resources()
    assert after["image"]["id"] == before["image"]["id"]
    assert after["image"]["outputs"]["repoDigest"] != before["image"]["outputs"]["repoDigest"]
    assert inspect("container", f"{prefix}-by-digest")["Image"] == after["image"]["outputs"]["repoDigest"]
    assert inspect("container", f"{prefix}-by-name")["Image"] == before["image"]["outputs"]["repoDigest"]
    assert after["by-name"]["id"] == before["by-name"]["id"]
    assert inspect("image", f"{prefix}-image:moving")["Id"] == after["image"]["outputs"]["repoDigest"]


def test_reading_never_looks_at_the_daemon_and_destroy_leaves_images(project: Project, prefix: str) -> None:
    digest = project.resources()["image"]["outputs"]["repoDigest"]
    docker("tag", digest, f"{prefix}-kept:1")
    docker("rmi", f"{prefix}-image:1")
    refreshed = project.preview("--refresh")
    assert refreshed.code == 0, refreshed.text
    assert "image" not in refreshed.changes
    assert project.destroy().code == 0
    assert inspect("image", f"{prefix}-image:moving")["Id"] == digest


@pytest.fixture(scope="module")
def broken(new_project: Callable[[str], Project]) -> Project:
    project = new_project("broken")
    (project.folder / "context").mkdir()
    return project


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ('build={"context": "context"}, skip_push=True', "Dockerfile {folder}/context/Dockerfile does not exist"),
        ('build={"context": "nowhere"}, skip_push=True', "build context {folder}/nowhere is not a folder"),
        ('build={"context": "context"}', "set skip_push=True"),
    ],
)
def test_what_cannot_be_built_fails_in_preview(broken: Project, arguments: str, expected: str) -> None:
    broken.write(f'docker.Image("a", image_name="x:1", {arguments})\n')
    outcome = broken.preview()
    assert outcome.code != 0
    assert expected.format(folder=broken.folder) in outcome.text


def test_a_failing_step_shows_its_last_lines(new_project: Callable[[str], Project], base: str, prefix: str) -> None:
    project = new_project("failing")
    (project.folder / "Dockerfile").write_text(f"FROM {base}\nRUN echo the reason is here; exit 3\n")
    project.write(f'docker.Image("a", image_name="{prefix}-failing:1", skip_push=True)')
    outcome = project.up()
    assert outcome.code != 0
    message = "\n".join(outcome.diagnostics)
    assert f"image {prefix}-failing:1: The command '/bin/sh -c echo the reason is here; exit 3' returned" in message
    assert "  the reason is here" in message
    assert "Traceback" not in outcome.text
