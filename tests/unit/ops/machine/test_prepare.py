from pathlib import Path

import pytest

from components.machine import machine_folders
from ops.errors import NotFoundError, OperatorNeededError
from ops.machine.facts import this_machine
from ops.machine.prepare import PARTS, Setting, chosen, prepare, tasks


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    return Setting(folders=machine_folders(tmp_path, {"HOME": str(tmp_path)}), machine=this_machine(), stack="dev")


def test_what_takes_longest_starts_first(setting: Setting) -> None:
    assert [task.name for task in tasks(setting)] == list(PARTS)
    assert PARTS[0] == "engine"
    assert tasks(setting)[0].after == ()


def test_a_part_brings_what_it_needs_and_nothing_else(setting: Setting) -> None:
    assert [task.name for task in chosen(tasks(setting), ["os"])] == ["docker", "os"]
    assert [task.name for task in chosen(tasks(setting), ["keys", "npm"])] == ["npm", "keys"]


def test_an_unknown_part_is_named_with_those_that_there_are(setting: Setting) -> None:
    with pytest.raises(NotFoundError, match="no part 'wheel' to prepare: name some of engine, docker, os, wheels"):
        chosen(tasks(setting), ["wheel"])


@pytest.mark.parametrize("variable", ["FONDATION_HOME", "XDG_CACHE_HOME"])
def test_a_place_that_cannot_be_written_is_refused_before_anything_is_made(variable: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    folders = machine_folders(tmp_path, {"HOME": str(tmp_path), variable: str(file / "below")})
    with pytest.raises(OperatorNeededError, match=f"set {variable} to another folder"):
        prepare(Setting(folders=folders, machine=this_machine(), stack="dev"), parts=["keys"], report=lambda *_: None)
    assert list(tmp_path.iterdir()) == [file]
