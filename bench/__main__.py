"""Runs every benchmark: `python -m bench`; prints Markdown and exits 1 when a limit was missed."""

import sys
import tempfile
from pathlib import Path

from bench import (
    courses,
    deployment,
    deployments,
    idempotence,
    page,
    pickup,
    preview_truth,
    queue,
    recovery,
    rendering,
    rollback,
    rotation,
)
from bench.report import Figure, machine, table
from tests.trial import new_trial


def main() -> int:
    """Deploy a throw-away stack, measure it, remove it."""
    print(f"Machine: {machine()}\n")
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="fondation-bench-") as folder:
        trial = new_trial(Path(folder), leaseSeconds="30", heartbeatSeconds="10", healthSeconds="5")
        trial.init()
        try:
            print(f"deploying {trial.name}", file=sys.stderr)
            trial.up()
            for figures_of_a_part in (
                idempotence.measure(trial, Path(folder) / "idempotence"),
                preview_truth.measure(Path(folder) / "truth"),
                deployment.measure(trial),
                rollback.measure(trial),
                page.measure(trial),
                recovery.measure(trial),
                pickup.measure(trial, Path(folder)),
                courses.measure(trial, Path(folder)),
                rendering.measure(),
                queue.measure(Path(folder)),
                rotation.measure(Path(folder) / "rotation"),
                deployments.measure(trial, Path(folder)),
            ):
                for figure in figures_of_a_part:
                    figures.append(figure)
                    print(figure.row(), file=sys.stderr)
        finally:
            trial.destroy()
    print(table(figures))
    return int(any("MISSED" in figure.row() for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
