from pathlib import Path

import pytest

from components.configuration import parse_keys
from components.machine import machine_folders
from ops.errors import NotFoundError, OperatorNeededError
from ops.machine.facts import this_machine
from ops.machine.prepare import PARTS, TESTS, chosen, prepare, tasks
from ops.machine.tasks import Task
from tests.unit.ops.surroundings import silent


@pytest.fixture
def every(tmp_path: Path) -> list[Task]:
    return tasks(machine_folders(tmp_path, {"HOME": str(tmp_path)}), parse_keys({}), this_machine())


def test_what_takes_longest_starts_first(every: list[Task]) -> None:
    assert [task.name for task in every] == [*PARTS, TESTS]
    assert PARTS[0] == "pulumi"
    assert every[0].after == ()


def test_a_part_brings_what_it_needs_and_nothing_else(every: list[Task]) -> None:
    assert [task.name for task in chosen(every, ["os"])] == ["docker", "os"]
    assert [task.name for task in chosen(every, ["keys", "npm"])] == ["npm", "keys"]


def test_an_unknown_part_is_named_with_those_that_there_are(every: list[Task]) -> None:
    with pytest.raises(NotFoundError, match="no part 'wheel' to prepare: name some of pulumi, docker, os, wheels"):
        chosen(every, ["wheel"])


@pytest.mark.parametrize("variable", ["FONDATION_HOME", "XDG_CACHE_HOME"])
def test_a_place_that_cannot_be_written_is_refused_before_anything_is_made(variable: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    folders = machine_folders(tmp_path, {"HOME": str(tmp_path), variable: str(file / "below")})
    with pytest.raises(OperatorNeededError, match=f"set {variable} to another folder"):
        prepare(silent(folders), this_machine(), parts=["keys"])
    assert list(tmp_path.iterdir()) == [file]
