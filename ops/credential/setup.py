"""`claude setup-token` in the authenticated image, on the operator's terminal.

What it prints is seen by the operator alone: nothing is captured. The token is pasted at the prompt that follows.
"""

import subprocess
import sys

from ops.errors import ModelError, OperatorNeededError
from ops.machine.facts import program


def setup_argv(docker: str, image: str) -> list[str]:
    """Return the command line: interactive, with nothing kept of it."""
    return [
        *(docker, "run", "--rm", "--interactive", "--tty", "--cap-drop", "ALL"),
        *("--security-opt", "no-new-privileges", "--tmpfs", "/tmp:mode=1777"),  # noqa: S108 - the container's own
        *("--entrypoint", "/opt/claude/claude", image, "setup-token"),
    ]


def run_setup_token(image: str) -> None:
    """Run it to its end.

    Raises:
        OperatorNeededError: There is no terminal, or no docker client.
        ModelError: It failed.
    """
    docker = program("docker")
    if docker is None or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise OperatorNeededError(
            "`claude setup-token` needs a terminal and the docker client: run it where you have both and give the token"
            " to `bin/fondation auth login --stdin`"
        )
    code = subprocess.run(setup_argv(docker, image), check=False).returncode
    if code != 0:
        raise ModelError(f"`claude setup-token` ended with exit code {code}: nothing was stored")
