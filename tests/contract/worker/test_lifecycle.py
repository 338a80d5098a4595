"""Stopping, dying and coming back: real signals, a backend that goes away."""

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes.backend import BackendProcess
from tests.processes.worker import MakeRepository, StartWorker, Submissions, WorkerProcess, eventually

PROBE = Path(__file__).resolve().parents[3] / "course" / "probe.py"
SHORT_LEASE = {"FONDATION_LEASE_S": "2", "FONDATION_HEARTBEAT_S": "0.5", "FONDATION_POLL_S": "0.5"}


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_stop_lets_the_running_job_end(
    submissions: Submissions, make_repository: MakeRepository, start_worker: StartWorker, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    worker = start_worker("gated", str(gate), FONDATION_DRAIN_S="20")
    job_id = submissions.submit(make_repository("first"))
    submissions.until_step(job_id, 2)
    worker.signal(signal.SIGTERM)
    eventually(lambda: "the worker is stopping" in worker.health("/health/ready")[1], what="the worker says it stops")
    assert worker.health("/health/live")[0] == 200
    waiting = submissions.submit(make_repository("second"))
    gate.touch()
    assert worker.wait() == 0
    assert submissions.job(job_id)["status"] == "completed"
    assert submissions.job(waiting)["status"] == "pending"
    assert list((worker.data / "work").iterdir()) == []


def test_a_job_that_outlasts_the_drain_goes_back_without_spending_an_attempt(
    submissions: Submissions, make_repository: MakeRepository, start_worker: StartWorker
) -> None:
    worker = start_worker("grandchildren", FONDATION_DRAIN_S="0.3")
    job_id = submissions.submit(make_repository())
    submissions.until_step(job_id, 1)
    processes = worker.descendants()
    worker.signal(signal.SIGTERM)
    assert worker.wait(timeout_s=10) == 0
    job = submissions.job(job_id)
    assert (job["status"], job["attempts"]) == ("pending", 0)
    assert "lockedBy" not in job
    eventually(lambda: not any(alive(pid) for pid in processes), what="no process is left")
    assert list((worker.data / "work").iterdir()) == []
    start_worker("course", name="other")
    assert submissions.until(job_id, "completed")["attempts"] == 0


def test_a_second_signal_hands_back_at_once(
    submissions: Submissions, make_repository: MakeRepository, start_worker: StartWorker
) -> None:
    worker = start_worker("deaf", FONDATION_DRAIN_S="60")
    job_id = submissions.submit(make_repository())
    submissions.until_step(job_id, 3)
    worker.signal(signal.SIGTERM)
    eventually(lambda: worker.health("/health/ready")[0] == 503, what="the drain has begun")
    worker.signal(signal.SIGINT)
    assert worker.wait(timeout_s=10) == 0
    assert submissions.job(job_id)["status"] == "pending"
    (folder,) = (worker.data / "kept").iterdir()
    assert (folder / "reason.txt").read_text() == "handed back: the worker stopped before the job ended\n"


def test_an_idle_worker_stops_at_once(start_worker: StartWorker) -> None:
    worker = start_worker("course", FONDATION_POLL_S="600")
    eventually(lambda: worker.health("/health/ready")[0] == 200, what="the worker is ready")
    processes = worker.descendants()
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0  # long before its drain, or its next poll, is due
    assert not any(alive(pid) for pid in processes)


def test_after_a_kill_another_worker_ends_the_job(
    submissions: Submissions, make_repository: MakeRepository, start_worker: StartWorker
) -> None:
    worker = start_worker("slow", **SHORT_LEASE)
    job_id = submissions.submit(make_repository())
    submissions.until_step(job_id, 3)
    processes = worker.descendants()
    worker.signal(signal.SIGKILL)
    worker.wait()
    eventually(lambda: not any(alive(pid) for pid in processes), what="git and CLI end with their worker")
    start_worker("course", name="other", **SHORT_LEASE)
    job = submissions.until(job_id, "completed")
    assert job["attempts"] == 1
    assert "stopped renewing its lease" in job["lastError"]


def test_a_worker_that_comes_back_keeps_the_output_and_clears_the_rest(
    submissions: Submissions, make_repository: MakeRepository, start_worker: StartWorker
) -> None:
    worker = start_worker("slow")
    submissions.until_step(submissions.submit(make_repository()), 3)
    eventually(
        lambda: any((worker.data / "work").glob("*/*/output/chapters/*.md")), what="the CLI has written something"
    )
    worker.signal(signal.SIGKILL)
    worker.wait()
    worker.start()
    eventually(lambda: worker.health("/health/live")[0] == 200, what="the worker is back")
    (folder,) = (worker.data / "kept").iterdir()
    assert list((folder / "output" / "chapters").iterdir())
    assert len(list((worker.data / "work").iterdir())) == 1


def test_a_backend_that_restarts_during_a_job_costs_nothing(
    backend: BackendProcess,
    submissions: Submissions,
    make_repository: MakeRepository,
    start_worker: StartWorker,
    tmp_path: Path,
) -> None:
    gate = tmp_path / "gate"
    worker = start_worker("gated", str(gate), FONDATION_HEARTBEAT_S="0.3")
    job_id = submissions.submit(make_repository())
    submissions.until_step(job_id, 2)
    backend.kill()
    eventually(lambda: "backend" in worker.health("/health/ready")[1], what="the worker says what is missing")
    gate.touch()  # the course is ready while there is nobody to take it
    eventually(lambda: "docs:upsertFromJob: no answer" in worker.log(), what="publishing was tried")
    backend.start()
    job = submissions.until(job_id, "completed")
    assert job["attempts"] == 0
    assert len(submissions.documents(job_id)) == job["docsCount"] == 6
    eventually(lambda: worker.health("/health/ready")[0] == 200, what="the worker is ready again")


def test_a_worker_waits_for_a_backend_that_is_not_there_yet(
    backend: BackendProcess, submissions: Submissions, make_repository: MakeRepository, start_worker: StartWorker
) -> None:
    job_id = submissions.submit(make_repository())
    backend.stop()
    worker = start_worker("course")
    eventually(lambda: "no answer" in worker.health("/health/ready")[1], what="the worker says why it is not ready")
    assert worker.health("/health/live")[0] == 200
    backend.start()
    submissions.until(job_id, "completed")


def test_a_lost_lease_stops_the_job_and_writes_nothing(
    submissions: Submissions,
    make_repository: MakeRepository,
    start_worker: StartWorker,
    tmp_path: Path,
) -> None:
    gate = tmp_path / "gate"
    worker = start_worker("gated", str(gate), **SHORT_LEASE)
    job_id = submissions.submit(make_repository())
    submissions.until_step(job_id, 2)
    worker.signal(signal.SIGSTOP)
    eventually(lambda: submissions.job(job_id).get("lastError"), what="the queue reclaimed the job")
    other = start_worker("course", name="other", **SHORT_LEASE)
    submissions.until(job_id, "completed")
    gate.touch()
    worker.signal(signal.SIGCONT)
    eventually(
        lambda: re.search(r'fondation_jobs_total\{outcome="(lease_lost|canceled)"\} 1.0', worker.health("/metrics")[1]),
        what="the first worker gave up",
    )
    job = submissions.job(job_id)
    assert (job["status"], job["attempts"]) == ("completed", 1)
    assert job["runId"].startswith(other.folder.name + ":")
    assert {document["runId"] for document in submissions.documents(job_id)} == {job["runId"]}


def test_a_refused_key_is_named_and_no_job_is_touched(
    backend: BackendProcess, submissions: Submissions, make_repository: MakeRepository, tmp_path: Path
) -> None:
    job_id = submissions.submit(make_repository())
    with WorkerProcess(tmp_path / "worker", url=backend.url, key="not-the-key") as worker:
        eventually(lambda: "refused the key" in worker.health("/health/ready")[1], what="the worker names the key")
        assert "not-the-key" not in worker.log()
        worker.signal(signal.SIGTERM)
        assert worker.wait() == 0
    assert submissions.job(job_id)["attempts"] == 0


def test_every_wrong_setting_is_reported_at_once(tmp_path: Path) -> None:
    worker = WorkerProcess(tmp_path / "worker", url="ftp://nowhere", FONDATION_LEASE_S="soon", FONDATION_LAESE_S="30")
    ended = subprocess.run(
        [sys.executable, "-m", "worker"], env=dict(worker.environment), capture_output=True, text=True, check=False
    )
    assert ended.returncode == 78
    assert [line.split(":")[1].split("=")[0].strip() for line in ended.stderr.splitlines()] == [
        "CONVEX_URL",
        "FONDATION_LEASE_S",
        "FONDATION_LAESE_S",
    ]


def test_a_busy_health_port_refuses_to_start(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        worker = WorkerProcess(tmp_path / "worker", url="http://127.0.0.1:9", FONDATION_HEALTH_PORT=port)
        ended = subprocess.run(
            [sys.executable, "-m", "worker"], env=dict(worker.environment), capture_output=True, text=True, check=False
        )
    assert ended.returncode == 69
    assert f"the health port 127.0.0.1:{port} cannot be used (Address already in use)" in ended.stderr


def test_a_data_folder_that_is_no_folder_refuses_to_start(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings = {"FONDATION_DATA_DIR": str(tmp_path / "file")}
    worker = WorkerProcess(tmp_path / "worker", url="http://127.0.0.1:9", **settings)
    ended = subprocess.run(
        [sys.executable, "-m", "worker"], env=dict(worker.environment), capture_output=True, text=True, check=False
    )
    assert ended.returncode == 69
    assert "make FONDATION_DATA_DIR a folder that the worker may write" in ended.stderr


def test_help_needs_no_settings() -> None:
    ended = subprocess.run([sys.executable, "-m", "worker", "--help"], capture_output=True, text=True, check=True)
    assert "FONDATION_DRAIN_S" in ended.stdout


@pytest.mark.parametrize("running", [True, False])
def test_the_probe_answers_by_its_exit_code(start_worker: StartWorker, running: bool) -> None:  # noqa: FBT001 - a parameter of the test
    worker = start_worker("course")
    port = re.findall(r"health on port (\d+)", worker.log())[-1]
    if not running:
        worker.kill()
    ended = subprocess.run(
        [sys.executable, "-IS", PROBE, port, "/health/live"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == (0 if running else 1), ended.stdout
