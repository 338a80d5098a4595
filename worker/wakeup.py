"""Prints a line whenever the queue changed and has pending jobs: `python -m worker.wakeup <url> [<key file>]`.

Holds the official Convex client's subscription to `queue:getMetrics`. A process of its own, because that client holds
the interpreter's lock while it waits; the worker only reads this process's output (`worker.subscription`).
"""

import os
import sys
from pathlib import Path
from typing import Final

QUERY: Final = "queue:getMetrics"


def may_have_work(metrics: object) -> bool:
    """Return whether a value of the query leaves room for a pending job: other workers' progress is no news."""
    counts = metrics.get("counts") if isinstance(metrics, dict) else None
    pending = counts.get("pending") if isinstance(counts, dict) else None
    return not isinstance(pending, int | float) or pending > 0


def main(arguments: list[str]) -> int:
    """Print `change` for every value that may mean work, until the client gives up or the reader is gone."""
    # The client writes functions' log lines to standard output: keep ours apart from them.
    output = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    from convex import ConvexClient  # noqa: PLC0415 - starts its own logging when imported

    client = ConvexClient(arguments[0])
    if len(arguments) > 1:
        client.set_admin_auth(Path(arguments[1]).read_text(encoding="utf-8").strip())
    try:
        for value in client.subscribe(QUERY):
            if may_have_work(value):
                output.write("change\n")
    except BrokenPipeError:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
