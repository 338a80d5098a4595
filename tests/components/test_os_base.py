"""Debian bases: their names, their recipes, and which stack needs which."""

import shutil
from pathlib import Path

import pytest

from components.configuration import parse_keys
from components.machine import MachineFolders
from components.os_base import OS, PROMETHEUS, base_recipe, needed_bases, os_image_digest, os_image_name

BASES = (OS, PROMETHEUS)


def digests(checkout: Path) -> dict[str, str]:
    return {base: os_image_digest(checkout, base) for base in BASES}


def test_a_name_says_which_base_and_which_recipe(folders: MachineFolders) -> None:
    digest = os_image_digest(folders.checkout, "prometheus").removeprefix("sha256:")
    assert os_image_name(folders.checkout, "prometheus") == f"fondation-os:prometheus-{digest[:12]}"
    assert os_image_name(folders.checkout) == f"fondation-os:{os_image_digest(folders.checkout)[7:19]}"


@pytest.mark.parametrize(
    ("path", "bases"),
    [
        ("images/os/packages.txt", {OS}),
        ("images/prometheus/packages.txt", {"prometheus"}),
        ("images/prometheus/trim.txt", {"prometheus"}),
        ("images/os/finish.sh", set(BASES)),
        ("images/os/trim.txt", set(BASES)),
    ],
)
def test_a_change_reaches_the_bases_whose_recipe_has_it(folders: MachineFolders, path: str, bases: set[str]) -> None:
    before = digests(folders.checkout)
    with (folders.checkout / path).open("a") as file:
        file.write("# changed\n")
    after = digests(folders.checkout)
    assert {base for base in BASES if before[base] != after[base]} == bases


def test_what_a_base_asks_for_is_not_purged_from_it(folders: MachineFolders) -> None:
    with (folders.checkout / "images" / "prometheus" / "packages.txt").open("a") as file:
        file.write("libsystemd0\n")
    assert b"\nlibsystemd0\n" in base_recipe(folders.checkout)["purge.txt"]
    purged = base_recipe(folders.checkout, "prometheus")["purge.txt"]
    assert b"\nlibsystemd0\n" not in purged
    assert b"\nlibstdc++6\n" in purged


def test_the_recipes_of_the_checkout_leave_files_of_its_images_out(folders: MachineFolders) -> None:
    shutil.copyfile(folders.checkout / "images" / "cli" / "Dockerfile", folders.checkout / "images/prometheus/x.conf")
    assert "x.conf" not in base_recipe(folders.checkout, "prometheus")


@pytest.mark.parametrize(
    ("values", "bases"),
    [
        ({}, [OS]),
        ({"monitoring": "false"}, [OS]),
        ({"monitoring": "true"}, [OS, "prometheus"]),
        ({"monitoring": "yes"}, [OS, "prometheus"]),
        ({"monitoring": "true", "prometheusImage": f"prom/prometheus@sha256:{64 * '0'}"}, [OS]),
    ],
)
def test_a_stack_needs_the_bases_that_its_configuration_asks_for(values: dict[str, str], bases: list[str]) -> None:
    assert needed_bases(parse_keys({f"fondation:{key}": value for key, value in values.items()})) == bases
