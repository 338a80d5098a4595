"""Workers on a real swarm of two nodes: scaled out, updated while jobs run, and rolled back by Swarm."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from components.machine import machine_folders
from components.os_base import os_image_name
from tests.swarm import Swarm, running_swarm
from tests.trial import ROOT, Trial, new_trial

JOBS = 6
REPLICAS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """A swarm and the stack on it; commands run where the manager's loopback interface is."""

    swarm: Swarm
    trial: Trial
    transcript: list[str]

    @property
    def service(self) -> str:
        return self.trial.container("worker")

    def configure(self, **values: str) -> None:
        for key, value in values.items():
            self.trial.pulumi("config", "set", f"fondation:{key}", value)

    def up(self, what: str, *, check: bool = True) -> str:
        done = self.trial.pulumi("up", "--yes", "--skip-preview", check=check)
        self.transcript.append(f"{what}: exit {done.returncode}")
        for node, state in self.swarm.tasks(self.service):
            self.transcript.append(f"    {node}  {state}")
        return done.stdout

    def tasks(self) -> set[str]:
        listing = ("service", "ps", "--quiet", "--filter", "desired-state=running", self.service)
        return set(self.swarm.manager.docker(*listing).split())

    def running_on(self) -> list[str]:
        return sorted(node for node, state in self.swarm.tasks(self.service) if state == "Running")


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """A stack with one worker on a swarm of two nodes, the worker's image on both."""
    trial = new_trial(tmp_path_factory.mktemp("swarm"), scaleMode="swarm", workerMemoryMib="256", workerCpus="0.5")
    with running_swarm(2) as swarm:
        manager, other = swarm.nodes
        manager.load(os_image_name(machine_folders(trial.checkout).checkout))
        trial = replace(trial, variables={"DOCKER_HOST": manager.host})
        trial.init()
        fleet = Fleet(swarm=swarm, trial=replace(trial, entry=manager.inside()), transcript=[])
        fleet.trial.pulumi("up", "--yes", "--skip-preview", "--target", "**ImageChain**")
        assert manager.docker("service", "ls", "--quiet") == ""
        fleet.up("1 worker")
        # By hand, as an operator without a registry does it.
        other.load(f"{trial.namespace}fondation-worker:latest", source=("docker", "--host", manager.host))
        for number in range(JOBS):
            offer(fleet, f"repository-{number}", tmp_path_factory.mktemp("repository"))
        yield fleet
        print("\n".join(["", *fleet.transcript]))  # noqa: T201 - shown with `pytest -s`
        trial.destroy()
        assert manager.docker("service", "ls", "--quiet") == ""
        assert manager.docker("secret", "ls", "--quiet") == ""


def offer(fleet: Fleet, name: str, folder: Path) -> None:
    """Put a repository where the workers of both nodes look for imported ones."""
    for package in ("course", "worker"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    git = ("git", "-c", "user.name=test", "-c", "user.email=test@localhost", "-C", str(folder))
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", name]):
        subprocess.run([*git, *command], check=True)
    volume = fleet.trial.container("repositories")
    for node in fleet.swarm.nodes:
        node.docker("volume", "create", volume)
        target = Path(node.docker("volume", "inspect", "--format", "{{.Mountpoint}}", volume)) / f"{name}.git"
        subprocess.run(["git", "clone", "-q", "--bare", str(folder), str(target)], check=True)
        subprocess.run(["chown", "-R", "10001:10001", str(target)], check=True)


def test_one_worker_runs_on_the_manager_with_its_key_in_memory(fleet: Fleet) -> None:
    assert fleet.running_on() == ["node-1"]
    [container] = fleet.swarm.manager.docker("ps", "--quiet", "--filter", f"name={fleet.service}").split()
    shown = fleet.swarm.manager.docker("inspect", container)
    key = (fleet.trial.home / "keys" / "backend.key").read_text().strip()
    assert key not in shown
    mounted = fleet.swarm.manager.docker("exec", container, "cat", "/proc/mounts")
    [line] = [line for line in mounted.splitlines() if " /run/fondation/backend-key/value " in line]
    assert line.split()[2] == "tmpfs"
    assert line.split()[3].startswith("ro")


def test_workers_scale_out_and_an_update_replaces_all_without_losing_a_job(fleet: Fleet) -> None:
    fleet.configure(workerReplicas=str(REPLICAS), workerPlacement="")
    fleet.up(f"{REPLICAS} workers, any node")
    assert fleet.running_on() == ["node-1", "node-1", "node-2", "node-2"]
    before = fleet.tasks()
    fleet.configure(jobDeadlineSeconds="1800")
    with ThreadPoolExecutor(JOBS) as pool:
        urls = [f"file:///srv/repositories/repository-{number}.git" for number in range(JOBS)]
        jobs = [pool.submit(fleet.trial.fondation, "submit", url, "--wait", check=False) for url in urls]
        fleet.up(f"updated while {JOBS} jobs were submitted")
        ended = [job.result() for job in jobs]
    assert not fleet.tasks() & before
    assert len(fleet.running_on()) == REPLICAS
    assert [done.returncode for done in ended] == [0] * JOBS, "\n".join(done.stdout for done in ended)
    status = fleet.trial.fondation("status").stdout
    assert status.count("completed") == JOBS, status
    fleet.transcript.append(f"jobs completed: {status.count('completed')} of {JOBS}")


def test_jobs_were_spread_over_the_replicas(fleet: Fleet) -> None:
    lines = fleet.swarm.manager.docker("service", "logs", fleet.service).splitlines()
    assert fleet.trial.fondation("logs", "worker").stdout.strip()
    workers = {line.split("@")[0].strip() for line in lines if "completed" in line}
    fleet.transcript.append(f"tasks that completed jobs: {len(workers)}")
    assert len(workers) >= 2, "\n".join(lines)


def test_a_bad_release_is_rolled_back_by_swarm_and_up_says_why(fleet: Fleet) -> None:
    program = fleet.trial.checkout / "components" / "worker.py"
    original = program.read_text()
    before = fleet.tasks()
    try:
        release = original.replace(
            '"worker",\n            probe=',
            '"worker",\n            command=["worker", "--no-such-option"],\n            probe=',
        )
        assert release != original
        program.write_text(release)
        failed = fleet.up("bad release", check=False)
    finally:
        program.write_text(original)
    told = failed[failed.rindex("rolled back by Swarm") - 60 :].splitlines()
    fleet.transcript.extend(f"    | {line.strip()}" for line in told[:9])
    assert f"service {fleet.service}: rolled back by Swarm" in failed
    assert "it runs what it ran before" in failed
    assert "non-zero exit" in failed
    assert "no-such-option" in failed
    assert len(fleet.tasks() & before) >= REPLICAS // 2
    assert len(fleet.running_on()) == REPLICAS
    fleet.trial.pulumi("preview", "--expect-no-changes")
    examined = json.loads(fleet.trial.fondation("doctor", "--json").stdout)["findings"]
    facts = {finding["check"]: finding["fact"] for finding in examined}
    assert facts["swarm"] == "2 nodes, 1 managers"
    assert facts["replicas"] == f"{fleet.service} was rolled back by Swarm"
