"""The audit holds for every image and container of a stack, and sees every mutant."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import docker as docker_library
import pytest
from docker import DockerClient

from ops.audit.audit import EXCEPTIONS, Finding, Verdict, judge_container, judge_image
from ops.audit.check import Check
from ops.audit.container_checks import CONTAINER_CHECKS
from ops.audit.facts import ImageFacts
from ops.audit.image_checks import IMAGE_CHECKS
from ops.audit.inventory import Member, image_facts
from tests.images.mutants import CONFIGURATION_MUTANTS, CONTAINER_MUTANTS, FILE_MUTANTS, ContainerMutant, ImageMutant
from tests.images.mutation import Models, configured, container, with_files
from tests.trial import Trial, docker, inspect, remove_images

CHECKS: Sequence[Check[Any]] = (*IMAGE_CHECKS, *CONTAINER_CHECKS)
NAMES = [check.name for check in CHECKS]
CONTAINER_NAMES = [check.name for check in CONTAINER_CHECKS]
ROLES = ("os", "cli", "auth", "worker", "server", "sandbox")


@pytest.fixture(scope="module")
def client() -> Iterator[DockerClient]:
    opened = docker_library.from_env(timeout=120)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def audit(stack: Trial) -> Mapping[str, Any]:
    """What `bin/fondation audit --json` says of the development stack."""
    printed = stack.fondation("audit", "--json", check=False).stdout
    found: dict[str, Any] = json.loads(printed[printed.index("{\n") : printed.rindex("\n}") + 2])
    return found


@pytest.fixture(scope="module")
def clean(client: DockerClient, stack: Trial) -> Iterator[ImageFacts]:
    """The worker's image, on which every other image's layers are; its mutants are removed at the end."""
    name = docker("inspect", "--format", "{{.Image}}", stack.container("worker")).strip()
    # Stacks of other files have the same image under tags of their own, which are gone when they are.
    tags = [tag for tag in inspect("image", "inspect", name)[0]["RepoTags"] if tag.startswith(stack.namespace)]
    tag = next(tag for tag in tags if ":worker-" in tag)
    facts = image_facts(client, Member(role="worker", reference=tag))
    assert failing(judge_image(facts)) == set()
    yield facts
    remove_images(f"{stack.namespace}mutant-")


@pytest.fixture(scope="module")
def file_mutants(client: DockerClient, clean: ImageFacts) -> Mapping[str, ImageFacts]:
    return with_files(client, clean, FILE_MUTANTS)


@pytest.fixture(scope="module")
def models(stack: Trial, clean: ImageFacts) -> Models:
    service = inspect("inspect", stack.container("worker"))[0]
    courier = inspect("inspect", stack.container("backend-key"))[0]
    service["Config"]["Image"] = service["Image"]
    return Models(
        service=service,
        courier=courier,
        prefix=f"fondation-{stack.name}",
        names={
            "container": service["Id"],
            "network": stack.container("network"),
            "tag": clean.name,
            "volume": stack.container("backend-key"),
        },
    )


def failing(findings: Sequence[Finding]) -> set[str]:
    return {finding.check for finding in findings if finding.verdict is Verdict.FAIL}


@pytest.mark.parametrize("name", NAMES)
def test_it_holds_in_development(audit: Mapping[str, Any], name: str) -> None:
    findings = [finding for finding in audit["findings"] if finding["check"] == name]
    assert findings
    assert [finding for finding in findings if finding["verdict"] == "fail"] == []


def test_the_audit_read_every_image_and_container(audit: Mapping[str, Any]) -> None:
    subjects = {finding["subject"] for finding in audit["findings"]}
    assert subjects == {
        *(f"image {role}" for role in ROLES),
        *(f"container {role}" for role in ("backend", "backend-key-courier", "sandbox", "web", "worker")),
    }
    assert audit["passed"] is True
    assert {exception["item"] for exception in audit["exceptions"]} == set(EXCEPTIONS)


def test_every_check_has_a_mutant() -> None:
    images = [mutant.check for mutant in (*CONFIGURATION_MUTANTS, *FILE_MUTANTS)]
    assert sorted(images) == sorted(check.name for check in IMAGE_CHECKS)
    assert sorted(mutant.check for mutant in CONTAINER_MUTANTS) == sorted(CONTAINER_NAMES)


@pytest.mark.parametrize("mutant", CONFIGURATION_MUTANTS, ids=lambda mutant: mutant.check)
def test_an_instruction_is_seen(client: DockerClient, clean: ImageFacts, mutant: ImageMutant) -> None:
    assert failing(judge_image(configured(client, clean, mutant))) == {mutant.check, *mutant.also}


@pytest.mark.parametrize("mutant", FILE_MUTANTS, ids=lambda mutant: mutant.check)
def test_a_layer_is_seen(file_mutants: Mapping[str, ImageFacts], mutant: ImageMutant) -> None:
    assert failing(judge_image(file_mutants[mutant.check])) == {mutant.check, *mutant.also}


@pytest.mark.parametrize("mutant", CONTAINER_MUTANTS, ids=lambda mutant: mutant.check)
def test_a_field_is_seen(client: DockerClient, models: Models, mutant: ContainerMutant) -> None:
    with container(client, models, mutant) as facts:
        assert failing(judge_container(facts)) == {mutant.check, *mutant.also}
