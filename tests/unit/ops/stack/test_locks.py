import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from components.machine import machine_folders
from ops.errors import BusyError, InterruptedUpdateError
from ops.stack.locks import Holder, Lock, locks_in_message, refusal, stack_locks

NOW = datetime.now(UTC)
MESSAGE = """\
error: the stack is currently locked by 2 lock(s). Either wait for the other process(es) to end or delete the lock file
  s3://state/.pulumi/locks/a.json: created by ada@tower (pid 12) at 2026-01-02T03:04:05Z
  s3://state/.pulumi/locks/b.json: created by eve@cellar (pid 7) at 2026-01-02T03:04:06+01:00
"""


def lock(pid: int, *, host: str = platform.node(), since: datetime = NOW) -> Lock:
    return Lock(user="ada", host=host, pid=pid, since=since.isoformat())


@pytest.fixture
def gone() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_lock_of_a_running_process_is_refused_with_its_number() -> None:
    error = refusal([lock(os.getpid())], "blue")
    assert isinstance(error, BusyError)
    assert f"ada@{platform.node()}, process {os.getpid()}" in str(error)


def test_a_lock_of_a_process_that_ended_leads_to_recovery(gone: int) -> None:
    error = refusal([lock(gone)], "blue")
    assert isinstance(error, InterruptedUpdateError)
    assert "`bin/fondation recover --stack blue`" in str(error)


def test_a_later_process_of_the_same_number_does_not_hold_the_lock() -> None:
    assert lock(os.getpid(), since=NOW - timedelta(days=9)).holder is Holder.GONE


def test_a_process_of_another_machine_is_never_taken_for_gone(gone: int) -> None:
    elsewhere = lock(gone, host="another-machine")
    assert elsewhere.holder is Holder.ELSEWHERE
    assert isinstance(refusal([lock(gone), elsewhere], "blue"), BusyError)


def test_nothing_is_refused_without_a_lock() -> None:
    assert refusal([], "blue") is None


def test_locks_are_read_from_the_files_of_a_self_managed_backend_and_of_this_stack_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for stack in ("blue", "green"):
        folder = tmp_path / "my state" / ".pulumi" / "locks" / "organization" / "fondation" / stack
        folder.mkdir(parents=True)
        content = {"pid": 5, "username": stack, "hostname": "h", "timestamp": "2026-11-24T13:47:35.123456789Z"}
        (folder / "1.json").write_text(json.dumps(content))
        (folder / "1.json.attrs").write_text("{}")
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}/my%20state")
    folders = machine_folders(tmp_path, {"HOME": str(tmp_path)})
    assert stack_locks(folders, "organization/fondation/blue") == [
        Lock(user="blue", host="h", pid=5, since="2026-11-24T13:47:35.123456789Z")
    ]
    monkeypatch.setenv("PULUMI_BACKEND_URL", "https://api.pulumi.com")
    assert stack_locks(folders, "acme/fondation/blue") is None


def test_a_lock_file_that_was_cut_short_is_held_by_nobody() -> None:
    assert Lock.of('{"pid": 1').holder is Holder.GONE


def test_locks_are_read_from_the_refusal_of_other_backends() -> None:
    assert [(item.user, item.host, item.pid) for item in locks_in_message(MESSAGE)] == [
        ("ada", "tower", 12),
        ("eve", "cellar", 7),
    ]
