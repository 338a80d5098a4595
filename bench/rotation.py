"""A credential rotated under load: 20 jobs that ask the model, and the old credential revoked in the middle.

Real backend, worker, analyzer and Claude Code as processes, against a local server that speaks the Messages API. The
new credential arrives as the courier delivers it: the file goes, then comes back with other content.
"""

import platform
import shutil
import sys
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Final

from bench.courses import commit_folder
from bench.report import Figure
from components.claude_code import claude_code
from components.configuration import parse_keys
from components.machine import machine_folders
from course.jobs import TERMINAL, JobStatus
from ops.machine.npm import claude_pin, ensure_npm_files
from tests.messages_api import MessagesApi, running_messages_api
from tests.processes.backend import BackendProcess
from tests.processes.worker import ROOT, Submissions, WorkerProcess, eventually

_JOBS: Final = 20
_OLD: Final = "sk-ant-oat01-bench-old-0123456789abcdef"
_NEW: Final = "sk-ant-oat01-bench-new-0123456789abcdef"
_TIMEOUT_S: Final = 600.0


def measure(folder: Path) -> Iterator[Figure]:
    """Yield the figures of one rotation in the middle of 20 jobs."""
    folder.mkdir()
    program = _claude_code()
    repositories, data = folder / "repositories", folder / "backend"
    for place in (repositories, data):
        place.mkdir()
    module = folder / "app.py"
    module.write_text('"""An application."""\n\n\ndef main() -> None:\n    """Run it."""\n')
    made = commit_folder(folder / "small", [module]) / ".git"
    for number in range(_JOBS):  # a repository has one active job at a time
        shutil.copytree(made, repositories / f"small{number}.git")
    token = folder / "value"
    _deliver(token, _OLD)
    backend = BackendProcess(data)
    backend.start()
    cli = ("/usr/bin/env", f"PYTHONPATH={ROOT}", sys.executable, "-m", "bench.model_job", str(program))
    settings = {
        "FONDATION_CONCURRENCY": "2",
        "FONDATION_ENGINE": "claude",
        "FONDATION_CLAUDE_TOKEN_FILE": str(token),
        "FONDATION_LOCAL_REPOSITORIES": str(repositories),
    }
    try:
        with running_messages_api(_OLD) as api:
            settings["FONDATION_CLAUDE_BASE_URL"] = api.url
            with WorkerProcess(folder / "worker", url=backend.url, key=backend.key, cli=cli, **settings) as worker:
                yield from _rotate_under_load(worker, Submissions(backend.url, backend.key), api, token)
    finally:
        backend.kill()


def _rotate_under_load(worker: WorkerProcess, queue: Submissions, api: MessagesApi, token: Path) -> Iterator[Figure]:
    repositories = token.parent / "repositories"
    ids = [queue.submit(f"file://{repositories}/small{number}.git") for number in range(_JOBS)]
    pid = worker.pid
    eventually(lambda: _ended(queue, ids) >= _JOBS // 4, what="a quarter of the jobs ended", timeout_s=_TIMEOUT_S)
    api.accept(_NEW)  # the old credential is revoked first: the worst order
    eventually(lambda: "credential" in worker.health("/health/ready")[1], what="the worker pauses", timeout_s=60)
    began = time.monotonic()
    _deliver(token, _NEW)
    eventually(lambda: worker.health("/health/ready")[0] == HTTPStatus.OK, what="the worker goes on", timeout_s=60)
    resumed_s = time.monotonic() - began
    eventually(lambda: _ended(queue, ids) == _JOBS, what="all jobs ended", timeout_s=_TIMEOUT_S)
    jobs = [queue.job(job_id) for job_id in ids]
    yield Figure(
        name=f"rotation under load: failed jobs of {_JOBS}",
        samples=[sum(job["status"] != JobStatus.COMPLETED for job in jobs)],
        unit="jobs",
        limit=0,
    )
    yield Figure(
        name=f"rotation under load: attempts spent by {_JOBS} jobs",
        samples=[sum(job["attempts"] for job in jobs)],
        unit="attempts",
        limit=0,
    )
    yield Figure(name="rotation under load: 401 answers", samples=[api.statuses[401]], unit="answers")
    yield Figure(name="new credential delivered to claiming again", samples=[resumed_s], unit="s", limit=30)
    if worker.pid != pid or worker.process is None or worker.process.poll() is not None:
        raise RuntimeError("the worker did not stay the same process")


def _claude_code() -> Path:
    """Return the program, downloaded first where it is not there."""
    cache = machine_folders(ROOT).cache
    architecture = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
    pin = claude_pin(ROOT, parse_keys({"fondation:engine": "claude"}), architecture)
    ensure_npm_files(pin, root=ROOT, cache=cache, note=lambda line: print(line, file=sys.stderr))
    return claude_code(ROOT).place(cache)


def _deliver(file: Path, token: str) -> None:
    file.unlink(missing_ok=True)
    file.touch(mode=0o400)
    file.write_text(token)


def _ended(queue: Submissions, ids: list[str]) -> int:
    return sum(queue.job(job_id)["status"] in TERMINAL for job_id in ids)
