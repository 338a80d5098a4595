"""Whether the running worker took a new credential: asked of its own metrics, inside its container."""

import re
from collections.abc import Callable
from typing import Final

from docker.errors import NotFound as NoSuchThing

from components.image_layout import PYTHON
from components.stack_names import StackNames
from ops.machine.docker_objects import docker_client

WAIT_S: Final = 30.0
_PAUSE_S: Final = 0.5
_ACCEPTED: Final = re.compile(rb"^fondation_claude_credential_accepted_timestamp_seconds (\S+)$", re.MULTILINE)
_READ: Final = (
    "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8080/metrics', timeout=3).read().decode())"
)


def wait_until_accepted(stack: str, since_s: float, *, sleep: Callable[[float], None]) -> str:
    """Return a sentence on whether the worker's model accepted a credential after a time; waits for it a little.

    A worker that is busy looks at its credential when its job ends; that is no failure.

    Raises:
        DaemonError: Docker does not answer.
    """
    name = StackNames(stack=stack).of("worker")
    with docker_client(f"while {name} was asked", timeout_s=30) as client:
        try:
            worker = client.containers.get(name)
            for _ in range(int(WAIT_S / _PAUSE_S)):
                output = worker.exec_run([PYTHON, "-c", _READ]).output
                if isinstance(output, bytes) and accepted_s(output) >= since_s:
                    return f"{name} uses it; nothing was restarted"
                sleep(_PAUSE_S)
        except NoSuchThing:
            return f"{name} does not run: it will find the new credential when it does"
    return f"{name} is busy; it reads the new credential before its next use of the model"


def accepted_s(metrics: bytes) -> float:
    """Return when the worker's credential was last accepted, in seconds since the epoch; 0 for never."""
    found = _ACCEPTED.search(metrics)
    return float(found[1]) if found else 0.0
