"""Putting a stack right after an update that was killed, together with everything it had started.

Such an update leaves its lock, operations that Pulumi does not know the end of, and objects that it made but did not
record, whose names are then taken. All three go; what was recorded stays. No state is edited: Pulumi forgets the
interrupted creations itself and reads again what became of the rest. The next `up` does what the killed one wanted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ops.context import Context, Line, Report
from ops.errors import CommandError, InterruptedUpdateError, StackError
from ops.machine.docker_objects import Description, DockerObjects, Objects, docker_objects
from ops.machine.pulumi_cli import UP_TIMEOUT_S, Pulumi
from ops.stack.half_written import mend
from ops.stack.history import exported
from ops.stack.locks import Holder, refusal, stack_locks
from ops.stack.neighbours import neighbours, require_own
from ops.stack.pulumi_output import explained
from ops.stack.state import State

_REFRESH: Final = ("refresh", "--yes", "--skip-preview", "--clear-pending-creates")
_CONTAINER: Final = "docker:index/container:Container"
_NETWORK: Final = "docker:index/network:Network"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """A container or network that a killed update made and did not record; `grace_s` is its time to drain."""

    type: str
    name: str
    id: str
    grace_s: int = 0


def recover(context: Context) -> bool:
    """Put a stack right after a killed update; return whether there was anything to put right.

    Raises:
        BusyError: The update is not dead: a process of this machine, or of another one, holds the lock.
        NotDeployedError: There is no such stack.
        StackError: Something else has the name of one of its objects, or Pulumi failed.
        NeighbourError: Another state has objects of the stack's names; nothing was touched.
        DaemonError: Docker does not answer.
    """
    stack_name, report = context.stack, context.report
    pulumi = Pulumi(context.folders, stack_name)
    locks = stack_locks(context.folders, stack_name)
    blocked = refusal([lock for lock in locks or [] if lock.holder is not Holder.GONE], stack_name)
    if blocked is not None:
        raise blocked
    mended = mend(context.folders, stack_name, report)
    recorded = _recorded(pulumi)
    own = State.parse({"version": 3, "deployment": recorded})
    require_own(neighbours(context.folders, stack_name, own), context.folders, stack_name, adopted=None)
    pending = recorded.get("pending_operations") or []
    if not pending and locks is not None and not locks:
        if not mended:
            report("state", "no update was interrupted: nothing to recover")
        return mended
    for operation in pending:
        report("interrupted", f"{operation.get('type')} {_short(operation['resource']['urn'])}")
    with docker_objects() as objects:
        found = leftovers(recorded, objects)
        if locks:
            _unlock(pulumi, report=report, show=context.show)
        _refresh(pulumi, report=report, show=context.show)
        # After the refresh: it held the lock, so that nothing of an update that still runs can be among them.
        for leftover in found:
            _remove(leftover, objects, report)
    report("state", "is what Docker has; `bin/fondation up` goes on from here")
    return True


def _recorded(pulumi: Pulumi) -> Mapping[str, Any]:
    """The deployment as Pulumi recorded it."""
    return exported(pulumi).get("deployment") or {}


def _refresh(pulumi: Pulumi, *, report: Report, show: Line) -> None:
    """Have Pulumi record what became of everything; what only now turns out to be locked by nobody is unlocked."""
    try:
        _call(pulumi, *_REFRESH, show=show)
    except InterruptedUpdateError:
        _unlock(pulumi, report=report, show=show)
        _call(pulumi, *_REFRESH, show=show)


def _unlock(pulumi: Pulumi, *, report: Report, show: Line) -> None:
    _call(pulumi, "cancel", "--yes", show=show)
    report("lock", "taken away: the process that held it does not run any more")


def _call(pulumi: Pulumi, *arguments: str, show: Line) -> None:
    try:
        pulumi.run(*arguments, "--stack", pulumi.stack, timeout_s=UP_TIMEOUT_S, on_line=show)
    except CommandError as error:
        raise explained(error, pulumi.stack, shown=True) from error


def leftovers(recorded: Mapping[str, Any], objects: Objects) -> Sequence[Leftover]:
    """Return what an interrupted creation made and did not record, containers first.

    Args:
        recorded: A deployment of Pulumi.
        objects: What the daemon has.

    Raises:
        StackError: An object of that name exists and is not what was to be made.
    """
    known = {resource.get("id") for resource in recorded.get("resources") or []}
    found: list[Leftover] = []
    for operation in recorded.get("pending_operations") or []:
        resource = operation["resource"]
        inputs = resource.get("inputs") or {}
        name = str(inputs.get("name", ""))
        if operation.get("type") != "creating" or not name:
            continue
        if resource["type"] == _CONTAINER:
            container = objects.container(name)
            if container is not None and container["Id"] not in known:
                _require_ours(container, inputs)
                grace_s = int(inputs.get("destroyGraceSeconds") or inputs.get("stopTimeout") or 0)
                found.append(Leftover(type=_CONTAINER, name=name, id=container["Id"], grace_s=grace_s))
        elif resource["type"] == _NETWORK:
            network = objects.network(name)
            if network is not None and network["Id"] not in known and network["Name"] == name:
                found.append(Leftover(type=_NETWORK, name=name, id=network["Id"]))
    return sorted(found, key=lambda leftover: leftover.type)


def _require_ours(container: Description, inputs: Mapping[str, Any]) -> None:
    labels = container["Config"].get("Labels") or {}
    wanted = {item["label"]: item["value"] for item in inputs.get("labels") or []}
    same_image = inputs.get("image") in {container["Image"], container["Config"]["Image"]}
    if not same_image or any(labels.get(label) != value for label, value in wanted.items()):
        name = inputs["name"]
        raise StackError(
            f"container {name} is not the one that the killed update was making, and has its name: rename it"
            f" (`docker rename {name} …`) or remove it (`docker rm -f {name}`), and run this again"
        )


def _remove(leftover: Leftover, objects: DockerObjects, report: Report) -> None:
    kind = leftover.type.rpartition(":")[2].lower()
    report("leftover", f"removing {kind} {leftover.name}, which was made and not recorded")
    if leftover.type == _CONTAINER:
        objects.remove_container(leftover.id, grace_s=leftover.grace_s)
    else:
        objects.remove_network(leftover.id)


def _short(urn: str) -> str:
    kind, name = urn.split("::", 3)[2:]
    return f"{kind.rpartition(':')[2]}/{name}"
