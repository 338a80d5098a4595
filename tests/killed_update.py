"""An update of a trial's stack that is killed, with everything it started, at a line of its output."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.trial import Trial

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
    update = subprocess.Popen(
        ["bin/pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--color=never"],
        cwd=trial.checkout,
        env=trial.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        seen: list[str] = []
        for line in update.stdout or ():
            seen.append(line)
            if re.search(at, line):
                break
        else:
            raise AssertionError(f"the update never said {at!r}:\n{''.join(seen)}")
        # Halted, it holds the lock and cannot end before others have seen that.
        os.killpg(update.pid, signal.SIGSTOP)
        yield update.pid
    finally:
        os.killpg(update.pid, signal.SIGKILL)
        update.communicate()
