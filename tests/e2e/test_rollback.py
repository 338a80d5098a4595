"""Going back on a real stack: what runs afterwards is what ran before, and what is refused has touched nothing."""

import json
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
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


def ids(trial: Trial) -> dict[str, str]:
    return {role: inspect("inspect", trial.container(role))[0]["Id"] for role in SERVICES}


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
    before = ids(trial), len(list(entries(trial)))
    done = trial.fondation("rollback", *arguments, check=False)
    assert (done.returncode, said in done.stdout) == (code, True), done.stdout
    assert (ids(trial), len(list(entries(trial)))) == before


def entries(trial: Trial) -> list[Path]:
    folder = trial.home / "state" / ".pulumi" / "history" / "fondation" / trial.name
    return sorted(folder.glob("*.history.json"))


@pytest.fixture
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    trial = new_trial(tmp_path_factory.mktemp("rollback"))
    trial.init()
    try:
        yield trial
    finally:
        trial.destroy()


def test_a_rollback_brings_back_what_ran_and_rolls_forward_again(trial: Trial) -> None:
    subprocess.run(["git", "init", "--quiet"], cwd=trial.checkout, check=True)
    first_revision = commit(trial, "Release one")
    trial.up()
    first = running(trial)

    module = trial.checkout / "worker" / "__init__.py"
    module.write_text(module.read_text() + "\n# changed\n")
    trial.pulumi("config", "set", "fondation:workerConcurrency", "2")
    trial.pulumi("config", "set", "--secret", "fondation:backendKey", KEY)
    second_revision = commit(trial, "Release two")
    trial.up()
    second = running(trial)
    assert second.key == KEY
    assert second.images["worker"] != first.images["worker"]
    assert "FONDATION_CONCURRENCY=2" in second.environments["worker"]

    back = trial.fondation("rollback", "previous")
    assert running(trial) == first
    assert KEY not in back.stdout

    # A plain `up` rolls forward; one that fails half way is undone by going to a release by its number.
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = trial.configuration["webPort"]
        trial.pulumi("config", "set", "fondation:webPort", str(holder.getsockname()[1]))
        assert trial.pulumi("up", "--yes", "--skip-preview", check=False).returncode != 0
    trial.pulumi("config", "set", "fondation:webPort", port)
    trial.fondation("rollback", "2")
    assert running(trial) == second
    trial.pulumi("up", "--yes", "--expect-no-changes")

    told = history(trial)
    assert [(item["result"], item["rollbackOf"]) for item in told] == [
        ("succeeded", None),
        ("succeeded", None),
        ("succeeded", 1),
        ("failed", None),
        ("succeeded", 2),
        ("succeeded", None),
    ]
    assert [item["revision"] for item in told[:3]] == [first_revision, second_revision, first_revision]
    assert [item["message"] for item in told[:3]] == ["Release one", "Release two", "rollback to #1"]
    assert told[2]["images"] == told[0]["images"] == first.exports["images"]
    assert all("@" in item["who"] for item in told)
    assert told[1]["secrets"] == ["fondation:backendKey"]

    refuse_what_cannot_be_applied(trial)
    prune_what_is_older(trial, first, second)


def refuse_what_cannot_be_applied(trial: Trial) -> None:
    """Bad input, on a stack with releases: each refusal says what to do."""
    refused(trial, "99", code=10, said="has no update #99: it has #1 to #6")
    refused(trial, "4", code=14, said="#4 failed")
    wrong = Trial(
        checkout=trial.checkout, home=trial.home, name=trial.name, configuration={}, passphrase="wrong passphrase"
    )
    refused(wrong, "1", code=8, said="set PULUMI_CONFIG_PASSPHRASE")

    first = entries(trial)[0]
    written = first.read_text()
    first.write_text(written.replace('"fondation:environment"', '"fondation:engine": "magic", "fondation:environment"'))
    refused(trial, "1", code=14, said="its configuration is no longer valid: ")
    first.write_text(written)

    lock = trial.home / "state/.pulumi/locks/organization/fondation" / trial.name / "1b4706.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text('{"pid": 1, "username": "bob", "hostname": "elsewhere", "timestamp": "2026-01-01T00:00:00Z"}')
    refused(trial, "1", code=43, said=f"another command is at work on stack {trial.name}")
    lock.unlink()


def prune_what_is_older(trial: Trial, first: Running, second: Running) -> None:
    """What the last releases need stays; what is older goes, and a rollback to it is refused by name."""
    assert "nothing to remove" in trial.fondation("prune").stdout
    trial.pulumi("config", "set", "fondation:keepReleases", "1")
    name = f"{trial.namespace}fondation-worker:worker-{first.exports['images']['worker'][7:19]}"
    context = trial.checkout / ".fondation" / "build" / name.rpartition(":")[2]
    assert f"{name} would be removed" in trial.fondation("prune", "--dry-run").stdout
    assert context.is_dir()
    trial.fondation("prune")
    assert name not in docker("images", "--format", "{{.Repository}}:{{.Tag}}").split()
    assert not context.exists()
    assert inspect("image", "inspect", *sorted(set(second.images.values())))
    refused(trial, "1", code=14, said=f"Docker no longer has {name}\n")
