"""The protocol that each resource module implements, and what an operation gives it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from pulumi_offline.docker_provider.schema import (
    Change,
    Difference,
    Failure,
    Schema,
    differences,
    failures,
    with_defaults,
)

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from pulumi_offline.docker_provider.daemon import Daemon
    from pulumi_offline.docker_provider.values import Properties


class Log(Protocol):
    """Messages to the user about one resource."""

    def status(self, message: str) -> None:
        """A line that is shown while the operation runs and then forgotten."""

    def warning(self, message: str) -> None:
        """A line that stays on the screen and asks for attention."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What one create, read, update or delete works with."""

    daemon: Daemon
    log: Log
    canceled: threading.Event
    clock: Callable[[], float]
    sleep: Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Inputs with defaults, and everything that is wrong with them."""

    inputs: Properties
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """What differs between recorded state and new inputs."""

    differences: tuple[Difference, ...] = field(default=())
    delete_before_replace: bool = False

    @property
    def replaces(self) -> list[str]:
        """The properties whose change needs a new object."""
        return [item.name for item in self.differences if item.change is Change.REPLACE]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInput:
    """What a check sees: name in the program, recorded and new inputs, a seed for generated names."""

    name: str
    old: Properties
    new: Properties
    seed: bytes


class Resource(Protocol):
    """One resource type. `check`, `diff` and `planned` never touch the daemon."""

    def check(self, request: CheckInput) -> Checked:
        """Inputs with defaults; problems are reported all at once."""

    def diff(self, state: Properties, inputs: Properties) -> Diff:
        """What differs."""

    def planned(self, inputs: Properties, state: Properties | None) -> Properties:
        """The outputs as far as a preview can know them; `state` is None for a create."""

    def create(self, operation: Operation, inputs: Properties) -> tuple[str, Properties]:
        """Make the object; its id and outputs."""

    def read(self, operation: Operation, resource_id: str, state: Properties) -> Properties | None:
        """The outputs as they are now; None when the object is gone."""

    def update(self, operation: Operation, resource_id: str, state: Properties, inputs: Properties) -> Properties:
        """Change the object in place; its outputs."""

    def delete(self, operation: Operation, resource_id: str, state: Properties) -> None:
        """Remove the object; an object that is already gone is no error."""


def check_against(schema: Schema, inputs: Properties) -> Checked:
    """The common check: the table's failures and defaults."""
    return Checked(inputs=with_defaults(schema, inputs), failures=tuple(failures(schema, inputs)))


def diff_against(schema: Schema, state: Properties, inputs: Properties) -> Diff:
    """The common diff; an object with a fixed name has to be deleted before its replacement can take the name."""
    found = tuple(differences(schema, state, inputs))
    fixed_name = "name" in schema and "name" not in inputs.get("__defaults", [])
    return Diff(differences=found, delete_before_replace=fixed_name and state.get("name") == inputs.get("name"))
