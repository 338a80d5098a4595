import json
from typing import Any

import pytest

from worker.errors import StartupError
from worker.health import HealthApp, HealthServer
from worker.metrics import Metrics, Outcome
from worker.readiness import Readiness


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def get(app: HealthApp, path: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    captured: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> Any:  # noqa: ANN401
        captured.update(status=int(status[:3]), headers=dict(headers))

    body = app({"PATH_INFO": path, "REQUEST_METHOD": method}, start_response)
    return captured["status"], captured["headers"], b"".join(body)


def test_a_starting_worker_is_alive_and_not_ready_and_says_why() -> None:
    app = HealthApp(Readiness(), Metrics())
    assert get(app, "/health/live")[0] == 200
    status, headers, body = get(app, "/health/ready")
    assert status == 503
    assert headers["Content-Type"].startswith("application/json")
    assert json.loads(body) == {"status": "not ready", "reasons": {"start": "the worker is starting"}}


def test_each_reason_is_told_until_it_is_gone() -> None:
    readiness = Readiness()
    app = HealthApp(readiness, Metrics())
    readiness.clear("start")
    assert get(app, "/health/ready")[0] == 200
    readiness.block("backend", "no answer")
    readiness.block("drain", "stopping")
    assert json.loads(get(app, "/health/ready")[2])["reasons"] == {"backend": "no answer", "drain": "stopping"}
    assert b"fondation_worker_ready 0.0" in get(app, "/metrics")[2]
    readiness.clear("backend")
    readiness.clear("drain")
    assert b"fondation_worker_ready 1.0" in get(app, "/metrics")[2]


def test_a_loop_that_stands_still_is_not_alive() -> None:
    clock = Clock()
    readiness = Readiness(clock)
    app = HealthApp(readiness, Metrics())
    clock.now += 30
    assert get(app, "/health/live")[0] == 200
    clock.now += 1
    assert get(app, "/health/live")[0] == 503
    readiness.beat()
    assert get(app, "/health/live")[0] == 200


@pytest.mark.parametrize(
    ("path", "method", "status"), [("/", "GET", 404), ("/metrics", "POST", 405), ("/metrics/", "GET", 404)]
)
def test_other_requests_are_refused(path: str, method: str, status: int) -> None:
    assert get(HealthApp(Readiness(), Metrics()), path, method)[0] == status


def test_head_has_no_body() -> None:
    status, headers, body = get(HealthApp(Readiness(), Metrics()), "/health/live", "HEAD")
    assert (status, body) == (200, b"")
    assert headers["Content-Length"] != "0"


def test_every_metric_follows_the_naming_rules_and_carries_no_identity() -> None:
    metrics = Metrics()
    metrics.step_duration.labels("clone").observe(1)
    lines = metrics.render().decode().splitlines()
    families = {line.split()[2]: line.split()[3] for line in lines if line.startswith("# TYPE")}
    ours = {name: kind for name, kind in families.items() if not name.startswith(("process_", "python_"))}
    assert all(name.startswith("fondation_") for name in ours)
    assert all(name.endswith(("_total", "_created")) for name, kind in ours.items() if kind == "counter")
    assert all(name.endswith("_seconds") for name, kind in ours.items() if kind == "histogram")
    labels = {
        part.split("=")[0] for line in lines if "{" in line for part in line.split("{")[1].split("}")[0].split(",")
    }
    assert labels == {"outcome", "step", "le", "version", "python"}
    assert all(f'fondation_jobs_total{{outcome="{outcome}"}} 0.0' in lines for outcome in Outcome)


def test_a_taken_port_is_named() -> None:
    app = HealthApp(Readiness(), Metrics())
    server = HealthServer(app, host="127.0.0.1", port=0)
    try:
        with pytest.raises(StartupError, match=f"127.0.0.1:{server.port} cannot be used"):
            HealthServer(app, host="127.0.0.1", port=server.port)
    finally:
        server.close()
