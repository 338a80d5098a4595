"""Deployment figures on a throw-away stack: no change, one changed line, sizes, resident memory."""

from collections.abc import Iterator

from bench.report import Figure, timed
from tests.trial import Trial, docker, inspect

_RUNS = 5
_MB = 1_000_000


def measure(trial: Trial) -> Iterator[Figure]:
    """Yield the figures of a deployed stack; leaves it as it was."""
    yield Figure(
        name="`pulumi up`, no change, with preview",
        samples=[timed(lambda: trial.pulumi("up", "--yes", "--expect-no-changes")) for _ in range(_RUNS)],
        unit="s",
        limit=20,
        peer="genuine provider 3.75 s, docker compose 0.56 s",
    )
    yield Figure(
        name="`pulumi preview`, no change",
        samples=[timed(lambda: trial.pulumi("preview", "--expect-no-changes")) for _ in range(_RUNS)],
        unit="s",
        peer="genuine provider 1.2-2 s",
    )
    yield Figure(
        name="one line changed in worker/ to a healthy new worker",
        samples=[_changed_worker(trial, number) for number in range(3)],
        unit="s",
        limit=30,
    )
    worker = inspect("inspect", trial.container("worker"))[0]
    size = inspect("image", "inspect", worker["Image"])[0]["Size"]
    yield Figure(name="worker image", samples=[size / _MB], unit="MB", limit=220, peer="minbase OS alone 262 MB")
    yield Figure(
        name="idle worker, resident",
        samples=[_resident_mb(trial.container("worker"))],
        unit="MB",
        limit=50,
        peer="idle Node with the Convex client 51 MB",
    )


def _changed_worker(trial: Trial, number: int) -> float:
    module = trial.checkout / "worker" / "__init__.py"
    module.write_text(f"{module.read_text()}\n# {number}\n")
    # The container resource waits until the container is healthy.
    return timed(lambda: trial.pulumi("up", "--yes"))


def _resident_mb(container: str) -> float:
    """Return the resident memory of the container's Python process."""
    status = docker("exec", container, "sh", "-c", "grep -h VmRSS /proc/[0-9]*/status")
    return max(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024
