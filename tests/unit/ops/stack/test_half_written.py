from pathlib import Path

import pytest

from components.machine import MachineFolders
from ops.stack.half_written import mend

WHOLE = b'{"user.content_type":"text/plain","md5":"x"}'


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MachineFolders:
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    return MachineFolders(checkout=tmp_path / "checkout", home=tmp_path / "home", cache=tmp_path / "cache")


def test_a_note_that_is_not_whole_goes_and_everything_else_stays(folders: MachineFolders) -> None:
    state = folders.home / "state" / ".pulumi"
    broken = (
        "stacks/fondation/blue.json.attrs",
        "stacks/fondation/blue.json.bak.attrs",
        "locks/organization/fondation/blue/a.json.attrs",
        "history/fondation/blue/blue-1.history.json.attrs",
    )
    kept = {
        "stacks/fondation/blue.json": b"",
        "stacks/fondation/green.json.attrs": b"",
        "stacks/fondation/blue-2.json.attrs": b"",
        "stacks/other/blue.json.attrs": b"",
        "backups/fondation/blue/blue.1.json.attrs": WHOLE,
    }
    for name, content in {**dict.fromkeys(broken, b'{"half'), **kept}.items():
        (state / name).parent.mkdir(parents=True, exist_ok=True)
        (state / name).write_bytes(content)
    said: list[str] = []
    assert mend(folders, "blue", lambda _, text: said.append(text))
    assert len(said) == len(broken)
    left = {path.relative_to(state).as_posix(): path.read_bytes() for path in state.rglob("*") if path.is_file()}
    assert left == kept
    assert not mend(folders, "blue", lambda _, text: said.append(text))


def test_a_state_elsewhere_is_not_ours_to_mend(folders: MachineFolders, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://bucket")
    assert not mend(folders, "blue", lambda *_: None)
