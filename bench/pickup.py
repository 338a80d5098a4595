"""How soon the deployed worker claims a submitted job, as a subscriber sees it."""

from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

from convex import ConvexClient

from bench.courses import commit_folder
from bench.report import Figure
from course.jobs import TERMINAL
from tests.trial import Trial

_SAMPLES = 15
_MS = 1000


def measure(trial: Trial, scratch: Path) -> Iterator[Figure]:
    """Yield the figure of a deployed stack whose worker is idle before each submission."""
    module = scratch / "app.py"
    module.write_text('"""An application."""\n\n\ndef main() -> None:\n    """Run it."""\n')
    trial.fondation("import", str(commit_folder(scratch / "small", [module])))
    client = ConvexClient(trial.outputs()["convexUrl"])
    client.set_admin_auth((trial.home / "keys" / "backend.key").read_text().strip())
    user = client.mutation("users:createOrUpdateUser", {"githubId": "bench", "username": "bench"})
    registered = {
        "userId": user,
        "url": "file:///srv/repositories/small.git",
        "fullName": "local/small",
        "name": "small",
    }
    job = {"userId": user, "repositoryId": client.mutation("repositories:register", registered), "prompt": "bench"}
    yield Figure(
        name="submit to claimed by the deployed worker",
        samples=[_latency_ms(client, job) for _ in range(_SAMPLES)],
        unit="ms",
        limit=50,
        peer="procrastinate on PostgreSQL 4.1 ms",
    )


def _latency_ms(client: ConvexClient, job: dict[str, Any]) -> float:
    begin = perf_counter()
    created: Any = client.mutation("jobs:create", job)
    claimed_s: float | None = None
    states: Iterator[Any] = client.subscribe("jobs:getById", {"id": created["jobId"]})
    for state in states:
        if claimed_s is None and state["status"] != "pending":
            claimed_s = perf_counter() - begin
        if state["status"] in TERMINAL:
            break
    if claimed_s is None:
        raise RuntimeError(f"job {created['jobId']} ended without being claimed")
    return claimed_s * _MS
