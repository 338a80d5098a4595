"""What the examination says of what it saw."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.machine import machine_folders
from ops.doctor.examination import run_checks, verdict
from ops.doctor.finding import Finding, Level, failure, ok, warning
from ops.doctor.machine_checks import clock_skew, disk, home_finding, is_older
from ops.doctor.stack_checks import check_locks, check_stack, container_finding
from ops.errors import DaemonError


def container(status: str, health: str | None = None, *, network: str = "n", restarts: int = 0) -> dict[str, Any]:
    return {
        "Name": "/fondation-blue-worker",
        "State": {"Status": status, "ExitCode": 137, "Health": health and {"Status": health}},
        "HostConfig": {"NetworkMode": network},
        "RestartCount": restarts,
    }


def test_a_finding_shows_what_was_seen_and_what_to_do() -> None:
    lines = failure("disk", "full\nvery", "free some").lines
    assert lines[0].split() == ["FAIL", "disk", "full"]
    assert lines[1].strip() == "very"
    assert lines[2].strip() == "→ free some"
    assert ok("disk", "fine").as_data() == {"check": "disk", "level": "ok", "fact": "fine", "remedy": ""}


@pytest.mark.parametrize(
    ("seen", "level", "text"),
    [
        (container("running", "healthy"), Level.OK, "is healthy"),
        (container("running", "starting"), Level.WARNING, "ask again"),
        (container("running", "unhealthy"), Level.FAILURE, "`bin/fondation logs worker`"),
        (container("running", "healthy", restarts=3), Level.WARNING, "restarted 3 times"),
        (container("exited"), Level.FAILURE, "exit code 137"),
        (container("created", network="none"), Level.OK, "carries a secret"),
        (container("created"), Level.FAILURE, "is created"),
    ],
)
def test_a_container_is_judged_by_its_state(seen: dict[str, Any], level: Level, text: str) -> None:
    found = container_finding(seen, "fondation-blue-")
    assert found.level is level
    assert text in "\n".join(found.lines)


def test_a_home_that_cannot_be_made_is_a_failure(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    found = home_finding(file / "home")
    assert (found.level, found.fact) == (Level.FAILURE, f"{file}/home cannot be used: {file} is a file")
    assert home_finding(tmp_path / "home").level is Level.OK


@pytest.mark.parametrize(
    ("skew_s", "level"), [(0.5, Level.OK), (-4.9, Level.OK), (5, Level.WARNING), (-16, Level.FAILURE)]
)
def test_a_clock_that_is_off_by_half_a_lease_is_a_failure(skew_s: float, level: Level) -> None:
    found = clock_skew("the backend", 1_000_000 + skew_s, 1_000_000)
    assert found.level is level
    assert ("behind" if skew_s < 0 else "ahead of") in found.fact


@pytest.mark.parametrize(
    ("version", "older"), [("20.10.24+dfsg1", False), ("19.03.1", True), ("28.2.2", False), ("dev", False)]
)
def test_versions_are_compared_as_numbers(version: str, *, older: bool) -> None:
    assert is_older(version, (20, 10)) is older


def test_a_disk_is_that_of_the_nearest_folder_that_exists(tmp_path: Path) -> None:
    assert str(tmp_path / "a" / "b") in disk(tmp_path / "a" / "b", "cache").fact


def test_a_check_that_fails_does_not_stop_the_next() -> None:
    def fails() -> Iterator[Finding]:
        yield ok("first", "seen")
        raise DaemonError("gone")

    found = list(run_checks({"a": fails, "b": lambda: [warning("second", "seen", "later")]}))
    assert [(item.check, item.level) for item in found] == [
        ("first", Level.OK),
        ("a", Level.FAILURE),
        ("second", Level.WARNING),
    ]
    assert verdict(found) == "3 checks: 1 to mend, 1 to watch"


def test_a_state_that_cannot_be_read_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "postgres://host/state")
    (found,) = check_locks(machine_folders(tmp_path, {"HOME": str(tmp_path)}), "blue")
    assert (found.check, found.level) == ("state", Level.FAILURE)
    assert "postgres://" in found.fact


def test_a_lock_is_a_warning_that_names_its_holder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    folder = tmp_path / ".pulumi" / "locks" / "organization" / "fondation" / "blue"
    folder.mkdir(parents=True)
    (folder / "1.json").write_text('{"pid": 7, "username": "bob", "hostname": "cellar", "timestamp": "2026-01-01"}')
    (found,) = check_locks(machine_folders(tmp_path, {"HOME": str(tmp_path)}), "blue")
    assert (found.check, found.level) == ("lock", Level.WARNING)
    assert "bob@cellar, process 7" in found.fact


def test_a_stack_file_with_unknown_keys_is_named_with_all_its_problems(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.blue.yaml").write_text(
        "config:\n  fondation:environment: production\n  fondation:webPrt: 1\n  fondation:webPort: x\n"
    )
    found = next(check_stack(machine_folders(tmp_path, {"HOME": str(tmp_path)}), "blue"))
    assert found.level is Level.FAILURE
    for text in ("fondation:webPrt is not a known key", "fondation:webPort", "fondation:convexUrl is missing"):
        assert text in found.fact
