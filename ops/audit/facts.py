"""What a check may look at: an image, a container, the daemon that runs it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ops.audit.file_tree import FileTree

Record = Mapping[str, Any]
"""Part of what Docker's API answers; its shape is the API's."""


class Kind(StrEnum):
    """What a subject is; a check says for which it holds."""

    BASE = "base"
    """The OS base: every other image starts from it, and no process ever does."""
    IMAGE = "image"
    """An image that containers run, or that one of those starts from."""
    SERVICE = "service"
    """A container that runs."""
    COURIER = "courier"
    """A container that carries a secret into a volume and is never started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFacts:
    """An image.

    Attributes:
        role: What the stack calls it.
        name: A name of it.
        inspect: The daemon's record of it.
        history: The instruction of each layer, newest first.
        files: Everything in it.
    """

    role: str
    kind: Kind
    name: str
    inspect: Record
    history: Sequence[str]
    files: FileTree

    @property
    def config(self) -> Record:
        """What containers of the image start with."""
        return section(self.inspect, "Config")

    @property
    def labels(self) -> Mapping[str, str]:
        """The image's labels."""
        return section(self.config, "Labels")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerFacts:
    """A container.

    Attributes:
        role: What the stack calls it.
        name: Its name.
        inspect: The daemon's record of it.
        image_labels: Labels of the image that it was made from.
        processes: Command lines of what runs in it.
        execs: Records of the commands that were started in it beside its own.
        security: The daemon's security options, such as `name=apparmor`.
    """

    role: str
    kind: Kind
    name: str
    inspect: Record
    image_labels: Mapping[str, str] = field(default_factory=dict)
    processes: Sequence[str] = ()
    execs: Sequence[Record] = ()
    security: Sequence[str] = ()

    @property
    def host(self) -> Record:
        """How it is confined."""
        return section(self.inspect, "HostConfig")

    @property
    def config(self) -> Record:
        """What it runs."""
        return section(self.inspect, "Config")

    @property
    def mounts(self) -> Sequence[Record]:
        """What is mounted into it."""
        return self.inspect.get("Mounts") or []

    @property
    def published(self) -> Mapping[str, Sequence[Record]]:
        """Host addresses by port of the container."""
        return {port: bindings or [] for port, bindings in section(self.host, "PortBindings").items()}


def section(record: Record, key: str) -> Mapping[str, Any]:
    """Return a part of a record; the API writes null for an empty one."""
    return record.get(key) or {}
