"""Runs the benchmarks: `python -m bench`; prints Markdown and exits 1 when a limit was missed.

`python -m bench quality analysis model moving searching` runs those alone, which deploy nothing.
"""

import itertools
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import (
    analysis,
    course_quality,
    courses,
    deployment,
    deployments,
    idempotence,
    model_course,
    moving,
    page,
    pickup,
    preview_truth,
    queue,
    recovery,
    rendering,
    rollback,
    rotation,
    searching,
)
from bench.report import Figure, machine, table
from tests.trial import new_trial

ALONE = {
    "quality": course_quality.measure,
    "analysis": analysis.measure,
    "model": model_course.measure,
    "moving": moving.measure,
    "searching": searching.measure,
}


def main(names: Sequence[str]) -> int:
    """Measure the named parts, by default all: then a throw-away stack is deployed, measured and removed."""
    unknown = set(names) - ALONE.keys()
    if unknown:
        print(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(ALONE)}", file=sys.stderr)
        return 2
    print(f"Machine: {machine()}\n")
    figures: list[Figure] = []
    for figure in itertools.chain.from_iterable(ALONE[name]() for name in names or ALONE):
        figures.append(figure)
        print(figure.row(), file=sys.stderr)
    if not names:
        for figure in _deployed():
            figures.append(figure)
            print(figure.row(), file=sys.stderr)
    print(table(figures))
    return int(any("MISSED" in figure.row() for figure in figures))


def _deployed() -> Iterator[Figure]:
    """Yield what can only be measured on a deployed stack."""
    with tempfile.TemporaryDirectory(prefix="fondation-bench-") as folder:
        trial = new_trial(Path(folder), leaseSeconds="30", heartbeatSeconds="10", healthSeconds="5")
        trial.init()
        try:
            print(f"deploying {trial.name}", file=sys.stderr)
            trial.up()
            yield from idempotence.measure(trial, Path(folder) / "idempotence")
            yield from preview_truth.measure(Path(folder) / "truth")
            yield from deployment.measure(trial)
            yield from rollback.measure(trial)
            yield from page.measure(trial)
            yield from recovery.measure(trial)
            yield from pickup.measure(trial, Path(folder))
            yield from courses.measure(trial, Path(folder))
            yield from rendering.measure()
            yield from queue.measure(Path(folder))
            yield from rotation.measure(Path(folder) / "rotation")
            yield from deployments.measure(trial, Path(folder))
        finally:
            trial.destroy()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
