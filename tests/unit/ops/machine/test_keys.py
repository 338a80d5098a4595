import stat
from pathlib import Path

from components.machine import machine_folders
from components.stack_keys import backend_key_file as file_of_the_program
from ops.machine.keys import backend_key_file, ensure_key


def test_the_program_reads_the_key_where_set_up_writes_it(tmp_path: Path) -> None:
    folders = machine_folders(tmp_path, {"HOME": str(tmp_path), "FONDATION_HOME": str(tmp_path / "home")})
    assert backend_key_file(folders) == file_of_the_program(folders)


def test_a_key_is_made_once_for_its_user_only(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "backend.key"
    assert ensure_key(file)
    first = file.read_text()
    assert len(first) >= 43
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert not ensure_key(file)
    assert file.read_text() == first
    assert [path.name for path in file.parent.iterdir()] == ["backend.key"]


def test_of_two_commands_the_first_key_counts(tmp_path: Path) -> None:
    file = tmp_path / "backend.key"

    def late(_: int) -> str:
        file.write_text("theirs")
        return "ours"

    assert not ensure_key(file, make=late)
    assert file.read_text() == "theirs"
