"""What deployments under load cost: jobs are submitted without a pause while the worker is replaced again and again.

Most jobs end within the time that a replaced worker has to drain. Those of one repository are long: many of them are
handed back, and begun again by the next worker.

`python -m bench.deployments` prints the figures by themselves.
"""

import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from convex import ConvexClient

from bench.courses import commit_folder
from bench.report import Figure, machine, table, timed
from course.jobs import TERMINAL, JobStatus
from tests.trial import Trial, new_trial

_DEPLOYMENTS: Final = 50
_REPOSITORIES: Final = 3
# The analysis of so many modules takes several times as long as the drain.
_MODULES: Final = 400
_FUNCTIONS: Final = 60
_DRAIN_S: Final = 2
_END_S: Final = 180.0
_POLL_S: Final = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of the jobs that were submitted during deployments.

    Attributes:
        jobs: How many were submitted.
        lost: Those that did not end as completed.
        doubled: Those whose course was published more than once.
        attempts_spent: Attempts that were counted against them, together.
        restarts: How often a job was begun again, because a replaced worker had handed it back.
        deployments_s: How long each deployment took, in seconds.
    """

    jobs: int
    lost: int
    doubled: int
    attempts_spent: int
    restarts: int
    deployments_s: Sequence[float]


class Load:
    """Keeps an unfinished job of each of a few repositories, from a thread of its own, until it is stopped."""

    def __init__(self, trial: Trial, scratch: Path, *, modules: int) -> None:
        self._client = ConvexClient(trial.outputs()["convexUrl"])
        self._client.set_admin_auth((trial.home / "keys" / "backend.key").read_text().strip())
        self._user = self._client.mutation("users:createOrUpdateUser", {"githubId": "load", "username": "load"})
        sizes = [modules, *[1] * (_REPOSITORIES - 1)]
        self._repositories = [self._repository(trial, scratch / f"load-{n}", size) for n, size in enumerate(sizes)]
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._submit, daemon=True)
        self._failure: Exception | None = None
        self.jobs: list[str] = []

    def start(self) -> None:
        """Begin to submit."""
        self._thread.start()

    def stop(self) -> None:
        """Submit no more; what is submitted goes on.

        Raises:
            RuntimeError: Submitting failed before.
        """
        self._stopped.set()
        self._thread.join()
        if self._failure is not None:
            raise RuntimeError("a job could not be submitted") from self._failure

    def ended(self, job_id: str) -> dict[str, Any] | None:
        """Return a job that has ended; None while it has not."""
        job: Any = self._client.query("jobs:getById", {"id": job_id})
        return job if job["status"] in TERMINAL else None

    def log(self, job_id: str) -> list[str]:
        """Return the messages of a job's log."""
        lines: Any = self._client.query("jobs:getLogs", {"jobId": job_id})
        return [str(line["msg"]) for line in lines]

    def _repository(self, trial: Trial, folder: Path, modules: int) -> str:
        trial.fondation("import", str(application(folder, modules)))
        url = f"file:///srv/repositories/{folder.name}.git"
        given = {"userId": self._user, "url": url, "fullName": f"local/{folder.name}", "name": folder.name}
        return str(self._client.mutation("repositories:register", given))

    def _submit(self) -> None:
        # A repository has one unfinished job at most.
        newest: dict[str, str] = {}
        try:
            while not self._stopped.wait(_POLL_S):
                for repository in self._repositories:
                    if repository not in newest or self.ended(newest[repository]):
                        given = {"userId": self._user, "repositoryId": repository, "prompt": "load"}
                        created: Any = self._client.mutation("jobs:create", given)
                        newest[repository] = str(created["jobId"])
                        self.jobs.append(newest[repository])
        except Exception as error:  # noqa: BLE001 - the thread's boundary: `stop` raises it where somebody looks
            self._failure = error


def application(folder: Path, modules: int) -> Path:
    """Return a repository of so many Python modules, each of which uses the one before."""
    source = folder.with_name(f"{folder.name}-source")
    source.mkdir()
    for number in range(modules):
        lines = [f'"""Part {number} of an application."""']
        lines += [f"from part_{number - 1:03} import step_0"] if number else []
        for step in range(_FUNCTIONS if modules > 1 else 1):
            before = f"step_{step - 1}(value)" if step else "value"
            lines += ["", "", f"def step_{step}(value: int) -> int:", f'    """Take step {step}."""']
            lines += [f"    return {before} + {number}"]
        (source / f"part_{number:03}.py").write_text("\n".join(lines) + "\n")
    return commit_folder(folder, [source])


def under_load(
    trial: Trial,
    scratch: Path,
    *,
    deployments: int,
    modules: int = _MODULES,
    before: Callable[[], object] = lambda: None,
) -> Outcome:
    """Deploy the worker again and again while jobs run, and count what became of them.

    Args:
        trial: A deployed stack; its worker is left with another job deadline and drain.
        scratch: Folder to make.
        deployments: How many.
        modules: Size of one of the repositories.
        before: Called before each deployment.
    """
    scratch.mkdir()
    trial.pulumi("config", "set", "fondation:drainSeconds", str(_DRAIN_S))
    load = Load(trial, scratch, modules=modules)
    load.start()
    try:
        durations_s = [_deployed_s(trial, number, before) for number in range(deployments)]
    finally:
        load.stop()
    ends = {job: _end(load, job) for job in load.jobs}
    logs = {job: load.log(job) for job in load.jobs}
    return Outcome(
        jobs=len(ends),
        lost=sum(end is None or end["status"] != JobStatus.COMPLETED for end in ends.values()),
        doubled=sum(_count(log, "Published ") > 1 for log in logs.values()),
        attempts_spent=sum(int(end["attempts"]) for end in ends.values() if end),
        restarts=sum(max(0, _count(log, "Cloning ") - 1) for log in logs.values()),
        deployments_s=durations_s,
    )


def measure(trial: Trial, scratch: Path, *, deployments: int = _DEPLOYMENTS) -> Iterator[Figure]:
    """Yield the figures of a deployed stack; leaves its worker with another job deadline and drain.

    Raises:
        RuntimeError: No job was handed back, so that the figures would say nothing about that.
    """
    found = under_load(trial, scratch / "under load", deployments=deployments)
    if not found.restarts:
        raise RuntimeError(f"in {deployments} deployments no job was handed back: take more of them")
    during = f"{deployments} deployments under load, {found.jobs} jobs, begun again {found.restarts} times:"
    for name, count in (("lost", found.lost), ("doubled", found.doubled), ("attempts spent", found.attempts_spent)):
        yield Figure(name=f"{during} {name}", samples=[count], unit="", limit=0)
    yield Figure(name="deployment of the worker under load", samples=found.deployments_s, unit="s", limit=30)


def _deployed_s(trial: Trial, number: int, before: Callable[[], object]) -> float:
    # A variable of the worker's environment, so that the container is replaced and no image is built.
    trial.pulumi("config", "set", "fondation:jobDeadlineSeconds", str(3000 + number))
    before()
    return timed(lambda: trial.pulumi("up", "--yes", "--skip-preview"))


def _end(load: Load, job_id: str) -> dict[str, Any] | None:
    deadline = time.monotonic() + _END_S
    while time.monotonic() < deadline:
        ended = load.ended(job_id)
        if ended is not None:
            return ended
        time.sleep(_POLL_S)
    return None


def _count(log: Sequence[str], beginning: str) -> int:
    return sum(line.startswith(beginning) for line in log)


def main() -> int:
    """Deploy a throw-away stack, measure it, remove it."""
    print(f"Machine: {machine()}\n")
    deployments = int(sys.argv[1]) if sys.argv[1:] else _DEPLOYMENTS
    with tempfile.TemporaryDirectory(prefix="fondation-bench-") as folder:
        trial = new_trial(Path(folder))
        trial.init()
        try:
            trial.up()
            figures = list(measure(trial, Path(folder), deployments=deployments))
        finally:
            trial.destroy()
    print(table(figures))
    return int(any("MISSED" in figure.row() for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
