"""Compares the recorded state of a deployment with what the daemon has, object by object. Asks, never changes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ops.drift.finding import Drift, Kind
from ops.machine.docker_objects import Description, Objects
from ops.stack.state import IMAGE_TYPE, VOLUME_TYPE, Recorded, State

CONTAINER_TYPE: Final = "docker:index/container:Container"
NETWORK_TYPE: Final = "docker:index/network:Network"
TAG_TYPE: Final = "docker:index/tag:Tag"
_MIB: Final = 1 << 20
_NANO: Final = 1_000_000_000
_NAMED_NETWORKS: Final = ("container:", "host", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What was found.

    Attributes:
        drift: The differences, in the order of the state.
        compared: Number of deployed objects that were looked at.
        not_compared: Resources of types that this module does not know, for people.
    """

    drift: Sequence[Drift]
    compared: int
    not_compared: Sequence[str]


def compare(state: State, objects: Objects) -> Comparison:
    """Compare every Docker resource of a recorded state with the daemon."""
    drift: list[Drift] = []
    compared = 0
    not_compared = []
    for resource in state.resources:
        if not resource.custom or resource.is_provider:
            continue
        check = _CHECKS.get(resource.type)
        if check is None:
            not_compared.append(_label(resource))
            continue
        compared += 1
        drift += check(resource, objects)
    for name in sorted(state.foreign_images()):
        compared += 1
        if objects.image(name) is None:
            detail = "the image that set-up made is gone; set-up makes it again"
            drift.append(Drift(urn="", resource="Image", name=name, kind=Kind.REMOVED, detail=detail))
    return Comparison(drift=drift, compared=compared, not_compared=not_compared)


def _container(resource: Recorded, objects: Objects) -> Iterator[Drift]:
    name = str(resource.inputs["name"])
    drift = _drift(resource, name)
    found = objects.container(resource.id)
    if found is None:
        other = objects.container(name)
        if other is None:
            yield drift(Kind.REMOVED, "the container is gone")
        else:
            detail = f"another container has its name: {_short(other['Id'])} instead of {_short(resource.id)}"
            yield drift(Kind.SWAPPED, f"{detail}, made {other['Created'][:19]}", intruder=other["Id"])
        return
    stopped = _stopped(resource, found["State"])
    if stopped:
        yield drift(Kind.STOPPED, stopped, replace=True)
        return
    edits = [*_renamed(name, found), *_limits(resource.inputs, found["HostConfig"])]
    rebuilt = list(_unseen(resource.inputs, found))
    if edits or rebuilt:
        yield drift(Kind.EDITED, "; ".join([*edits, *rebuilt]), replace=bool(rebuilt) or name != found["Name"][1:])


def _stopped(resource: Recorded, state: Mapping[str, Any]) -> str:
    if not resource.inputs.get("mustRun", True) or not resource.inputs.get("start", True):
        return ""
    if state.get("Paused"):
        return "it is paused"
    if state.get("Restarting"):
        return f"it keeps ending, last with exit code {state['ExitCode']}"
    if not state["Running"]:
        cause = ", out of memory" if state.get("OOMKilled") else ""
        return f"it ended with exit code {state['ExitCode']}{cause} at {str(state.get('FinishedAt'))[:19]}"
    if (state.get("Health") or {}).get("Status") == "unhealthy":
        return "it runs and is not healthy"
    return ""


def _renamed(name: str, found: Description) -> Iterator[str]:
    if found["Name"] != f"/{name}":
        yield f"it is now named {found['Name'][1:]}"


def _limits(inputs: Mapping[str, Any], host: Mapping[str, Any]) -> Iterator[str]:
    """What a refresh sees too, so that an update changes it back in place."""
    swap = host["MemorySwap"]
    live = {
        "memory": host["Memory"] // _MIB,
        "memorySwap": swap if swap < 0 else swap // _MIB,
        "memoryReservation": host["MemoryReservation"] // _MIB,
        "cpuShares": host["CpuShares"],
        "cpuSet": host["CpusetCpus"],
        "restart": host["RestartPolicy"]["Name"] or "no",
        "maxRetryCount": host["RestartPolicy"]["MaximumRetryCount"],
    }
    for key, value in live.items():
        wanted = inputs.get(key)
        if wanted is not None and wanted != value:
            yield f"{key} is {value} instead of {wanted}"


def _unseen(inputs: Mapping[str, Any], found: Description) -> Iterator[str]:
    """What only another container can put right, because no refresh reports it."""
    host = found["HostConfig"]
    cpus = host["NanoCpus"] / _NANO
    if inputs.get("cpus") is not None and float(inputs["cpus"]) != cpus:
        yield f"cpus is {cpus:g} instead of {float(inputs['cpus']):g}"
    if host.get("PidsLimit"):
        yield f"it has a limit of {host['PidsLimit']} processes that it was not deployed with"
    wanted = str(inputs.get("networkMode", "bridge"))
    if wanted.startswith(_NAMED_NETWORKS) or inputs.get("networksAdvanced"):
        return
    attached = {name: network.get("NetworkID") for name, network in found["NetworkSettings"]["Networks"].items()}
    if wanted not in {*attached, *attached.values()}:
        yield f"it is not connected to its network {_short(wanted)}"
    for name, network_id in sorted(attached.items()):
        if wanted not in {name, network_id}:
            yield f"it is also connected to network {name}"


def _network(resource: Recorded, objects: Objects) -> Iterator[Drift]:
    name = str(resource.inputs["name"])
    drift = _drift(resource, name)
    if objects.network(resource.id) is not None:
        return
    other = objects.network(name)
    if other is None or other["Name"] != name:
        yield drift(Kind.REMOVED, "the network is gone")
    else:
        detail = f"another network has its name: {_short(other['Id'])} instead of {_short(resource.id)}"
        yield drift(Kind.SWAPPED, detail, intruder=other["Id"])


def _volume(resource: Recorded, objects: Objects) -> Iterator[Drift]:
    found = objects.volume(resource.id)
    drift = _drift(resource, resource.id)
    if found is None:
        yield drift(Kind.REMOVED, "the volume and what was in it are gone; an update makes an empty one")
        return
    if found["Driver"] != resource.outputs.get("driver"):
        yield drift(Kind.EDITED, f"its driver is {found['Driver']} instead of {resource.outputs.get('driver')}")


def _image(resource: Recorded, objects: Objects) -> Iterator[Drift]:
    yield from _named_image(
        resource,
        name=str(resource.inputs["imageName"]),
        wanted=str(resource.outputs.get("repoDigest") or ""),
        objects=objects,
        rebuilt=True,
    )


def _tag(resource: Recorded, objects: Objects) -> Iterator[Drift]:
    yield from _named_image(
        resource,
        name=str(resource.inputs["targetImage"]),
        wanted=str(resource.outputs.get("sourceImageId") or ""),
        objects=objects,
        rebuilt=False,
    )


def _named_image(resource: Recorded, *, name: str, wanted: str, objects: Objects, rebuilt: bool) -> Iterator[Drift]:
    drift = _drift(resource, name)
    found = objects.image(name)
    if found is None:
        # Of a tag a refresh finds out by itself, of an image it does not even ask.
        yield drift(Kind.REMOVED, "the daemon has no image of this name", replace=rebuilt)
    elif wanted.startswith("sha256:") and found["Id"] != wanted:
        yield drift(Kind.SWAPPED, f"it is image {_short(found['Id'])} instead of {_short(wanted)}", replace=True)


Check = Callable[[Recorded, Objects], Iterator[Drift]]
_CHECKS: Final[Mapping[str, Check]] = {
    CONTAINER_TYPE: _container,
    IMAGE_TYPE: _image,
    NETWORK_TYPE: _network,
    TAG_TYPE: _tag,
    VOLUME_TYPE: _volume,
}


def _drift(resource: Recorded, name: str) -> Callable[..., Drift]:
    def make(kind: Kind, detail: str, *, replace: bool = False, intruder: str = "") -> Drift:
        return Drift(
            urn=resource.urn,
            resource=_label(resource),
            name=name,
            kind=kind,
            detail=detail,
            replace=replace,
            intruder=intruder,
        )

    return make


def _label(resource: Recorded) -> str:
    return f"{resource.type.rpartition(':')[2]}/{resource.name}"


def _short(reference: str) -> str:
    return reference.removeprefix("sha256:")[:12]
