"""Two checkouts whose stacks have one name, on one daemon: the second leaves alone what the first one made."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from components.machine import machine_folders
from ops.stack.turn import turn
from tests.trial import Trial, copy_checkout, docker, free_port, names_of, new_trial, small_repository
from tests.unit.ops.surroundings import silent

UP = ("up", "--no-first-course")
TAKEN, NOBODYS, BUSY = 45, 46, 43


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    """A deployed stack; the last test removes what is left of it."""
    trial = new_trial(tmp_path_factory.mktemp("first"))
    trial.init()
    trial.fondation(*UP)
    yield trial
    docker("rm", "--force", "--volumes", *trial.containers().values()) if trial.containers() else None


@pytest.fixture(scope="module")
def document(first: Trial, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A job whose documents the first stack stored."""
    repository = small_repository(tmp_path_factory.mktemp("repository"))
    done = first.fondation("submit", str(repository), "--wait")
    (job,) = re.findall(r"/courses/(\w+)/", done.stdout)
    return str(job)


@pytest.fixture(scope="module")
def second(first: Trial, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """Another checkout with a state of its own, whose stack has the same name."""
    folder = tmp_path_factory.mktemp("second")
    ports = {"webPort": str(free_port()), "backendPort": str(free_port())}
    trial = replace(
        first,
        checkout=copy_checkout(folder / "checkout"),
        home=folder / "home",
        configuration={**first.configuration, **ports},
    )
    trial.init()
    return trial


def refused(trial: Trial, *arguments: str, code: int = TAKEN) -> str:
    done = trial.run(*arguments, check=False)
    assert done.returncode == code, done.stdout
    return done.stdout


def everything(trial: Trial) -> dict[str, list[str]]:
    """What the daemon has of the stack's names: ids of containers and networks, and when volumes were made."""
    prefix = trial.container("")
    volumes = names_of(("volume", "ls"), prefix)
    return {
        "containers": sorted(trial.containers().values()),
        "networks": docker("network", "ls", "--quiet", "--no-trunc", "--filter", f"name={prefix}").split(),
        "volumes": docker(
            "volume", "inspect", "--format", "{{.Name}} {{.CreatedAt}} {{.Labels}}", *volumes
        ).splitlines(),
    }


def is_stored(trial: Trial, job: str) -> bool:
    return "chapters/chapter_0" in trial.fondation("course", job).stdout


def test_no_command_of_the_second_checkout_touches_the_first_ones_stack(
    first: Trial, second: Trial, document: str
) -> None:
    before = everything(first)
    stack = ("--stack", second.name)
    for command in (
        ("bin/fondation", *UP, *stack),
        ("bin/fondation", "down", *stack),
        ("bin/fondation", "recover", *stack),
        ("bin/fondation", "neighbours", *stack),
        ("bin/pulumi", "up", "--yes", "--non-interactive"),
        ("bin/pulumi", "destroy", "--yes", "--non-interactive"),
    ):
        said = refused(second, *command)
        assert f"They belong to the checkout {first.checkout}, with its state in file://{first.home}/state" in said
        assert f"cd {first.checkout} && bin/fondation down --stack {first.name}" in said
        assert f"volume fondation-{first.name}-backend\n" in said
    assert "FAIL  neighbour" in second.fondation("doctor", check=False).stdout
    assert everything(first) == before
    assert is_stored(first, document)


def test_nor_while_the_first_stack_is_stopped(first: Trial, second: Trial, document: str) -> None:
    docker("stop", "--time", "5", *first.containers().values())
    before = everything(first)
    assert "(exited)" in refused(second, "bin/fondation", *UP, "--stack", second.name)
    refused(second, "bin/fondation", "down", "--stack", second.name)
    assert everything(first) == before
    first.fondation(*UP)
    assert is_stored(first, document)


def test_volumes_that_the_provider_adopted_without_a_word_are_not_removed(
    first: Trial, second: Trial, document: str
) -> None:
    before = everything(first)["volumes"]
    # Pulumi itself, past our commands: it takes the first one's volumes, then stumbles over its network or containers.
    done = second.pulumi("up", "--yes", "--skip-preview", "--cwd", str(second.checkout), check=False)
    assert done.returncode != 0
    assert '"id": "fondation-' in second.pulumi("stack", "export").stdout
    assert first.name in refused(second, "bin/fondation", "down", "--stack", second.name)
    refused(second, "bin/pulumi", "destroy", "--yes", "--non-interactive")
    assert everything(first)["volumes"] == before
    assert is_stored(first, document)


def test_two_checkouts_that_come_up_at_one_moment_do_so_one_after_the_other(first: Trial, second: Trial) -> None:
    with turn(silent(machine_folders(first.checkout), stack=first.name)):
        said = refused(second, "bin/fondation", *UP, "--stack", second.name, code=BUSY)
    assert f"of the checkout {first.checkout}" in said


def test_volumes_of_a_lost_state_are_taken_over_by_name_with_what_is_in_them(
    first: Trial, second: Trial, document: str
) -> None:
    docker("rm", "--force", *first.containers().values())
    networks = docker("network", "ls", "--quiet", "--filter", f"name={first.container('network')}").split()
    docker("network", "rm", *networks)
    for trial in (first, second):
        trial.run("rm", "-r", str(trial.home / "state"))
    second.run("bin/fondation", "prepare", "pulumi")
    said = refused(second, "bin/fondation", *UP, "--stack", second.name, code=NOBODYS)
    (offer,) = re.findall(r"^  bin/fondation up --stack \S+ (--adopt .*)$", said, re.MULTILINE)
    assert "warn  neighbour" in second.fondation("doctor", check=False).stdout
    second.fondation(*UP, *offer.split())
    assert is_stored(second, document)
    second.fondation("neighbours")
    second.fondation("down")
    assert names_of(("volume", "ls"), first.container("")) == []
    second.destroy()
