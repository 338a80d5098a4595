"""Rolling back to a healthy worker with its image present, and forward again."""

from collections.abc import Iterator

from bench.report import Figure, timed
from tests.trial import Trial

_RUNS = 3


def measure(trial: Trial) -> Iterator[Figure]:
    """Yield the figures of a deployed stack; leaves it at another release of the same program."""
    module = trial.checkout / "worker" / "__init__.py"
    module.write_text(f"{module.read_text()}\n# to be rolled back\n")
    trial.up()
    # Each goes to the release before: back, forward, back. The container resource waits until the worker is healthy.
    yield Figure(
        name="`bin/fondation rollback` to a healthy worker, image present",
        samples=[timed(lambda: trial.fondation("rollback", "previous")) for _ in range(_RUNS)],
        unit="s",
        limit=30,
    )
    yield Figure(
        name="`bin/fondation history`",
        samples=[timed(lambda: trial.fondation("history")) for _ in range(_RUNS)],
        unit="s",
    )
