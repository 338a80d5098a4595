"""`docker.Network`: every change needs a new network, as with the genuine provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_offline.docker_provider.errors import NotFoundError
from pulumi_offline.docker_provider.names import with_name
from pulumi_offline.docker_provider.resource import Checked, CheckInput, Diff, Operation, check_against, diff_against
from pulumi_offline.docker_provider.schema import Kind, Property, Schema
from pulumi_offline.docker_provider.values import UNKNOWN, Properties

if TYPE_CHECKING:
    from pulumi_offline.docker_provider.daemon import Client
LABEL_FIELDS: Schema = {"label": Property(required=True), "value": Property(required=True)}

SCHEMA: Schema = {
    "attachable": Property(kind=Kind.FLAG),
    "driver": Property(default="bridge"),
    "internal": Property(kind=Kind.FLAG),
    "ipamConfigs": Property(
        kind=Kind.OBJECTS,
        unordered=True,
        fields={
            "auxAddress": Property(kind=Kind.MAPPING),
            "gateway": Property(),
            "ipRange": Property(),
            "subnet": Property(),
        },
    ),
    "ipamDriver": Property(default="default"),
    "ipamOptions": Property(kind=Kind.MAPPING),
    "ipv6": Property(kind=Kind.FLAG),
    "labels": Property(kind=Kind.OBJECTS, unordered=True, fields=LABEL_FIELDS),
    "name": Property(),
    "options": Property(kind=Kind.MAPPING),
}


class NetworkResource:
    """Creates, reads and removes networks."""

    def check(self, request: CheckInput) -> Checked:
        """See `Resource`."""
        checked = check_against(SCHEMA, request.new)
        return Checked(inputs=with_name(request, checked.inputs), failures=checked.failures)

    def diff(self, state: Properties, inputs: Properties) -> Diff:
        """See `Resource`."""
        return diff_against(SCHEMA, state, inputs)

    def planned(self, inputs: Properties, state: Properties | None) -> Properties:
        """See `Resource`."""
        return {**inputs, "scope": UNKNOWN if state is None else state.get("scope")}

    def create(self, operation: Operation, inputs: Properties) -> tuple[str, Properties]:
        """See `Resource`. A network of the same name is an error, never adopted."""
        name = inputs["name"]
        with operation.daemon.requests(f"network {name}") as client:
            network_id = client.create_network(
                name,
                driver=inputs["driver"],
                options=inputs.get("options"),
                ipam=ipam(inputs),
                check_duplicate=True,
                internal=bool(inputs.get("internal")),
                labels=label_map(inputs.get("labels")),
                enable_ipv6=bool(inputs.get("ipv6")),
                attachable=inputs.get("attachable"),
            )["Id"]
            return network_id, self._state(client, network_id, inputs)

    def _state(self, client: Client, network_id: str, inputs: Properties) -> Properties:
        return {**inputs, "scope": client.inspect_network(network_id)["Scope"]}

    def read(self, operation: Operation, resource_id: str, state: Properties) -> Properties | None:
        """See `Resource`."""
        try:
            with operation.daemon.requests(f"network {state.get('name', resource_id)}") as client:
                return self._state(client, resource_id, state)
        except NotFoundError:
            return None

    def update(self, operation: Operation, resource_id: str, state: Properties, inputs: Properties) -> Properties:
        """Nothing of a network changes in place; reached only after an interrupted creation."""
        del operation, resource_id
        return {**inputs, "scope": state.get("scope")}

    def delete(self, operation: Operation, resource_id: str, state: Properties) -> None:
        """See `Resource`."""
        try:
            with operation.daemon.requests(f"network {state.get('name', resource_id)}") as client:
                client.remove_network(resource_id)
        except NotFoundError:
            return


def label_map(labels: list[dict[str, str]] | None) -> dict[str, str]:
    """Labels as the daemon wants them."""
    return {item["label"]: item["value"] for item in labels or []}


def ipam(inputs: Properties) -> dict[str, Any] | None:
    """The address management section of the request, or None for the daemon's choice."""
    if not inputs.get("ipamConfigs") and not inputs.get("ipamOptions") and inputs["ipamDriver"] == "default":
        return None
    names = {"subnet": "Subnet", "ipRange": "IPRange", "gateway": "Gateway", "auxAddress": "AuxiliaryAddresses"}
    pools = [{names[key]: value for key, value in pool.items()} for pool in inputs.get("ipamConfigs") or []]
    return {"Driver": inputs["ipamDriver"], "Config": pools, "Options": inputs.get("ipamOptions")}
