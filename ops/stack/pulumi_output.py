"""What Pulumi's output means: the counts of an update, and the causes of a failure that have a remedy."""

import re
from collections.abc import Mapping
from typing import Final

from ops.errors import (
    BusyError,
    CommandError,
    DaemonError,
    InterruptedUpdateError,
    NotDeployedError,
    OperatorNeededError,
    OpsError,
    SpaceError,
    StackError,
)
from ops.stack.locks import LOCKED, locks_in_message, refusal

DEV_STACK: Final = "dev"
_CHANGE: Final = re.compile(r"(\d+) ([a-z]+)")
# As Pulumi's Docker provider says it, ours (its remedy), and the daemon's own client; compared in lower case.
_DAEMON_GONE: Final = (
    "cannot connect to the docker daemon",
    "start docker (`systemctl start docker`",
    "docker was restarted, or somebody stopped it",
    "error while fetching server api version",
)
# As Pulumi says that its state cannot be read or written, wherever that is.
_STATE_GONE: Final = ("unable to open bucket", "could not list bucket", "blob (code=", "blob (key ")
_HALF_WRITTEN: Final = "failed to load checkpoint: eof"
_SWARM_LOST: Final = ("does not have a leader", "lost leader status", "--force-new-cluster")
# What Pulumi says of a local state that it cannot write.
_STATE_UNWRITABLE: Final = re.compile(r"open (\S+)/\.pulumi/\S+: (read-only file system|permission denied)")
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")


def resource_changes(output: str) -> dict[str, int]:
    """Return the counts of the summary that ends Pulumi's output, such as {"created": 2, "unchanged": 14}."""
    changes: dict[str, int] = {}
    _, _, summary = _COLOUR.sub("", output).rpartition("\nResources:\n")
    block, _, _ = summary.partition("\n\n")
    for count, what in _CHANGE.findall(block):
        if what != "changes":
            changes[what] = int(count)
    return changes


def nothing_changed(changes: Mapping[str, int]) -> bool:
    """Return whether an update touched nothing."""
    return set(changes) == {"unchanged"}


def not_deployed(stack: str) -> str:
    """Return the message about a stack that is not deployed."""
    command = "make up" if stack == DEV_STACK else f"bin/fondation up --stack {stack}"
    return f"the stack {stack} is not deployed: `{command}` does that"


def explained(error: CommandError, stack: str, *, shown: bool = False) -> OpsError:
    """Return the error of a Pulumi command, with the remedy where its output names a known cause.

    Args:
        error: How it failed.
        stack: Which stack it was for.
        shown: Whether its output was shown already, so that repeating it would only hide the message.
    """
    said = _COLOUR.sub("", error.tail)
    text = said.lower()
    if "no stack named" in text or "could not be found" in text:
        return NotDeployedError(not_deployed(stack))
    detail = f"`pulumi {error.argv[1]}` of stack {stack} failed; its output is above" if shown else str(error)
    if "incorrect passphrase" in text or "passphrase must be set" in text:
        default = (
            "; for the dev stack unset both, its passphrase is documented in README.md" if stack == DEV_STACK else ""
        )
        return StackError(
            f"the passphrase of stack {stack} is wrong or missing: set PULUMI_CONFIG_PASSPHRASE, or"
            f" PULUMI_CONFIG_PASSPHRASE_FILE, to the one that the stack was made with{default}\n{detail}"
        )
    if LOCKED in text:
        locked = refusal(locks_in_message(said), stack)
        return locked or BusyError(f"another command is at work on stack {stack}: wait for it\n{detail}")
    if _HALF_WRITTEN in text:
        return InterruptedUpdateError(
            f"an update of stack {stack} was killed while it wrote the state:"
            f" `bin/fondation recover --stack {stack}` puts it right, then run the command again\n{detail}"
        )
    if "another update is currently in progress" in text:
        return BusyError(
            f"another command is at work on stack {stack}: wait for it; if it was killed,"
            f" `bin/fondation recover --stack {stack}` puts it right\n{detail}"
        )
    return _outside_cause(error, detail) or StackError(detail)


def _outside_cause(error: CommandError, detail: str) -> OpsError | None:
    """Return the error of what was stopped from outside of Pulumi and its program, None for anything else.

    Looks through everything that was printed: a build's last lines push the cause out of the bounded end.
    """
    said = _COLOUR.sub("", f"{error.output}\n{error.tail}")
    text = said.lower()
    if found := _STATE_UNWRITABLE.search(said):
        return OperatorNeededError(
            f"Pulumi's state in {found[1]} cannot be written ({found[2]}): give this user the right to write there,"
            f" mount it writable, or set FONDATION_HOME to where the state is; then run the command again\n{detail}"
        )
    if "no space left on device" in text:
        return SpaceError(
            "the disk is full: free some space (`docker system df` shows what takes it, `bin/fondation prune` removes"
            f" images of old releases) and run the command again\n{detail}"
        )
    if any(sign in text for sign in _DAEMON_GONE):
        return DaemonError(
            "Docker stopped answering, or was restarted, while Pulumi was at work: start it (`systemctl start docker`,"
            f" or `dockerd`) and run the command again\n{detail}"
        )
    if any(sign in text for sign in _SWARM_LOST):
        return DaemonError(
            "the swarm has lost the majority of its managers: start them again, or go on with this one alone, services"
            " and secrets kept, by `docker swarm init --force-new-cluster --advertise-addr <its address>`; then run the"
            f" command again\n{detail}"
        )
    if any(sign in text for sign in _STATE_GONE):
        return StackError(
            "Pulumi's state cannot be reached: check the address in PULUMI_BACKEND_URL, the network and the credentials"
            f" for it\n{detail}"
        )
    return None
