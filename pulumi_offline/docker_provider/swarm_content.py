"""`docker.Secret` and `docker.ServiceConfig`: a small content that a swarm keeps and shows to its services as a file.

Neither can be changed: a new name, content or label needs a new object, and the old one is removable only when no
service refers to it any more. Without a fixed name the engine makes the new object first, which is the order that
works.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pulumi_offline.docker_provider.errors import NotFoundError
from pulumi_offline.docker_provider.names import with_name
from pulumi_offline.docker_provider.network import LABEL_FIELDS, label_map
from pulumi_offline.docker_provider.resource import Checked, CheckInput, Diff, Operation, check_against, diff_against
from pulumi_offline.docker_provider.schema import Failure, Kind, Property, Schema
from pulumi_offline.docker_provider.values import Unknown

if TYPE_CHECKING:
    from pulumi_offline.docker_provider.daemon import Client
    from pulumi_offline.docker_provider.values import Properties

SECRET_SCHEMA: Schema = {
    "data": Property(required=True),
    "labels": Property(kind=Kind.OBJECTS, unordered=True, fields=LABEL_FIELDS),
    "name": Property(),
}
CONFIG_SCHEMA: Schema = {**SECRET_SCHEMA, "data": Property(), "dataRaw": Property()}


class Store(Protocol):
    """Where the content is kept: the daemon's secrets, or its configs."""

    def create(self, client: Client, name: str, content: bytes, labels: dict[str, str]) -> str:
        """Keep a content; its id."""

    def inspect(self, client: Client, object_id: str) -> str:
        """The name of what is kept under the id."""

    def remove(self, client: Client, object_id: str) -> None:
        """Forget it."""


class SecretStore:
    """Contents that no one can read back."""

    def create(self, client: Client, name: str, content: bytes, labels: dict[str, str]) -> str:
        """See `Store`."""
        return str(client.create_secret(name, content, labels)["ID"])

    def inspect(self, client: Client, object_id: str) -> str:
        """See `Store`."""
        return str(client.inspect_secret(object_id)["Spec"]["Name"])

    def remove(self, client: Client, object_id: str) -> None:
        """See `Store`."""
        client.remove_secret(object_id)


class ConfigStore:
    """Contents that whoever may ask the daemon can read."""

    def create(self, client: Client, name: str, content: bytes, labels: dict[str, str]) -> str:
        """See `Store`."""
        return str(client.create_config(name, content, labels)["ID"])

    def inspect(self, client: Client, object_id: str) -> str:
        """See `Store`."""
        return str(client.inspect_config(object_id)["Spec"]["Name"])

    def remove(self, client: Client, object_id: str) -> None:
        """See `Store`."""
        client.remove_config(object_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentResource:
    """Creates, reads and removes one kind of content; the id is the swarm's."""

    kind: str
    schema: Schema
    store: Store

    def check(self, request: CheckInput) -> Checked:
        """See `Resource`. The content is Base64, of which no character is ever shown."""
        checked = check_against(self.schema, request.new)
        inputs = with_name(request, checked.inputs)
        return Checked(inputs=inputs, failures=(*checked.failures, *_content_failures(self.schema, inputs)))

    def diff(self, state: Properties, inputs: Properties) -> Diff:
        """See `Resource`."""
        return diff_against(self.schema, state, inputs)

    def planned(self, inputs: Properties, state: Properties | None) -> Properties:
        """See `Resource`."""
        del state
        return inputs

    def create(self, operation: Operation, inputs: Properties) -> tuple[str, Properties]:
        """See `Resource`. An object of the same name is an error, never adopted."""
        name = inputs["name"]
        with operation.daemon.requests(f"{self.kind} {name}") as client:
            return self.store.create(client, name, _content(inputs), label_map(inputs.get("labels"))), inputs

    def read(self, operation: Operation, resource_id: str, state: Properties) -> Properties | None:
        """See `Resource`. The content stays the recorded one: a swarm does not give a secret back."""
        try:
            with operation.daemon.requests(f"{self.kind} {state.get('name', resource_id)}") as client:
                return {**state, "name": self.store.inspect(client, resource_id)}
        except NotFoundError:
            return None

    def update(self, operation: Operation, resource_id: str, state: Properties, inputs: Properties) -> Properties:
        """Nothing changes in place; reached only after an interrupted creation."""
        del operation, resource_id, state
        return inputs

    def delete(self, operation: Operation, resource_id: str, state: Properties) -> None:
        """See `Resource`."""
        try:
            with operation.daemon.requests(f"{self.kind} {state.get('name', resource_id)}") as client:
                self.store.remove(client, resource_id)
        except NotFoundError:
            return


def _content_failures(schema: Schema, inputs: Properties) -> list[Failure]:
    data, raw = inputs.get("data"), inputs.get("dataRaw")
    if "dataRaw" in schema and (data is None) == (raw is None):
        return [Failure(path="data", reason="set exactly one of data and dataRaw")]
    if isinstance(data, str) and not isinstance(data, Unknown) and not _is_base64(data):
        return [Failure(path="data", reason="data must be the content in Base64: encode it first")]
    return []


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error:
        return False
    return True


def _content(inputs: Properties) -> bytes:
    if inputs.get("dataRaw") is not None:
        return str(inputs["dataRaw"]).encode()
    return base64.b64decode(inputs["data"], validate=True)
