"""Going back on a real stack: what runs afterwards is what ran before, and what is refused has touched nothing."""

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.trial import Trial, docker, inspect, new_trial

SERVICES = ("backend", "web", "worker")
KEY = "second-key-0123456789"


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What identifies a deployed release, apart from ids that change with every replacement."""

    images: dict[str, str]
    environments: dict[str, list[str]]
    mounts: dict[str, list[str]]
    key: str
    exports: dict[str, Any]


def running(trial: Trial) -> Running:
    found = {role: inspect("inspect", trial.container(role))[0] for role in SERVICES}
    return Running(
        images={role: item["Image"] for role, item in found.items()},
        environments={role: sorted(item["Config"]["Env"]) for role, item in found.items()},
        mounts={
            role: sorted(f"{mount['Name']}:{mount['Destination']}:{mount['RW']}" for mount in item["Mounts"])
            for role, item in found.items()
        },
        key=docker("exec", trial.container("worker"), "cat", "/run/fondation/backend-key/value"),
        exports=trial.outputs(),
    )


def commit(trial: Trial, message: str) -> str:
    who = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
    for arguments in (("add", "--all"), ("commit", "--quiet", "--message", message)):
        subprocess.run(["git", *who, *arguments], cwd=trial.checkout, check=True, capture_output=True)
    return subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=trial.checkout, check=True, capture_output=True, text=True
    ).stdout.strip()


def history(trial: Trial) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(trial.fondation("history", "--json").stdout)
    return found


def refused(trial: Trial, *arguments: str, code: int, said: str) -> None:
    """Assert that a rollback is refused and that nothing was replaced or recorded."""
    before = trial.containers(), len(list(entries(trial)))
    done = trial.fondation("rollback", *arguments, check=False)
    assert (done.returncode, said in done.stdout) == (code, True), done.stdout
    assert (trial.containers(), len(list(entries(trial)))) == before


def entries(trial: Trial) -> list[Path]:
    folder = trial.home / "state" / ".pulumi" / "history" / "fondation" / trial.name
    return sorted(folder.glob("*.history.json"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Releases:
    """Two releases of one stack, of which the second differs in image, configuration and secret."""

    trial: Trial
    first: Running
    second: Running
    revisions: tuple[str, str]


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Releases]:
    """Each test finds the second release running and leaves it so; the history grows from test to test."""
    trial = new_trial(tmp_path_factory.mktemp("rollback"))
    trial.init()
    try:
        subprocess.run(["git", "init", "--quiet"], cwd=trial.checkout, check=True)
        revision = commit(trial, "Release one")
        trial.up()
        first = running(trial)
        module = trial.checkout / "worker" / "__init__.py"
        module.write_text(module.read_text() + "\n# changed\n")
        trial.pulumi("config", "set", "fondation:workerConcurrency", "2")
        trial.pulumi("config", "set", "--secret", "fondation:backendKey", KEY)
        revisions = (revision, commit(trial, "Release two"))
        trial.up()
        yield Releases(trial=trial, first=first, second=running(trial), revisions=revisions)
    finally:
        trial.destroy()


def test_a_rollback_brings_back_what_ran_and_rolls_forward_again(releases: Releases) -> None:
    trial, first, second = releases.trial, releases.first, releases.second
    assert second.key == KEY != first.key
    assert second.images["worker"] != first.images["worker"]
    assert "FONDATION_CONCURRENCY=2" in second.environments["worker"]

    # An image whose build folder is gone is its own base: the result is the very same image.
    [context] = (trial.checkout / ".fondation" / "build").glob("server-*")
    shutil.rmtree(context)
    back = trial.fondation("rollback", "previous")
    assert running(trial) == first
    assert (trial.checkout / ".fondation" / "replay" / context.name / "Dockerfile").is_file()
    assert KEY not in back.stdout

    # A plain `up` goes forward; one that fails half way is undone by going to a release by its number.
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        trial.pulumi("config", "set", "fondation:webPort", str(holder.getsockname()[1]))
        failed = trial.pulumi("up", "--yes", "--skip-preview", check=False)
        trial.pulumi("config", "set", "fondation:webPort", trial.configuration["webPort"])
    assert failed.returncode != 0
    trial.fondation("rollback", "2")
    assert running(trial) == second
    trial.pulumi("preview", "--expect-no-changes")


def test_the_history_tells_what_each_update_was(releases: Releases) -> None:
    one, two, back, failed, forward = history(releases.trial)
    updates = (one, two, back, failed, forward)
    assert [item["result"] for item in updates] == ["succeeded", "succeeded", "succeeded", "failed", "succeeded"]
    assert [item["rollbackOf"] for item in updates] == [None, None, 1, None, 2]
    assert (one["revision"], two["revision"]) == releases.revisions
    assert (back["revision"], forward["revision"]) == releases.revisions
    assert [item["message"] for item in (one, two, back)] == ["Release one", "Release two", "rollback to #1"]
    assert back["images"] == one["images"] == releases.first.exports["images"]
    assert all("@" in item["who"] for item in updates)
    assert (one["secrets"], two["secrets"]) == ([], ["fondation:backendKey"])
    assert two["configuration"]["fondation:workerConcurrency"] == "2"


def test_a_release_that_does_not_exist_or_failed_is_refused(releases: Releases) -> None:
    refused(releases.trial, "99", code=10, said="has no update #99: it has #1 to #5")
    refused(releases.trial, "4", code=14, said="#4 failed")


def test_a_wrong_passphrase_is_refused(releases: Releases) -> None:
    wrong = replace(releases.trial, passphrase="wrong passphrase")
    refused(wrong, "1", code=8, said="set PULUMI_CONFIG_PASSPHRASE")


def test_a_configuration_that_is_no_longer_valid_is_refused(releases: Releases) -> None:
    entry = entries(releases.trial)[0]
    written = entry.read_text()
    try:
        entry.write_text(written.replace('"fondation:webPort"', '"fondation:webPrt"'))
        refused(releases.trial, "1", code=14, said="fondation:webPrt is not a known key")
    finally:
        entry.write_text(written)


def test_a_release_that_does_not_know_the_database_s_form_is_refused(releases: Releases) -> None:
    trial = releases.trial

    def write(sql: str) -> None:
        code = f"import os, sqlite3; file = sqlite3.connect(os.environ['FONDATION_DATABASE']); file.execute({sql!r})"
        docker("exec", trial.container("backend"), "/opt/fondation/venv/bin/python", "-c", f"{code}; file.commit()")

    write("INSERT INTO schemaVersion VALUES (99, 0.0)")
    try:
        refused(trial, "1", code=14, said="a later release gave it form 99. Nothing was touched.")
    finally:
        write("DELETE FROM schemaVersion WHERE version = 99")


def test_a_second_operator_is_told_of_the_first(releases: Releases) -> None:
    trial = releases.trial
    lock = trial.home / "state/.pulumi/locks/organization/fondation" / trial.name / "1b4706.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text('{"pid": 1, "username": "bob", "hostname": "elsewhere", "timestamp": "2026-01-01T00:00:00Z"}')
    try:
        refused(trial, "1", code=43, said=f"another command is at work on stack {trial.name}")
    finally:
        lock.unlink()


def test_pruning_keeps_the_last_releases_and_a_pruned_one_is_refused_by_name(releases: Releases) -> None:
    trial = releases.trial
    assert "nothing to remove" in trial.fondation("prune").stdout
    trial.pulumi("config", "set", "fondation:keepReleases", "1")
    name = f"{trial.namespace}fondation-worker:worker-{releases.first.exports['images']['worker'][7:19]}"
    context = trial.checkout / ".fondation" / "build" / name.rpartition(":")[2]
    assert f"{name} would be removed" in trial.fondation("prune", "--dry-run").stdout
    assert context.is_dir()
    trial.fondation("prune")
    names = docker("images", "--format", "{{.Repository}}:{{.Tag}}").split()
    kept = f"{trial.namespace}fondation-worker:worker-{releases.second.exports['images']['worker'][7:19]}"
    assert (name in names, kept in names, context.exists()) == (False, True, False)
    refused(trial, "1", code=14, said=f"Docker no longer has {name}\n")
