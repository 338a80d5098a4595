"""The process: starts, probes, streams, stops."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.contract.web.conftest import Worker
from tests.contract.web.pages import submit
from tests.processes.web import running_web

ROOT = Path(__file__).resolve().parents[3]
PROBE = ROOT / "course" / "probe.py"
# What uvicorn writes when it had to cut off what was still open.
CUT_OFF = "graceful shutdown exceeded"


def probe(port: str) -> int:
    return subprocess.run([sys.executable, "-IS", PROBE, port, "/health"], check=False).returncode


def test_the_probe_tells_a_healthy_process_from_none(web_url: str) -> None:
    assert probe(web_url.rpartition(":")[2]) == 0
    assert probe("1") == 1


def test_a_busy_port_is_reported(web_url: str) -> None:
    environment = {
        "PYTHONPATH": str(ROOT),
        "CONVEX_URL": "http://127.0.0.1:1",
        "NODE_ENV": "development",
        "FONDATION_PORT": web_url.rpartition(":")[2],
    }
    answer = subprocess.run([sys.executable, "-m", "web"], env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert "Address already in use" in answer.stderr
    assert "FONDATION_PORT" in answer.stderr


def test_a_change_reaches_the_live_connection_and_sigterm_ends_it(
    backend_url: str, worker: Worker, tmp_path: Path
) -> None:
    with running_web(tmp_path, convex_url=backend_url) as url:
        job_id = submit(url, "https://example.org/owner/live.git")
        lines: list[str] = []

        def read() -> None:
            with httpx.stream("GET", f"{url}/jobs/{job_id}/events", timeout=30) as answer:
                lines.extend(answer.iter_lines())

        reader = threading.Thread(target=read)
        reader.start()
        wait_for(lambda: any('"step": 0' in line for line in lines))
        job = worker.claim()
        worker.heartbeat(job["id"], status="analyzing", currentStep=2)
        wait_for(lambda: any('"step": 2' in line for line in lines))
        assert "polling instead" not in (tmp_path / "web.log").read_text(), "it was not pushed"
    # Leaving the block sent SIGTERM and waited for the process, which ended the connection by itself.
    assert CUT_OFF not in (tmp_path / "web.log").read_text()
    reader.join(timeout=5)
    assert not reader.is_alive()
    worker.call("mutation", "queue:retryOrFail", jobId=job["id"], workerId="worker:test", error="stopped")


def test_the_page_survives_a_backend_that_is_away(tmp_path: Path) -> None:
    with running_web(tmp_path, convex_url="http://127.0.0.1:1") as url:
        answer = httpx.get(url)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert httpx.get(f"{url}/health").json() == {"status": "ok", "backend": False}
        # A page that cannot reach its backend is healthy: else no deployment would end while a backend is away.
        assert probe(url.rpartition(":")[2]) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it(tmp_path: Path, number: signal.Signals) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "CONVEX_URL": "http://127.0.0.1:1",
        "NODE_ENV": "development",
        "FONDATION_PORT": "0",
    }
    log = tmp_path / "log"
    with log.open("wb") as file:
        process = subprocess.Popen([sys.executable, "-m", "web"], env=environment, stderr=file)
    wait_for(lambda: "startup complete" in log.read_text())
    process.send_signal(number)
    # It passes the signal on when it is done; a run in the background inherits that SIGINT is ignored, and ends with 0.
    assert process.wait(timeout=10) in {-number, 0}
    assert CUT_OFF not in log.read_text()


def wait_for(condition: Callable[[], bool], timeout_s: float = 10) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)
