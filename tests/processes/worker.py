"""A real worker process and what tests ask of a backend."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self, TypeVar, cast

from course.jobs import ACTIVE
from worker.functions import FunctionClient, Kind
from worker.secret import Secret

T = TypeVar("T")
Fields = dict[str, Any]

ROOT: Final = Path(__file__).resolve().parents[2]
ANALYZER: Final = ("/usr/bin/env", f"PYTHONPATH={ROOT}", sys.executable, "-m", "analyzer")
"""The CLI as it runs from a checkout; in an image it is one file."""

_HEALTH: Final = re.compile(r"health on port (\d+)")
_START_TIMEOUT_S: Final = 20.0


def eventually(read: Callable[[], T | None], *, what: str, timeout_s: float = 20.0) -> T:
    """Return the first value of `read` that is neither None nor False; asks every 20 ms.

    Raises:
        AssertionError: None came in time.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        value = read()
        if value is not None and value is not False:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout_s:g} s: {what}")
        time.sleep(0.02)


class Submissions:
    """What a person does on a backend: submits repositories, looks at jobs, cancels them."""

    def __init__(self, url: str, key: str = "test-key") -> None:
        self._client = FunctionClient(url, Secret(key))
        self.user_id = str(self.call("mutation", "users:createOrUpdateUser", githubId="tester", username="tester"))

    def call(self, kind: Kind, path: str, **arguments: object) -> object:
        """Call a function."""
        return self._client.call(kind, path, arguments, timeout_s=10)

    def submit(self, url: str, branch: str = "") -> str:
        """Register a repository by its URL and queue a job for it; return the job's id."""
        name = url.rpartition("/")[2].removesuffix(".git")
        repository = self.call(
            "mutation",
            "repositories:register",
            userId=self.user_id,
            url=url,
            fullName=f"local/{name}",
            name=name,
            defaultBranch=branch,
        )
        made = self.call("mutation", "jobs:create", userId=self.user_id, repositoryId=repository, prompt="a course")
        return str(cast("Fields", made)["jobId"])

    def job(self, job_id: str) -> Fields:
        """Return a job as the backend holds it."""
        return cast("Fields", self.call("query", "jobs:getById", id=job_id))

    def documents(self, job_id: str) -> list[Fields]:
        """Return a job's documents."""
        return cast("list[Fields]", self.call("query", "docs:listByJobId", jobId=job_id))

    def log(self, job_id: str) -> list[str]:
        """Return a job's log lines, each behind its level."""
        rows = cast("list[Fields]", self.call("query", "jobs:getLogs", jobId=job_id))
        return [f"{row['level']}: {row['msg']}" for row in rows]

    def cancel(self, job_id: str) -> None:
        """Cancel a job."""
        self.call("mutation", "jobs:cancelJob", jobId=job_id, userId=self.user_id)

    def cancel_all(self) -> None:
        """Cancel whatever still waits or runs, so that the next test's worker finds an empty queue."""
        for job in cast("list[Fields]", self.call("query", "jobs:listUserJobs", userId=self.user_id)):
            if job["status"] in ACTIVE:
                self.cancel(job["_id"])

    def until(self, job_id: str, *statuses: str, timeout_s: float = 20.0) -> Fields:
        """Wait until a job is in one of these states and return it."""

        def read() -> Fields | None:
            job = self.job(job_id)
            return job if job["status"] in statuses else None

        return eventually(read, what=f"job {job_id} is {' or '.join(statuses)}", timeout_s=timeout_s)

    def until_step(self, job_id: str, step: int) -> Fields:
        """Wait until a job reports a step and return it."""

        def read() -> Fields | None:
            job = self.job(job_id)
            return job if job.get("currentStep") == step else None

        return eventually(read, what=f"job {job_id} is at step {step}")


class WorkerProcess:
    """One `python -m worker` on a free health port; its data and log lie in the given folder."""

    def __init__(
        self, folder: Path, *, url: str, key: str = "test-key", cli: Sequence[str] = ANALYZER, **settings: str
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.data = folder / "data"
        self.log_file = folder / "worker.log"
        key_file = folder / "backend.key"
        key_file.write_text(key, encoding="utf-8")
        self.environment: Mapping[str, str] = {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": str(ROOT),
            "CONVEX_URL": url,
            "FONDATION_BACKEND_KEY_FILE": str(key_file),
            "FONDATION_WORKER_NAME": folder.name,
            "FONDATION_DATA_DIR": str(self.data),
            "FONDATION_CLI": json.dumps(list(cli)),
            "FONDATION_HEALTH_HOST": "127.0.0.1",
            "FONDATION_HEALTH_PORT": "0",
            **settings,
        }
        self.process: subprocess.Popen[bytes] | None = None
        self._log_before = 0

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Kill what still runs."""
        self.kill()

    def start(self) -> None:
        """Start the process and wait until its health server listens."""
        self._log_before = len(self.log())
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "worker"],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        eventually(self._listens, what=f"the worker listens:\n{self.log()}", timeout_s=_START_TIMEOUT_S)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._running().pid

    def log(self) -> str:
        """Return what the process wrote."""
        return self.log_file.read_text(encoding="utf-8", errors="replace") if self.log_file.exists() else ""

    def health(self, page: str) -> tuple[int, str]:
        """Return status and body of a page of the health server."""
        port = _HEALTH.findall(self.log())[-1]
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{page}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process itself."""
        self._running().send_signal(number)

    def wait(self, timeout_s: float = 20.0) -> int:
        """Return the exit code."""
        return self._running().wait(timeout=timeout_s)

    def kill(self) -> None:
        """Kill with SIGKILL, if it still runs."""
        process = self._running()
        if process.poll() is None:
            process.kill()
            process.wait()

    def descendants(self) -> list[int]:
        """Return the live processes that this worker started, at any depth."""
        parents: dict[int, int] = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] != "Z":
                parents[int(stat.parent.name)] = int(fields[1])
        found, fresh = [], {self._running().pid}
        while fresh:
            fresh = {pid for pid, parent in parents.items() if parent in fresh}
            found += sorted(fresh)
        return found

    def programs(self) -> list[int]:
        """Return the live processes that jobs started: all but the subscription's."""
        return [pid for pid in self.descendants() if b"worker.wakeup" not in _command_line(pid)]

    def _listens(self) -> bool:
        code = self._running().poll()
        if code is not None:
            raise RuntimeError(f"the worker ended with code {code}:\n{self.log()}")
        return bool(_HEALTH.search(self.log()[self._log_before :]))

    def _running(self) -> subprocess.Popen[bytes]:
        if self.process is None:
            raise RuntimeError("the worker was not started")
        return self.process


def _command_line(pid: int) -> bytes:
    """Return a process's command line; one that has just ended counts as no program."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b"worker.wakeup"


MakeRepository = Callable[..., str]
"""A test fixture: makes a bare repository and returns its URL."""

StartWorker = Callable[..., WorkerProcess]
"""A test fixture: starts a worker that is killed when the test ends."""
