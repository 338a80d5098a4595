"""The embedded backend alone: how fast a submitted job is claimed, how many jobs 16 claimers get through, its memory.

`python -m bench.queue` prints the figures by themselves. All clients are the official Python one, each in a process of
its own, because its blocking calls hold the interpreter.
"""

import asyncio
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from convex import ConvexClient

from bench.report import Figure, machine, table
from tests.processes.backend import BackendProcess

_SUBMISSIONS = 60
_CLAIMERS = 16
_JOBS = 800
_ROOT = Path(__file__).resolve().parent.parent


def measure(folder: Path) -> Iterator[Figure]:
    """Yield the figures of a fresh backend."""
    process = BackendProcess(folder)
    process.start()
    try:
        time.sleep(1)
        yield Figure(name="backend: resident memory, idle", samples=[_resident_mib(process.pid)], unit="MiB", limit=64)
        yield Figure(
            name="backend: submit to claimed by a subscribed worker",
            samples=_pickup_latencies_ms(process),
            unit="ms",
            limit=50,
            peer="procrastinate on PostgreSQL: 4.1 ms",
        )
        yield Figure(
            name=f"backend: {_CLAIMERS} claimers, claim + publish + complete of one job (500 jobs/s)",
            samples=[_drain(process) / _JOBS * 1000],
            unit="ms",
            limit=2,
            peer="procrastinate on PostgreSQL: 1.7 ms (589 jobs/s)",
        )
    finally:
        process.stop()


def _pickup_latencies_ms(process: BackendProcess) -> list[float]:
    client = _connect(process.url, process.key)
    jobs = _Jobs(client)
    waiter = _start("wait", process)
    _line(waiter)
    latencies_ms = []
    for number in range(_SUBMISSIONS):
        repository = jobs.repository(f"latency-{number}")
        time.sleep(0.05)
        started = time.monotonic()
        job = jobs.submit(repository)
        claimed = float(_line(waiter))
        latencies_ms.append((claimed - started) * 1000)
        client.mutation("jobs:requestCancel", {"jobId": job})
    waiter.terminate()
    waiter.communicate()
    return latencies_ms


def _drain(process: BackendProcess) -> float:
    jobs = _Jobs(_connect(process.url, process.key))
    for number in range(_JOBS):
        jobs.submit(jobs.repository(f"drain-{number}"))
    claimers = [_start("claim", process) for _ in range(_CLAIMERS)]
    for claimer in claimers:
        _line(claimer)
    started = time.monotonic()
    for claimer in claimers:
        if claimer.stdin is not None:
            claimer.stdin.write("go\n")
            claimer.stdin.flush()
    done = sum(int(claimer.communicate()[0]) for claimer in claimers)
    elapsed_s = time.monotonic() - started
    if done != _JOBS:
        raise RuntimeError(f"{done} of {_JOBS} jobs were completed")
    return elapsed_s


class _Jobs:
    """Makes repositories and jobs."""

    def __init__(self, client: ConvexClient) -> None:
        self._client = client
        self._user = client.mutation("users:createOrUpdateUser", {"githubId": "bench", "username": "bench"})

    def repository(self, name: str) -> str:
        args = {"userId": self._user, "url": f"https://git.example/{name}.git", "fullName": name, "name": name}
        return str(self._client.mutation("repositories:register", args))

    def submit(self, repository: str) -> str:
        args = {"userId": self._user, "repositoryId": repository, "prompt": "bench"}
        return str(self._client.mutation("jobs:create", args)["jobId"])


def _connect(url: str, key: str) -> ConvexClient:
    client = ConvexClient(url)
    client.set_admin_auth(key)
    return client


def _start(role: str, process: BackendProcess) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bench.queue", role, process.url, process.key],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=_ROOT,
    )


def _line(process: subprocess.Popen[str]) -> str:
    if process.stdout is None or not (line := process.stdout.readline()):
        raise RuntimeError(f"client {process.args!r} ended early")
    return line


async def _wait_and_claim(client: ConvexClient) -> None:
    """Claim whenever the metrics are pushed, as the worker does."""
    claims = 0
    metrics: Any
    async for metrics in client.subscribe("queue:getMetrics"):
        if claims == 0:
            print("ready", flush=True)
            claims = 1
        if metrics["counts"]["pending"]:
            claim: Any = client.mutation("queue:claimOne", {"workerId": f"bench:{claims}"})
            if claim is not None:
                claims += 1
                print(time.monotonic(), flush=True)


def _claim_all(client: ConvexClient) -> None:
    """Claim, publish and complete until nothing is left."""
    name = f"bench:{time.monotonic_ns()}"
    client.query("queue:getMetrics")
    print("ready", flush=True)
    sys.stdin.readline()
    done = 0
    while claim := client.mutation("queue:claimOne", {"workerId": f"{name}:{done}"}):
        attempt: dict[str, Any] = {"jobId": claim["id"], "workerId": f"{name}:{done}"}
        file = {"slug": "chapters/1.md", "title": "One", "kind": "chapter", "content": "# One\n\nText.\n"}
        publication: dict[str, Any] = {
            "jobId": claim["id"],
            "repositoryId": claim["repositoryId"],
            "runId": attempt["workerId"],
            "files": [file],
            "summary": {"chaptersCount": 1, "tutorialsCount": 0, "generatedAt": 0},
        }
        client.mutation("docs:upsertFromJob", publication)
        client.mutation("queue:complete", attempt)
        done += 1
    print(done, flush=True)


def _resident_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    if found is None:
        raise RuntimeError(f"process {pid} has no VmRSS")
    return int(found[1]) / 1024


def main(arguments: list[str]) -> None:
    """Run the benchmark, or one of its clients."""
    match arguments:
        case ["wait", url, key]:
            asyncio.run(_wait_and_claim(_connect(url, key)))
        case ["claim", url, key]:
            _claim_all(_connect(url, key))
        case _:
            print(f"Machine: {machine()}\n")
            with tempfile.TemporaryDirectory(prefix="fondation-bench-") as folder:
                print(table(list(measure(Path(folder)))))


if __name__ == "__main__":
    main(sys.argv[1:])
