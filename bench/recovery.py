"""How long it takes to put a stack right after an update that was killed."""

from collections.abc import Iterator

from bench.report import Figure, timed
from tests.killed_update import CREATING, DELETED, killed_update
from tests.trial import Trial


def measure(trial: Trial) -> Iterator[Figure]:
    """Yield the figure of a deployed stack; leaves its worker with another job deadline."""
    yield Figure(
        name="`bin/fondation recover` after a killed update",
        samples=[_recovered_s(trial, at, number) for number, at in enumerate((CREATING, DELETED, CREATING))],
        unit="s",
        limit=10,
        peer="Kamal: lock release by hand",
    )


def _recovered_s(trial: Trial, at: str, number: int) -> float:
    with killed_update(trial, at=at, deadline_s=2000 + number):
        pass
    duration_s = timed(lambda: trial.fondation("recover"))
    trial.up()
    return duration_s
