"""Drift of a deployed stack."""

from components.machine import MachineFolders
from ops.drift.comparison import Comparison, compare
from ops.errors import DriftError, NotDeployedError
from ops.machine.docker_objects import docker_objects
from ops.machine.pulumi_cli import Pulumi
from ops.stack.history import current_state
from ops.stack.pulumi_output import not_deployed


def stack_drift(folders: MachineFolders, stack: str) -> Comparison:
    """Compare a stack with the daemon. Needs neither the stack's lock nor its passphrase.

    Raises:
        NotDeployedError: Nothing is deployed.
        StackError: Pulumi cannot tell.
        DaemonError: Docker does not answer.
    """
    state = current_state(Pulumi(folders, stack))
    if not state.resources:
        raise NotDeployedError(not_deployed(stack))
    with docker_objects() as objects:
        return compare(state, objects)


def require_none(stack: str, found: Comparison) -> None:
    """Check that there is no drift.

    Raises:
        DriftError: There is.
    """
    if found.drift:
        raise DriftError(
            f"{len(found.drift)} of {found.compared} deployed objects of stack {stack} are not as they were deployed:"
            f" `bin/fondation up --stack {stack}` repairs them"
        )
