"""A stack that is watched: real alerts fire and resolve in a real Prometheus, and the runbook's commands work."""

import json
import re
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from course.jobs import JobStatus
from ops.jobs.jobs import Jobs
from ops.stack.convex import Convex
from tests.browser import running_browser
from tests.runbook import ROOT, entries
from tests.trial import Trial, bridge_address, docker, free_port, inspect, new_trial

PATIENCE_S = 40
# An engine without a model has no credential, so these commands have nothing to say here; the tests of `auth` run them.
MODEL_COMMANDS = "bin/fondation auth "


class Alertmanager(ThreadingHTTPServer):
    """Takes alerts as an Alertmanager does (its API v2), and remembers their names."""

    def __init__(self, host: str) -> None:
        super().__init__((host, 0), AlertReceiver)
        self.names: set[str] = set()

    @property
    def url(self) -> str:
        return f"http://{self.server_address[0]!s}:{self.server_address[1]}/team"


class AlertReceiver(BaseHTTPRequestHandler):
    server: Alertmanager

    def do_POST(self) -> None:
        assert self.path == "/team/api/v2/alerts"
        received = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.names |= {alert["labels"]["alertname"] for alert in received}
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        del format, args


@pytest.fixture(scope="module")
def alertmanager() -> Iterator[Alertmanager]:
    """A receiver on the address that this machine has in Docker's own network: containers reach it there."""
    with Alertmanager(bridge_address()) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory, alertmanager: Alertmanager) -> Iterator[Trial]:
    """A watched stack of its own, whose copy of Prometheus's files looks every second and alerts after two."""
    trial = new_trial(
        tmp_path_factory.mktemp("watched"),
        monitoring="true",
        prometheusPort=str(free_port()),
        alertmanagerUrl=alertmanager.url,
    )
    folder = trial.checkout / "images" / "prometheus"
    _edit(folder / "prometheus.yml", r"(scrape|evaluation)_(interval|timeout): \d+s", r"\1_\2: 1s")
    _edit(folder / "rules" / "fondation.yml", r"for: \d+m", "for: 2s")
    trial.init()
    try:
        trial.up()
        yield trial
    finally:
        trial.destroy()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as running:
        yield running


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small") / "small"
    folder.mkdir()
    (folder / "greeting.py").write_text('def greet(name: str) -> str:\n    """Greet."""\n    return f"Hello {name}"\n')
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "Import"]):
        identity = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
        subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)
    return folder


def test_every_process_is_asked_and_no_alert_fires(watched: Trial) -> None:
    until(lambda: set(health(watched).values()) == {"up"})
    assert set(health(watched)) == {"backend", "web", "worker"}
    until(lambda: alerts(watched) == {})


def test_the_configuration_and_the_metrics_pass_prometheuss_own_checks(watched: Trial) -> None:
    image = f"{watched.namespace}fondation-prometheus:prod-prometheus"
    container = ("run", "--rm", "--network", "none", "--interactive", "--entrypoint", "promtool")
    show(docker(*container, image, "check", "config", "/opt/fondation/prometheus/prometheus.yml"))
    mounts = ("--volume", f"{ROOT}/images/prometheus/rules:/rules:ro", "--volume", f"{ROOT}/tests/rules:/tests:ro")
    show(docker(*container, *mounts, image, "test", "rules", "/tests/fondation.test.yml"))
    for job in health(watched):
        ours = "\n".join(line for line in metrics(watched, job).splitlines() if "fondation_" in line) + "\n"
        assert len(ours) > 500
        subprocess.run(["docker", *container, image, "check", "metrics"], input=ours, check=True, text=True, timeout=60)


def test_the_daemon_confines_it_and_only_the_page_is_published(watched: Trial) -> None:
    container = inspect("inspect", watched.container("prometheus"))[0]
    host = container["HostConfig"]
    assert container["State"]["Health"]["Status"] == "healthy"
    assert (container["Config"]["User"], host["ReadonlyRootfs"], host["CapDrop"]) == ("10001:10001", True, ["ALL"])
    assert [mount["Type"] for mount in container["Mounts"]] == ["volume"]
    assert {binding["HostIp"] for ports in host["PortBindings"].values() for binding in ports} == {"127.0.0.1"}
    # The pages show no metrics, and nothing publishes the port that does.
    assert httpx.get(f"{watched.outputs()['webUrl']}/metrics").status_code == 404
    assert set(inspect("inspect", watched.container("web"))[0]["HostConfig"]["PortBindings"]) == {"8000/tcp"}


def test_alerts_fire_when_the_worker_stops_and_a_job_dies_and_resolve_afterwards(
    watched: Trial, repository: Path, browser: Browser, alertmanager: Alertmanager
) -> None:
    # The worker's container takes imports, so the repository is there before it stops.
    url = re.search(r"file:///\S+\.git", watched.fondation("import", str(repository)).stdout)
    assert url
    began = time.monotonic()
    docker("stop", watched.container("worker"))
    job_id = submitted(watched.fondation("submit", url[0]).stdout)
    kill(watched, job_id)
    until(lambda: {"FondationNoWorker", "FondationTargetDown", "FondationDeadJobs"} <= firing(watched))
    show(f"{time.monotonic() - began:5.1f} s firing: {', '.join(sorted(firing(watched)))}")
    until(lambda: firing(watched) <= alertmanager.names)
    page = browser.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(watched.outputs()["dashboardUrl"])
    expect(page.locator("body.drawn figure svg path.line").first).to_be_attached()
    expect(page.locator(".alerts tr.firing", has_text="No worker claims jobs")).to_be_visible()
    assert problems == []
    page.close()
    docker("start", watched.container("worker"))
    watched.fondation("submit", url[0], "--wait")
    until(lambda: alerts(watched) == {})
    show(f"{time.monotonic() - began:5.1f} s resolved: no alert is pending or firing")
    assert value(watched, 'fondation_queue_jobs{status="dead"}') == 1


def test_every_command_of_the_runbooks_alerts_works(watched: Trial, repository: Path) -> None:
    """Each different command once: those of every Check, then those of every Fix in the runbook's order."""
    job_id = submitted(watched.fondation("submit", str(repository)).stdout)
    words = {"<stack>": watched.name, "<job>": job_id, "<repository>": str(repository)}

    def run(command: str) -> str:
        filled = re.sub("|".join(words), lambda match: words[match[0]], command)
        assert "<" not in filled, f"the test has nothing for {command}"
        return f"$ {command}\n{watched.run(*shlex.split(filled)).stdout[-300:]}"

    with ThreadPoolExecutor(max_workers=4) as pool:  # what only looks may look at once
        for text in pool.map(run, different(command for entry in entries().values() for command in entry.check)):
            show(text)
    for command in different(command for entry in entries().values() for command in entry.fix):
        show(run(command))
    variables = inspect("inspect", watched.container("worker"))[0]["Config"]["Env"]
    assert "FONDATION_CONCURRENCY=2" in variables


def _edit(file: Path, pattern: str, replacement: str) -> None:
    text, count = re.subn(pattern, replacement, file.read_text())
    assert count, f"{file} has no {pattern}"
    file.write_text(text)


def show(text: str) -> None:
    """Show what was seen to whoever runs the test with `-s` or reads its failure."""
    sys.stdout.write(f"{text.strip()}\n")


def until(condition: Callable[[], bool], timeout_s: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"not so after {timeout_s} s"
        time.sleep(0.25)


def ask(trial: Trial, path: str, **parameters: str) -> Any:  # noqa: ANN401 - Prometheus's JSON
    url = f"http://127.0.0.1:{trial.configuration['prometheusPort']}/api/v1/{path}"
    return httpx.get(url, params=parameters).raise_for_status().json()["data"]


def health(trial: Trial) -> dict[str, str]:
    return {target["labels"]["job"]: target["health"] for target in ask(trial, "targets")["activeTargets"]}


def alerts(trial: Trial) -> dict[str, str]:
    return {alert["labels"]["alertname"]: alert["state"] for alert in ask(trial, "alerts")["alerts"]}


def firing(trial: Trial) -> set[str]:
    return {name for name, state in alerts(trial).items() if state == "firing"}


def value(trial: Trial, query: str) -> float:
    (found,) = ask(trial, "query", query=query)["result"]
    return float(found["value"][1])


def metrics(trial: Trial, job: str) -> str:
    """Return what a process of the stack tells, asked from inside its container."""
    targets = json.loads(next(iter(_variables(trial, "prometheus", "FONDATION_SCRAPE_TARGETS"))))
    port = next(entry["targets"][0].rpartition(":")[2] for entry in targets if entry["labels"]["job"] == job)
    code = f"import urllib.request as u; print(u.urlopen('http://127.0.0.1:{port}/metrics').read().decode())"
    return docker("exec", trial.container(job), "/opt/fondation/venv/bin/python", "-c", code)


def _variables(trial: Trial, role: str, name: str) -> list[str]:
    found = inspect("inspect", trial.container(role))[0]["Config"]["Env"]
    return [entry.partition("=")[2] for entry in found if entry.startswith(f"{name}=")]


def different(commands: Iterable[str]) -> list[str]:
    return [command for command in dict.fromkeys(commands) if not command.startswith(MODEL_COMMANDS)]


def submitted(output: str) -> str:
    found = re.search(r"\b[a-z0-9]{32}\b", output)
    assert found, output
    return found[0]


def kill(trial: Trial, job_id: str) -> None:
    """Claim a job and let every lease run out, as workers that vanish do, until it is dead."""
    key = (trial.home / "keys" / "backend.key").read_text().strip()
    convex = Convex(trial.outputs()["convexUrl"], key)
    while (status := Jobs(convex).job(job_id).status) is not JobStatus.DEAD:
        if status is JobStatus.PENDING:
            convex.mutation("queue:claimOne", workerId=f"vanishing:{time.monotonic_ns()}", leaseMs=1000)
        time.sleep(0.1)
