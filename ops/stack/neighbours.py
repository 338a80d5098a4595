"""Whose the objects of a stack's names are: this state's, another state's that uses the same names, or nobody's.

Two checkouts with stacks of one name meet on one daemon. Containers, networks and services have ids, so what this
state did not record is not its own. A volume is known by its name alone, and the Docker provider adopts one that is
there without a word: its labels say whose it is (`components.ownership`). Looks only, changes nothing.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import unquote, urlsplit

from components.machine import MachineFolders
from components.ownership import Owner
from components.stack_names import StackNames
from ops.errors import NeighbourError, UnownedVolumeError
from ops.machine.docker_objects import docker_client
from ops.stack.locks import PROJECT
from ops.stack.state import State
from ops.stack.turn import last_owner
from pulumi_offline.home import environment

CONTAINER: Final = "container"
NETWORK: Final = "network"
SERVICE: Final = "service"
VOLUME: Final = "volume"
_TYPES: Final = {
    "docker:index/container:Container": CONTAINER,
    "docker:index/network:Network": NETWORK,
    "docker:index/service:Service": SERVICE,
    "docker:index/volume:Volume": VOLUME,
}
# A label that our containers have, and no container that somebody made by hand in place of a lost one.
_OURS: Final = "org.fondation.probe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An object of the daemon that has one of the stack's names; a volume's id is its name."""

    kind: str
    name: str
    id: str
    labels: Mapping[str, str]
    condition: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}{f' ({self.condition})' if self.condition else ''}"


class States(Protocol):
    """Answers for other states on this machine."""

    def records(self, owner: Owner, stack: str, volume: str) -> bool:
        """Return whether a state still has a volume; true where that cannot be looked up."""


class LocalStates:
    """States in folders of this machine; one in a bucket, or of another user, is taken to have what its label says."""

    def records(self, owner: Owner, stack: str, volume: str) -> bool:
        """See `States`."""
        parts = urlsplit(owner.state)
        if parts.scheme != "file":
            return True
        file = Path(unquote(parts.path)) / ".pulumi" / "stacks" / PROJECT / f"{stack}.json"
        try:
            return volume in State.parse(json.loads(file.read_text(encoding="utf-8"))).volumes()
        except FileNotFoundError:
            return False
        except (OSError, ValueError):
            return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """What has the stack's names and is not this state's.

    Attributes:
        taken: Objects of another state that still has them.
        owner: Who that is, as far as a label tells.
        unowned: Volumes that no state has any more.
    """

    taken: Sequence[Found] = ()
    owner: Owner | None = None
    unowned: Sequence[Found] = ()


def neighbours(folders: MachineFolders, stack: str, state: State) -> Neighbours:
    """Return what of the daemon's objects has a name of the stack and belongs to another state, or to none.

    Args:
        folders: Where the checkout and Pulumi's state are.
        stack: The stack's name.
        state: What Pulumi recorded of it.

    Raises:
        DaemonError: Docker does not answer.
    """
    name = stack.rpartition("/")[2]
    own = owner_of(folders, stack)
    found = judged(found_objects(StackNames(stack=name)), state, own, name, LocalStates())
    if found.taken and found.owner is None and (last := last_owner(name)) != own:
        return replace(found, owner=last)
    return found


def owner_of(folders: MachineFolders, stack: str) -> Owner:
    """Return the owner of what a checkout deploys: the checkout and the state that it uses for a stack."""
    return Owner.of(folders.checkout, environment(folders.checkout, folders.home, stack)["PULUMI_BACKEND_URL"])


def judged(found: Iterable[Found], state: State, own: Owner, stack: str, states: States) -> Neighbours:
    """Return whose the found objects are.

    Args:
        found: Objects that have a name of the stack.
        state: What Pulumi recorded of the stack.
        own: Who asks.
        stack: The stack's name.
        states: Answers for other states.
    """
    recorded = _recorded(state)
    taken: list[Found] = []
    loose: list[Found] = []
    owners: list[Owner] = []
    for item in found:
        if item.kind != VOLUME:
            if not _is_own(item, recorded, state):
                taken.append(item)
            continue
        owner = Owner.labelled(item.labels)
        mine = recorded.get((VOLUME, item.name))
        if mine is not None and owner in {None, own, _recorded_owner(mine)}:
            continue
        if item.name in state.interrupted and owner in {None, own}:
            continue
        if owner is not None and owner.state != own.state and states.records(owner, stack, item.name):
            taken.append(item)
            owners.append(owner)
        elif mine is None:
            loose.append(item)
    if taken:
        return Neighbours(taken=tuple(sorted([*taken, *loose], key=str)), owner=owners[0] if owners else None)
    return Neighbours(unowned=tuple(sorted(loose, key=str)))


def require_own(found: Neighbours, folders: MachineFolders, stack: str, *, adopted: Sequence[str] | None = ()) -> None:
    """Check that nothing of another state is in the stack's way.

    Args:
        found: What is not this state's.
        folders: Where the checkout is.
        stack: The stack's name.
        adopted: Names of volumes that the operator wants to take over; None where unowned ones do no harm.

    Raises:
        NeighbourError: Another state has objects of these names; says which, whose, and both ways out.
        UnownedVolumeError: Volumes are there that no state has; says how each is taken over, or removed.
    """
    if found.taken:
        raise NeighbourError(_neighbour_text(found, folders, stack))
    if adopted is None:
        return
    names = {item.name for item in found.unowned}
    unknown = [name for name in adopted if name not in names]
    if unknown:
        there = ", ".join(sorted(names)) or "there are none"
        raise UnownedVolumeError(
            f"--adopt {' '.join(unknown)}: that is no volume of stack {stack} that nobody owns ({there})"
        )
    left = sorted(names - set(adopted))
    if left:
        raise UnownedVolumeError(
            f"stack {stack} was about to make volumes that are there already, and no state that can be found has"
            " them:\n"
            + "\n".join(f"  volume {name}" for name in left)
            + "\nThey may hold data of a stack whose state was lost. Nothing was touched. To go on with what is in"
            " them:\n"
            f"  bin/fondation up --stack {stack} {' '.join(f'--adopt {name}' for name in left)}\n"
            f"or, to begin anew without it: `docker volume rm {' '.join(left)}`"
        )


def _neighbour_text(found: Neighbours, folders: MachineFolders, stack: str) -> str:
    listed = "\n".join(f"  {item}" for item in found.taken)
    if found.owner is None:
        whose = (
            "Which checkout they were made from is not recorded on them: a release before these labels made them; look"
            " for the one whose `bin/fondation history` shows them"
        )
        there = "in that checkout"
        where = ""
    else:
        gone = "" if Path(found.owner.checkout).is_dir() else ", which is not there any more"
        whose = f"They belong to the checkout {found.owner.checkout}{gone}, with its state in {found.owner.state}"
        there = "there, where its data goes with it"
        local = found.owner.state.startswith("file://")
        variable = "" if local else f"PULUMI_BACKEND_URL={found.owner.state} "
        where = f"cd {found.owner.checkout} && {variable}" if not gone else f"PULUMI_BACKEND_URL={found.owner.state} "
    return (
        f"objects with the names of stack {stack} belong to another state:\n{listed}\n{whose}.\n"
        f"Nothing was touched here. Two ways out of it:\n"
        f"1. remove that stack {there}:\n"
        f"     {where}bin/fondation down --stack {stack}\n"
        f"2. give {folders.checkout} a stack of its own name, ports and images:\n"
        f"     bin/pulumi stack init <name>\n"
        f"     bin/pulumi config set fondation:environment development --stack <name>\n"
        f"     bin/pulumi config set fondation:webPort 8520 --stack <name>\n"
        f"     bin/pulumi config set fondation:backendPort 8521 --stack <name>\n"
        f"     bin/pulumi config set fondation:imageNamespace <name>/ --stack <name>\n"
        f"     bin/fondation up --stack <name>"
    )


def found_objects(names: StackNames) -> list[Found]:
    """Return what the daemon has of a stack's names; services where it is a swarm's manager.

    Raises:
        DaemonError: Docker does not answer.
    """
    wanted = names.all()
    with docker_client("while the names of the stack were looked up") as client:
        api = client.api
        found = [
            Found(
                kind=CONTAINER, name=name, id=str(item["Id"]), labels=item.get("Labels") or {}, condition=item["State"]
            )
            for item in api.containers(all=True, filters={"name": f"^/{names.of('')}"})
            for name in (text.removeprefix("/") for text in item["Names"])
            if name in wanted
        ]
        found += [
            Found(kind=NETWORK, name=item["Name"], id=item["Id"], labels=item.get("Labels") or {})
            for item in api.networks(names=[names.of("")])
            if item["Name"] in wanted
        ]
        found += [
            Found(kind=VOLUME, name=item["Name"], id=item["Name"], labels=item.get("Labels") or {})
            for item in api.volumes(filters={"name": names.of("")})["Volumes"] or ()
            if item["Name"] in wanted
        ]
        if (api.info().get("Swarm") or {}).get("ControlAvailable"):
            found += [
                Found(kind=SERVICE, name=item["Spec"]["Name"], id=item["ID"], labels=item["Spec"].get("Labels") or {})
                for item in api.services(  # type: ignore[no-untyped-call]  # the stubs leave it out
                    filters={"name": names.of("")}
                )
                if item["Spec"]["Name"] in wanted
            ]
    return found


def _recorded(state: State) -> dict[tuple[str, str], Any]:
    """The state's objects by kind and name."""
    return {
        (_TYPES[item.type], str(item.inputs.get("name", item.id))): item
        for item in state.resources
        if item.type in _TYPES
    }


def _is_own(found: Found, recorded: Mapping[tuple[str, str], Any], state: State) -> bool:
    if found.name in state.interrupted:
        return True  # perhaps what a killed update had just made: `recover` looks closer
    known = recorded.get((found.kind, found.name))
    if known is None:
        return False
    # Something else of that name is drift, which an update repairs, unless it is a part of a stack itself.
    return known.id == found.id or found.kind != CONTAINER or _OURS not in found.labels


def _recorded_owner(item: Any) -> Owner | None:  # noqa: ANN401 - a resource of the state
    return Owner.labelled({label["label"]: label["value"] for label in item.inputs.get("labels") or ()})
