"""What operators do to a stack that lives: repair it, deploy something broken, kill an update, deploy under load."""

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bench.deployments import under_load
from tests.killed_update import CREATING, DELETED, killed_update
from tests.trial import Trial, docker, inspect, new_trial, small_repository

SERVICES = ("backend", "web", "worker")
SECRET = "c4nary-c4nary-c4nary-c4nary"
SPILLS = f"""
with open("/run/fondation/backend-key/value") as file:
    raise SystemExit(f"no luck today, my key is {{file.read()}}, authorization: Bearer {SECRET}")
"""


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    """A deployed stack of this module's own, since its tests leave it changed."""
    trial = new_trial(tmp_path_factory.mktemp("operations"), drainSeconds="2", backupHours="1")
    trial.init()
    try:
        trial.fondation("up", "--no-first-course")
        yield trial
    finally:
        trial.destroy()


def healthy(trial: Trial) -> dict[str, str]:
    """Return the digest that each service runs, all of them healthy."""
    digests = {}
    for role in SERVICES:
        found = inspect("inspect", trial.container(role))[0]
        assert found["State"]["Health"]["Status"] == "healthy", role
        digests[role] = found["Config"]["Labels"]["org.fondation.digest"]
    return digests


def drift(trial: Trial) -> set[tuple[str, str]]:
    done = trial.fondation("drift", "--json", check=False)
    found, _ = json.JSONDecoder().raw_decode(done.stdout[done.stdout.index("{") :])
    assert done.returncode == (40 if found["drift"] else 0), done.stdout
    return {(item["kind"], item["resource"]) for item in found["drift"]}


def test_every_kind_of_drift_is_reported_and_one_up_repairs_it(trial: Trial) -> None:
    assert drift(trial) == set()
    images = trial.namespace
    worker = inspect("inspect", trial.container("worker"))[0]
    cli = next(
        name
        for name in docker("images", "--format", "{{.Repository}}:{{.Tag}}").split()
        if ":cli-" in name and name.startswith(images)
    )
    docker("rm", "--force", trial.container("web"))
    docker("run", "--detach", "--name", trial.container("web"), worker["Image"], "sleep", "600")
    docker("stop", "--time", "1", trial.container("backend"))
    docker("update", "--memory", "600m", "--memory-swap", "600m", "--restart", "no", trial.container("worker"))
    docker("rm", "--volumes", f"fondation-{trial.name}-backend-key")
    docker("tag", cli, f"{images}fondation-worker:prod-worker")
    docker("rmi", f"{images}fondation-cli:base", cli)

    assert drift(trial) == {
        ("swapped", "Container/web-container"),
        ("stopped", "Container/backend-container"),
        ("edited", "Container/worker-container"),
        ("removed", "Container/backend-key-courier"),
        ("swapped", "Tag/images-worker-prod-worker"),
        ("removed", "Image/images-cli"),
        ("removed", "Tag/images-cli-base"),
    }
    trial.fondation("up", "--no-first-course")
    assert drift(trial) == set()
    assert inspect("inspect", trial.container("worker"))[0]["HostConfig"]["Memory"] == 1 << 30
    healthy(trial)
    trial.pulumi("preview", "--expect-no-changes")


@pytest.mark.parametrize(("at", "deadline_s"), [(CREATING, 1001), (DELETED, 1002)])
def test_a_killed_update_is_recovered_by_one_command(trial: Trial, at: str, deadline_s: int) -> None:
    with killed_update(trial, at=at, deadline_s=deadline_s) as process:
        for command in (("up", "--no-first-course"), ("recover",)):
            refused = trial.fondation(*command, check=False)
            assert refused.returncode == 43, refused.stdout
            assert f"process {process}" in refused.stdout
    refused = trial.fondation("up", "--no-first-course", check=False)
    assert refused.returncode == 44, refused.stdout
    assert f"bin/fondation recover --stack {trial.name}" in refused.stdout
    if at == DELETED:
        # Killed while it wrote the note beside its checkpoint, Pulumi would leave this.
        note = trial.home / "state" / ".pulumi" / "stacks" / "fondation" / f"{trial.name}.json.attrs"
        note.write_bytes(b"")
    trial.fondation("recover")
    assert "nothing to recover" in trial.fondation("recover").stdout
    trial.up()
    healthy(trial)
    trial.pulumi("preview", "--expect-no-changes")


def test_a_release_that_cannot_start_is_taken_back_and_says_why(trial: Trial) -> None:
    trial.fondation("up", "--no-first-course")
    before = healthy(trial)
    key = (trial.home / "keys" / "backend.key").read_text().strip()
    module = trial.checkout / "worker" / "__init__.py"
    original = module.read_text()
    try:
        module.write_text(f"{original}\n{SPILLS}\n")
        done = trial.fondation("up", "--no-first-course", check=False)
    finally:
        module.write_text(original)
    assert done.returncode == 41, done.stdout
    message = done.stdout[done.stdout.index("fondation: ") :]
    assert f"container {trial.container('worker')} did not become healthy" in message
    assert "no luck today" in message
    assert "my key is [redacted]" in message
    # Nor did any of the container's words come to the state, its history or its backups, masked or not.
    recorded = {path: path.read_bytes() for path in (trial.home / "state").rglob("*") if path.is_file()}
    assert any(b"before it was healthy" in text for text in recorded.values())
    for word in (SECRET, key, "no luck today"):
        assert word == "no luck today" or word not in done.stdout
        assert [path for path, text in recorded.items() if word.encode() in text] == []
    assert re.search(r"release #\d+ runs again", message)
    assert healthy(trial) == before
    assert drift(trial) == set()


# Halts the first analysis that it sees, or ends with 1. The brackets keep the pattern from matching this very script.
HALT = r"""
for round in $(seq 600); do
    for process in /proc/[0-9]*; do
        if tr '\0' ' ' <"$process/cmdline" | grep -q 'cli[.]bundled[.]pyz.* anal[y]ze '; then
            kill -STOP "${process#/proc/}" && grep -q '^State:.T' "$process/status" && exit
        fi
    done 2>/dev/null
    sleep 0.05
done
exit 1
"""


def test_deployments_under_load_lose_double_and_spend_nothing(trial: Trial, tmp_path: Path) -> None:
    # An analysis that stands still outlasts the drain, however slow or fast this machine is.
    def halt() -> None:
        docker("exec", trial.container("worker"), "sh", "-c", HALT)

    found = under_load(trial, tmp_path / "load", deployments=2, modules=1, before=halt)
    assert found.restarts >= 2
    assert (found.lost, found.doubled, found.attempts_spent) == (0, 0, 0)


def contents(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as source:
        return {name: source.read(name) for name in source.namelist()}


def test_what_is_exported_is_imported_again_and_courses_go_on(trial: Trial, tmp_path: Path) -> None:
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    trial.fondation("submit", str(small_repository(tmp_path / "greeting")), "--wait")
    assert re.search(r": \d+ users, .* jobs, .* docs", trial.fondation("backend", "export", str(first)).stdout)
    assert first.stat().st_mode & 0o777 == 0o600

    refused = trial.fondation("backend", "import", str(first), check=False)
    assert (refused.returncode, "--replace" in refused.stdout) == (8, True)
    assert docker("ps", "--all", "--quiet", "--filter", f"name={trial.container('backend')}-import") == ""

    trial.fondation("backend", "import", str(first), "--replace")
    trial.fondation("backend", "export", str(second))
    assert contents(second) == contents(first)
    (job, *_) = trial.fondation("status").stdout.split()
    assert httpx.get(f"{trial.outputs()['webUrl']}/courses/{job}/").status_code == 200
    trial.pulumi("preview", "--expect-no-changes")


def test_a_file_that_is_no_archive_stops_nothing(trial: Trial, tmp_path: Path) -> None:
    file = tmp_path / "a.zip"
    file.write_bytes(b"no archive")
    started = inspect("inspect", trial.container("backend"))[0]["State"]["StartedAt"]
    done = trial.fondation("backend", "import", str(file), check=False)
    assert (done.returncode, f"{file} is no archive" in done.stdout) == (10, True)
    done = trial.fondation("backend", "export", str(file), check=False)
    assert (done.returncode, f"{file} is there already" in done.stdout) == (8, True)
    assert inspect("inspect", trial.container("backend"))[0]["State"]["StartedAt"] == started


def test_a_backup_that_the_backend_made_brings_back_what_there_was(trial: Trial, tmp_path: Path) -> None:
    listed = trial.fondation("backend", "backups").stdout
    (name,) = re.findall(r"^(\S+\.zip)  .* MB$", listed, re.MULTILINE)  # of the start: there was no course yet
    trial.fondation("submit", str(small_repository(tmp_path / "later")), "--wait")
    missing = trial.fondation("backend", "restore", "no.zip", "--yes", check=False)
    assert (missing.returncode, "there is no backup 'no.zip'" in missing.stdout) == (10, True)
    assert " completed - " in trial.fondation("status").stdout
    trial.fondation("backend", "restore", name, "--yes")
    assert " completed - " not in trial.fondation("status").stdout
    trial.pulumi("preview", "--expect-no-changes")
