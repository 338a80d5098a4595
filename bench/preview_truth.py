"""What a preview says beside what the following `up` does, change by change.

`python -m bench.preview_truth` prints the table of docs/operations/preview.md.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bench.report import Figure
from tests.preview_truth import SCENARIOS, Done, Scenario, deployed, previewed, trial_of_changes

Row = tuple[Scenario, Done, Done]
_HEAD = "| change | preview says | of which containers and volumes | up does the same |\n|---|---|---|---|"
_NOTABLE = frozenset({"Container", "Volume"})


def rows(folder: Path) -> Iterator[Row]:
    """Make one change after the other on a stack of its own; yield each with what was said and what was done."""
    with trial_of_changes(folder) as trial:
        for scenario in SCENARIOS:
            scenario.make(trial)
            said = previewed(trial, scenario)
            done = deployed(trial, scenario)
            print(line(scenario, said, done), file=sys.stderr, flush=True)
            yield scenario, said, done


def line(scenario: Scenario, said: Done, done: Done) -> str:
    """Return a change as a row of the table."""
    counts = Counter(operation for operation, _ in said)
    summary = ", ".join(f"{operation} {counts[operation]}" for operation in sorted(counts)) or "nothing"
    notable = sorted(f"{operation} `{urn.rpartition('::')[2]}`" for operation, urn in said if _kind(urn) in _NOTABLE)
    name = f"{scenario.name}{' (`--refresh`)' if scenario.refresh else ''}"
    return f"| {name} | {summary} | {', '.join(notable)} | {'yes' if said == done else '**NO**'} |"


def measure(folder: Path) -> Iterator[Figure]:
    """Yield in how many changes preview and up differ."""
    different = sum(said != done for _, said, done in rows(folder))
    yield Figure(
        name=f"changes of {len(SCENARIOS)} in which `up` does not do what the preview said",
        samples=[different],
        unit="",
        limit=0,
        peer="genuine provider, image by name: hides the container's replacement (pulumi-docker#293)",
    )


def main() -> int:
    """Print the table; 1 if a preview was wrong."""
    with tempfile.TemporaryDirectory(prefix="fondation-bench-") as folder:
        found = list(rows(Path(folder)))
    print("\n".join([_HEAD, *(line(*row) for row in found)]))
    return int(any(said != done for _, said, done in found))


def _kind(urn: str) -> str:
    return urn.split("::")[2].rpartition(":")[2]


if __name__ == "__main__":
    sys.exit(main())
