"""One difference between what was deployed and what the daemon has."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What became of a deployed object."""

    REMOVED = "removed"
    STOPPED = "stopped"
    EDITED = "edited"
    SWAPPED = "swapped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A deployed object that is not as it was deployed.

    Attributes:
        urn: The resource in Pulumi's state; empty for what set-up makes outside of it.
        resource: The same for people, such as `Container/worker-container`.
        name: The object's name in the daemon.
        detail: What was deployed and what is there.
        replace: Whether an update has to be told to make it anew; otherwise a refresh shows Pulumi what to do.
        intruder: Id of the object that took its name and has to go first; empty when there is none.
    """

    urn: str
    resource: str
    name: str
    kind: Kind
    detail: str
    replace: bool = False
    intruder: str = ""
