"""dev, staging and prod are one program: they differ in configuration only, and in what production forbids."""

from collections.abc import Callable
from pathlib import Path

import pulumi
import pytest

from components.stack_file import read_values
from tests.components.recording import Recorder

Run = Callable[..., Recorder]
ROOT = Path(__file__).resolve().parents[2]
OWN_TO_SET = {
    "convexUrl": "https://happy-otter-1.convex.cloud",
    "backendKey": "canary-key-0123456789",
    "webToken": "canary-token-0123456789",
}
STRICT = ("staging", "prod")


def committed(stack: str) -> dict[str, str]:
    """Return the configuration of a stack file as the repository has it."""
    return {key.partition(":")[2]: value for key, value in read_values(ROOT, stack).items()}


def shape(recorder: Recorder) -> set[tuple[str, str]]:
    """Return what is declared, by type and name."""
    return set(recorder.resources)


@pytest.mark.parametrize("stack", STRICT)
def test_every_value_that_has_no_default_is_named_when_it_is_missing(run_program: Run, stack: str) -> None:
    with pytest.raises(pulumi.RunError) as caught:
        run_program(committed(stack), stack)
    for key in OWN_TO_SET:
        assert f"fondation:{key} is missing: set it with `pulumi config set fondation:{key}" in str(caught.value)


def test_staging_and_production_declare_the_same_things(run_program: Run) -> None:
    staging = run_program({**committed("staging"), **OWN_TO_SET}, "staging")
    production = run_program({**committed("prod"), **OWN_TO_SET}, "prod")
    assert {(kind, name) for kind, name in shape(staging) if kind != "pulumi:pulumi:Stack"} == {
        (kind, name) for kind, name in shape(production) if kind != "pulumi:pulumi:Stack"
    }


def names_and_ports(recorder: Recorder) -> tuple[list[str], list[object]]:
    containers = list(recorder.of("Container").values())
    tags = [str(tag["targetImage"]) for tag in recorder.of("Tag").values()]
    # A courier has the name of its volume.
    names = [str(item["name"]) for item in (*containers, *recorder.of("Network").values())]
    return names + tags, [port["external"] for item in containers for port in item.get("ports") or ()]


def test_staging_and_production_can_share_a_machine(run_program: Run) -> None:
    staging_names, staging_ports = names_and_ports(run_program({**committed("staging"), **OWN_TO_SET}, "staging"))
    names, ports = names_and_ports(run_program({**committed("prod"), **OWN_TO_SET}, "prod"))
    assert len(names) > 5
    assert not set(staging_names) & set(names)
    assert len(ports) == len(staging_ports) == 1
    assert staging_ports != ports


@pytest.mark.parametrize("stack", STRICT)
def test_a_strict_stack_publishes_its_page_only_and_takes_https_only(run_program: Run, stack: str) -> None:
    containers = run_program({**committed(stack), **OWN_TO_SET}, stack).of("Container")
    published = {name for name, item in containers.items() if item.get("ports")}
    assert published == {"web-container"}
    for item in containers.values():
        assert not any(str(entry).startswith("FONDATION_LOCAL_REPOSITORIES=") for entry in item.get("envs") or ())
    with pytest.raises(pulumi.RunError, match="production accepts https repositories only"):
        run_program({**committed(stack), **OWN_TO_SET, "localRepositories": "true"}, stack)
