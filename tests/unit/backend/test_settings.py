"""Settings: all problems at once, the key never shown."""

from pathlib import Path

import pytest

from backend.errors import SettingsError
from backend.settings import HELP, Key, Settings


@pytest.fixture
def key_file(tmp_path: Path) -> str:
    file = tmp_path / "key"
    file.write_text("a-long-random-key\n")
    return str(file)


def test_defaults(key_file: str) -> None:
    settings = Settings.from_environment({"FONDATION_BACKEND_KEY_FILE": key_file})
    assert settings == Settings(key=Key("a-long-random-key"))
    assert (settings.port, settings.open_reads) == (3210, False)


def test_every_variable_is_read_and_in_the_help(key_file: str) -> None:
    environment = {
        "FONDATION_BACKEND_KEY_FILE": key_file,
        "FONDATION_DATABASE": "/data/x.sqlite3",
        "FONDATION_OPEN_READS": "true",
        "FONDATION_HOST": "127.0.0.1",
        "FONDATION_PORT": "0",
    }
    settings = Settings.from_environment(environment)
    assert (settings.database, settings.open_reads, settings.host, settings.port) == (
        "/data/x.sqlite3",
        True,
        "127.0.0.1",
        0,
    )
    assert all(name in HELP for name in environment)


def test_all_problems_are_reported_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({"FONDATION_OPEN_READS": "yes", "FONDATION_PORT": "99999"})
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert "FONDATION_BACKEND_KEY_FILE is not set" in lines[0]
    assert "FONDATION_OPEN_READS=yes" in lines[1]
    assert "FONDATION_PORT=99999" in lines[2]


@pytest.mark.parametrize("content", [b"", b"short", b"\xff\xfe\xfd"])
def test_a_key_that_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "key"
    file.write_bytes(content)
    with pytest.raises(SettingsError, match=r"FONDATION_BACKEND_KEY_FILE="):
        Settings.from_environment({"FONDATION_BACKEND_KEY_FILE": str(file)})


def test_the_key_is_not_in_the_repr(key_file: str) -> None:
    assert "random" not in repr(Settings.from_environment({"FONDATION_BACKEND_KEY_FILE": key_file}))


def test_the_key_matches_itself_only() -> None:
    key = Key("a-long-random-key")
    assert key.matches("a-long-random-key")
    assert not any(key.matches(other) for other in ("", "a-long-random-ke", "A-LONG-RANDOM-KEY", "é"))
