"""What an update has to be told, and what has to go before it, so that it repairs drift."""

from collections.abc import Sequence
from dataclasses import dataclass

from ops.context import Report
from ops.drift.comparison import CONTAINER_TYPE, TAG_TYPE
from ops.drift.finding import Drift, Kind
from ops.machine.docker_objects import DockerObjects
from ops.stack.state import IMAGE_TYPE, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """Options of the repairing update.

    Attributes:
        refresh: Whether Pulumi has to look at the daemon first.
        replace: URNs of resources to make anew.
        intruders: What took the name of a deployed object, containers before networks.
    """

    refresh: bool = False
    replace: Sequence[str] = ()
    intruders: Sequence[Drift] = ()


def plan_repair(state: State, drift: Sequence[Drift]) -> Repair:
    """Return how an update repairs drift.

    An image that is built again has another id, so the names that point at it are made anew as well; those that are
    gone are not named, because after the refresh Pulumi knows nothing of them that it could replace.
    """
    by_urn = {item.urn: item for item in drift if item.urn}
    images = {
        resource.inputs.get("imageName")
        for resource in state.resources
        if resource.type == IMAGE_TYPE and resource.urn in by_urn
    }
    tags = [
        resource.urn
        for resource in state.resources
        if resource.type == TAG_TYPE
        and resource.inputs.get("sourceImage") in images
        and (resource.urn not in by_urn or by_urn[resource.urn].kind is not Kind.REMOVED)
    ]
    replace = dict.fromkeys([*(item.urn for item in drift if item.replace), *tags])
    intruders = [item for item in drift if item.intruder]
    return Repair(
        refresh=bool(by_urn),
        replace=list(replace),
        intruders=sorted(intruders, key=lambda item: not _is_container(item)),
    )


def make_room(repair: Repair, objects: DockerObjects, *, report: Report) -> None:
    """Remove what took the name of a deployed object; a container gets the time to stop that it asks for.

    Raises:
        StackError: A network in the way is in use.
        DaemonError: Docker refused.
    """
    for item in repair.intruders:
        report("repair", f"removing {item.name} ({item.intruder[:12]}): it has the name of what was deployed")
        if _is_container(item):
            found = objects.container(item.intruder) or {}
            grace_s = int((found.get("Config") or {}).get("StopTimeout") or 0)
            objects.remove_container(item.intruder, grace_s=grace_s)
        else:
            objects.remove_network(item.intruder)


def _is_container(item: Drift) -> bool:
    return item.resource.startswith(CONTAINER_TYPE.rpartition(":")[2])
