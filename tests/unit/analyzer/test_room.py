"""The folder of a call to Claude Code: gone afterwards, and what a killed run left is removed by the next."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from analyzer.claude.room import PREFIX, room
from analyzer.errors import OutputNotWritableError

HOLDS = """
import signal
from analyzer.claude.room import room
with room() as place:
    print(place, flush=True)
    signal.pause()
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_a_room_is_gone_after_the_call(folder: Path) -> None:
    with room() as place, room() as other:
        assert place != other
        assert {entry.name for entry in place.iterdir()} == {"home", "empty"}
    assert list(folder.iterdir()) == []


def test_what_a_killed_run_left_is_removed_and_what_is_used_is_not(folder: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(folder)}
    command = [sys.executable, "-c", HOLDS]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        used = Path(holder.stdout.readline().strip())
        with room():
            assert used.is_dir()
        holder.send_signal(signal.SIGKILL)
    assert used.is_dir()
    with room() as place:
        assert list(folder.iterdir()) == [place]


def test_only_folders_are_removed(folder: Path) -> None:
    target = folder / "other"
    target.mkdir()
    (folder / f"{PREFIX}link").symlink_to(target)
    (folder / f"{PREFIX}file").write_text("x")
    with room():
        assert target.is_dir()
    assert {entry.name for entry in folder.iterdir()} == {"other", f"{PREFIX}link", f"{PREFIX}file"}


def test_no_place_for_a_room_is_said(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(folder / "missing"))
    with pytest.raises(OutputNotWritableError, match="no place"), room():
        pass
