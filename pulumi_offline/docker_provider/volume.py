"""`docker.Volume`: an existing volume of the name is adopted, and removed by destroy, as with the genuine provider."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from pulumi_offline.docker_provider.errors import NotFoundError
from pulumi_offline.docker_provider.names import with_name
from pulumi_offline.docker_provider.network import LABEL_FIELDS, label_map
from pulumi_offline.docker_provider.resource import Checked, CheckInput, Diff, Operation, check_against, diff_against
from pulumi_offline.docker_provider.schema import Kind, Property, Schema
from pulumi_offline.docker_provider.values import UNKNOWN, Properties

if TYPE_CHECKING:
    from pulumi_offline.docker_provider.daemon import Client

_RELEASE_S: Final = 10.0
_POLL_S: Final = 0.2
SCHEMA: Schema = {
    "driver": Property(),
    "driverOpts": Property(kind=Kind.MAPPING),
    "labels": Property(kind=Kind.OBJECTS, unordered=True, fields=LABEL_FIELDS),
    "name": Property(),
}


class VolumeResource:
    """Creates, reads and removes volumes; a volume's id is its name."""

    def check(self, request: CheckInput) -> Checked:
        """See `Resource`."""
        checked = check_against(SCHEMA, request.new)
        return Checked(inputs=with_name(request, checked.inputs), failures=checked.failures)

    def diff(self, state: Properties, inputs: Properties) -> Diff:
        """See `Resource`. The driver that the daemon chose is no difference."""
        return diff_against(SCHEMA, state, {**inputs, "driver": inputs.get("driver") or state.get("driver")})

    def planned(self, inputs: Properties, state: Properties | None) -> Properties:
        """See `Resource`."""
        chosen = {} if state is None else state
        return {
            **inputs,
            "driver": inputs.get("driver") or chosen.get("driver", UNKNOWN),
            "mountpoint": chosen.get("mountpoint", UNKNOWN),
        }

    def create(self, operation: Operation, inputs: Properties) -> tuple[str, Properties]:
        """See `Resource`."""
        name = inputs["name"]
        with operation.daemon.requests(f"volume {name}") as client:
            made = client.create_volume(
                name,
                driver=inputs.get("driver"),
                driver_opts=inputs.get("driverOpts"),
                labels=label_map(inputs.get("labels")),
            )
        return name, {**inputs, "driver": made["Driver"], "mountpoint": made["Mountpoint"]}

    def read(self, operation: Operation, resource_id: str, state: Properties) -> Properties | None:
        """See `Resource`."""
        try:
            with operation.daemon.requests(f"volume {resource_id}") as client:
                found = client.inspect_volume(resource_id)
        except NotFoundError:
            return None
        return {**state, "driver": found["Driver"], "mountpoint": found["Mountpoint"]}

    def update(self, operation: Operation, resource_id: str, state: Properties, inputs: Properties) -> Properties:
        """Nothing of a volume changes in place; reached only after an interrupted creation."""
        del operation, resource_id
        return {**inputs, "driver": state.get("driver"), "mountpoint": state.get("mountpoint")}

    def delete(self, operation: Operation, resource_id: str, state: Properties) -> None:
        """See `Resource`."""
        del state
        try:
            with operation.daemon.requests(f"volume {resource_id}") as client:
                # A container lets its volumes go a moment after it is gone from every list.
                deadline = operation.clock() + _RELEASE_S
                while not _is_removed(client, resource_id):
                    if operation.clock() >= deadline or client.containers(all=True, filters={"volume": resource_id}):
                        client.remove_volume(resource_id)  # says who has it
                        return
                    operation.sleep(_POLL_S)
        except NotFoundError:
            return


def _is_removed(client: Client, name: str) -> bool:
    """Remove a volume, unless it is in use."""
    from docker.errors import APIError  # noqa: PLC0415 - on first use, as in `daemon`

    try:
        client.remove_volume(name)
    except APIError as error:
        if error.status_code != HTTPStatus.CONFLICT:
            raise
        return False
    return True
