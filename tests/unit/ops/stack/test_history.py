import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from components.machine import MachineFolders, machine_folders
from ops.errors import NotFoundError
from ops.machine.pulumi_cli import Pulumi
from ops.releases import listing
from ops.stack.entries import parse_entry
from ops.stack.history import (
    CloudHistory,
    FileHistory,
    current_state,
    open_history,
    releases,
    state_arguments,
    updates,
)
from ops.stack.history_files import history_names
from ops.stack.release import PARTIAL, Release, Secret, previous
from ops.stack.state_files import LocalFiles
from tests.unit.ops.stack.history_entries import HEAD, checkpoint, entry, resource, rollback_entry, write_history


def read(place: Path) -> list[Release]:
    return list(releases(FileHistory(LocalFiles(place))))


def test_an_entry_tells_what_a_release_was(tmp_path: Path) -> None:
    assert read(write_history(tmp_path, entry())) == [
        Release(
            version=1,
            kind="update",
            result="succeeded",
            message="Release one",
            who="ann@host",
            started_at=datetime.fromtimestamp(1795526336, UTC),
            ended_at=datetime.fromtimestamp(1795526354, UTC),
            revision=HEAD,
            configuration={"fondation:webPort": "8420", "fondation:backendKey": Secret(ciphertext="v1:abc:def")},
            images={"worker": "sha256:e010"},
            release="608b56ad3b6d",
            changes={"create": 24},
        )
    ]


def test_a_rollback_has_the_revision_of_its_source_however_often_it_was_repeated(tmp_path: Path) -> None:
    place = write_history(tmp_path, entry(), entry(), rollback_entry(1), rollback_entry(3))
    found = read(place)
    assert [item.rollback_of for item in found] == [None, None, 1, 3]
    assert {(item.revision, item.dirty) for item in found} == {(HEAD, False)}


def test_a_message_alone_makes_no_rollback(tmp_path: Path) -> None:
    [found] = read(write_history(tmp_path, entry(message="rollback to #1")))
    assert found.rollback_of is None


def test_a_rollback_to_nowhere_has_no_revision(tmp_path: Path) -> None:
    [found] = read(write_history(tmp_path, rollback_entry(7)))
    assert (found.rollback_of, found.revision) == (7, None)


def test_the_secrets_of_a_replay_are_no_configuration() -> None:
    found = parse_entry(1, entry(config={"fondation-replay:s0": {"secure": "v1:x:y"}, "fondation:webPort": "1"}))
    assert found.configuration == {"fondation:webPort": "1"}


def test_an_update_of_a_part_of_the_stack_is_no_release_to_go_back_to(tmp_path: Path) -> None:
    message = f"{PARTIAL} the images, to verify the credential"
    found = read(write_history(tmp_path, entry(), entry(message=message), entry()))
    assert [item.is_good for item in found] == [True, False, True]
    assert previous(found) == found[0]


@pytest.mark.parametrize(
    "damage", ['{"kind": "upd', "[]", '{"kind": "update"}', '"text"', '{"kind":"update","result":"x","config":5}']
)
def test_a_damaged_entry_keeps_its_number_and_says_why(tmp_path: Path, damage: str) -> None:
    place = write_history(tmp_path, entry(), entry(), entry())
    second = place / history_names(LocalFiles(place))[1]
    second.write_text(damage)
    found = read(place)
    assert [item.version for item in found] == [1, 2, 3]
    assert [item.is_good for item in found] == [True, False, True]
    assert found[1].problem
    assert "#  when (UTC)" in "\n".join(listing.table(found, found))


def test_a_missing_or_truncated_state_names_the_file(tmp_path: Path) -> None:
    place = write_history(tmp_path, entry(), entry())
    history = FileHistory(LocalFiles(place))
    first, second = sorted(place.glob("*.checkpoint.json"))
    first.unlink()
    second.write_text(second.read_text()[:-20])
    with pytest.raises(NotFoundError, match=rf"#1 .*{first.name}"):
        history.state(1)
    with pytest.raises(NotFoundError, match=rf"#2 .*{second.name} is damaged"):
        history.state(2)
    assert [item.images for item in releases(history)] == [{}, {}]


def test_a_state_of_an_unknown_version_is_refused(tmp_path: Path) -> None:
    place = write_history(tmp_path, entry())
    [file] = place.glob("*.checkpoint.json")
    file.write_text(json.dumps({**checkpoint(), "version": 99}))
    with pytest.raises(NotFoundError, match="its version is 99"):
        FileHistory(LocalFiles(place)).state(1)


def test_compressed_entries_are_read_and_zstandard_is_explained(tmp_path: Path) -> None:
    place = write_history(tmp_path, entry(), entry())
    first, second = (place / name for name in history_names(LocalFiles(place)))
    for file in (first, Path(str(first).replace(".history.", ".checkpoint."))):
        file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
        file.unlink()
    second.with_name(f"{second.name}.zst").write_bytes(b"\x28\xb5\x2f\xfd....")
    second.unlink()
    found = read(place)
    assert found[0].images == {"worker": "sha256:e010"}
    assert "zstd -d" in found[1].problem


def test_entries_are_in_the_order_of_their_times_whatever_else_is_there(tmp_path: Path) -> None:
    for name in ("blue-9.history.json", "blue-10.history.json", "blue-10.history.json.attrs", "blue-9.checkpoint.json"):
        (tmp_path / name).touch()
    assert history_names(LocalFiles(tmp_path)) == ["blue-9.history.json", "blue-10.history.json"]


def test_a_stack_without_history_has_no_releases(tmp_path: Path) -> None:
    assert read(tmp_path / "nowhere") == []


def test_the_checkout_s_own_backend_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    write_history(tmp_path / "home" / "state", entry())
    folders = machine_folders(tmp_path, {"HOME": str(tmp_path), "FONDATION_HOME": str(tmp_path / "home")})
    assert len(updates(open_history(folders, "blue"))) == 1
    assert [line[:5] for line in listing.lines(folders, "blue", limit=5, as_json=False)] == ["#  wh", "1  20"]
    assert list(listing.lines(folders, "green", limit=5, as_json=False)) == [
        "Nothing was deployed to stack green yet: `bin/fondation up` does that."
    ]
    monkeypatch.setenv("PULUMI_BACKEND_URL", "https://api.pulumi.com")
    assert isinstance(open_history(folders, "acme/blue"), CloudHistory)


class RecordingPulumi(Pulumi):
    """Answers as Pulumi Cloud would."""

    def __init__(self, answers: list[str], folders: MachineFolders | None = None) -> None:
        super().__init__(folders or machine_folders(Path("nowhere"), {}), "acme/blue")
        self.answers = answers
        self.asked: list[tuple[str, ...]] = []

    def run(self, *arguments: str, **_: object) -> str:
        self.asked.append(arguments)
        return self.answers.pop(0)


def test_pulumi_cloud_is_asked_by_version_and_keeps_secrets_to_itself() -> None:
    listed = [
        {**entry(), "version": 8, "startTime": "2026-11-24T13:18:56.000Z", "endTime": None},
        {
            **entry(),
            "version": 7,
            "startTime": "2026-11-24T13:00:56.000Z",
            "endTime": "2026-11-24T13:01:00.000Z",
            "config": {"fondation:webPort": {"value": "1", "secret": False}, "fondation:backendKey": {"secret": True}},
        },
    ]
    exported = {"version": 3, "deployment": checkpoint()["checkpoint"]["latest"]}
    pulumi = RecordingPulumi([json.dumps(listed), json.dumps(exported)])
    history = CloudHistory(pulumi)
    first, _ = updates(history)
    assert first.version == 7
    assert first.started_at == datetime(2026, 11, 24, 13, 0, 56, tzinfo=UTC)
    assert first.configuration == {"fondation:webPort": "1", "fondation:backendKey": Secret(ciphertext=None)}
    assert history.state(7).outputs["release"] == "608b56ad3b6d"
    assert pulumi.asked[0] == ("stack", "history", "--json", "--stack", "acme/blue")
    assert pulumi.asked[1] == (*state_arguments(7), "--stack", "acme/blue")
    assert state_arguments(7) == ("stack", "export", "--version", "7")


@pytest.mark.parametrize(
    ("content", "note"),
    [("no file", ""), ("{", ""), (json.dumps(checkpoint()), ""), (json.dumps({"version": 9}), '{"type": "x"}')],
    ids=["no such stack", "a file that is cut", "a note that a killed update left empty", "an unknown version"],
)
def test_pulumi_is_asked_what_is_deployed_where_its_file_is_not_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, note: str
) -> None:
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    folders = machine_folders(tmp_path, {"HOME": str(tmp_path), "FONDATION_HOME": str(tmp_path / "home")})
    file = tmp_path / "home" / "state" / ".pulumi" / "stacks" / "fondation" / "blue.json"
    file.parent.mkdir(parents=True)
    if content != "no file":
        file.write_text(content)
        file.with_name("blue.json.attrs").write_text(note)
    exported = {"version": 3, "deployment": checkpoint()["checkpoint"]["latest"]}
    pulumi = RecordingPulumi([json.dumps(exported)], folders)
    assert current_state(pulumi).outputs["release"] == "608b56ad3b6d"
    assert pulumi.asked == [("stack", "export", "--stack", "acme/blue")]


@pytest.mark.parametrize("note", [None, '{"content_type": "application/json"}'])
def test_a_state_in_a_folder_is_read_without_pulumi(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, note: str | None
) -> None:
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    folders = machine_folders(tmp_path, {"HOME": str(tmp_path), "FONDATION_HOME": str(tmp_path / "home")})
    file = tmp_path / "home" / "state" / ".pulumi" / "stacks" / "fondation" / "blue.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(checkpoint(resource("worker"))))
    if note is not None:
        file.with_name("blue.json.attrs").write_text(note)
    pulumi = RecordingPulumi([], folders)
    assert [item.name for item in current_state(pulumi).resources] == ["fondation-blue", "worker"]
    assert pulumi.asked == []


def test_the_table_shows_who_when_what_and_never_a_secret(tmp_path: Path) -> None:
    place = write_history(
        tmp_path,
        entry(),
        entry(result="failed", config={"fondation:webPort": "9", "fondation:backendKey": {"secure": "v1:other:x"}}),
        entry(kind="destroy", resourceChanges={"delete": 24}),
    )
    found = read(place)
    shown = "\n".join(listing.table(found, found))
    assert "2026-11-24 13:18:56  succeeded          608b56ad3b6d  18045e1532a8  ann@host  24 create" in shown
    assert "    fondation:webPort: 8420 -> 9\n" in shown
    assert "    fondation:backendKey: another secret\n" in shown
    assert "destroy succeeded" in shown
    assert "v1:" not in shown + json.dumps([dict(listing.document(item)) for item in found])
