"""An update of a trial's stack that is killed, with everything it started, at a line of its output."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from tests.trial import Trial, await_line

CREATING = r"worker-container creating replacement .*waiting"
DELETED = r"worker-container deleted original"


@contextmanager
def killed_update(trial: Trial, *, at: str, deadline_s: int) -> Iterator[int]:
    """Begin an update, halt it at a line, yield its process id, then kill it.

    Args:
        trial: A deployed stack.
        at: Pattern of the line.
        deadline_s: The new job deadline, for which the project's program replaces the worker.
    """
    trial.pulumi("config", "set", "fondation:jobDeadlineSeconds", str(deadline_s))
    update = trial.begin("bin/pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--color=never")
    try:
        await_line(update, at)
        # Halted, it holds the lock and cannot end before others have seen that.
        os.killpg(update.pid, signal.SIGSTOP)
        yield update.pid
    finally:
        os.killpg(update.pid, signal.SIGKILL)
        update.communicate()
