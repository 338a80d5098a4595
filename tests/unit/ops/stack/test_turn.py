import threading
from pathlib import Path

import pytest

from components.machine import machine_folders
from components.ownership import Owner
from ops.context import Context
from ops.errors import BusyError
from ops.stack import turn as turns
from ops.stack.turn import last_owner, lock_file, remember, turn
from tests.unit.ops.surroundings import silent


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    monkeypatch.setattr(turns, "_PLACES", (tmp_path,))
    return silent(machine_folders(tmp_path / "one", {"HOME": str(tmp_path)}), stack="blue")


def test_of_two_checkouts_one_has_the_turn_and_the_other_is_told_which(context: Context, tmp_path: Path) -> None:
    other = silent(machine_folders(tmp_path / "two", {"HOME": str(tmp_path)}), stack="blue")
    with turn(context):
        with pytest.raises(
            BusyError, match=rf"stack blue of this Docker daemon: process \d+ of the checkout {tmp_path}/one"
        ):
            turn(other).__enter__()
        with turn(silent(context.folders, stack="green")):
            pass
    with turn(other):
        pass


def test_another_daemon_is_another_turn(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    with turn(context):
        monkeypatch.setenv("DOCKER_HOST", "tcp://elsewhere:2376")
        with turn(context):
            pass


def test_a_file_that_holds_nonsense_is_no_obstacle(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_NAMED_S", 0.1)
    lock_file("blue").write_text("[")
    with turn(context), pytest.raises(BusyError):
        turn(context).__enter__()


def test_a_holder_may_say_its_name_a_moment_after_it_has_the_turn(context: Context) -> None:
    with turn(context):
        file = lock_file("blue")
        file.write_text("")
        naming = threading.Timer(0.1, file.write_text, ['{"pid": 7, "checkout": "/elsewhere"}'])
        naming.start()
        with pytest.raises(BusyError, match="process 7 of the checkout /elsewhere"):
            turn(context).__enter__()
        naming.join()


def test_a_holder_that_never_says_its_name_is_not_waited_for(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_NAMED_S", 0.1)
    with turn(context):
        lock_file("blue").write_text("")
        with pytest.raises(BusyError, match="a process that has not said its name yet"):
            turn(context).__enter__()


def test_a_name_goes_with_the_turn(context: Context) -> None:
    with turn(context):
        assert "pid" in lock_file("blue").read_text()
    assert lock_file("blue").read_text() == ""


def test_a_link_in_the_shared_folder_is_not_followed(context: Context, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("data")
    lock_file("blue").symlink_to(tmp_path / "precious")
    with pytest.raises(OSError, match="symbolic links"):
        turn(context).__enter__()
    assert (tmp_path / "precious").read_text() == "data"


@pytest.mark.usefixtures("context")
def test_who_brought_a_stack_up_last_is_remembered() -> None:
    assert last_owner("blue") is None
    owner = Owner(checkout="/a", state="file:///a/state")
    remember("blue", owner)
    assert last_owner("blue") == owner
    assert last_owner("green") is None
