"""`docker.Container`: create, wait, update in place, drain and remove.

A container that never becomes healthy is left running and stays in the state, as with the genuine provider; so the
next update or destroy finds it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pulumi_offline.docker_provider.container_config import create_request, update_request
from pulumi_offline.docker_provider.container_health import require_running, wait_for_end, wait_until_healthy
from pulumi_offline.docker_provider.container_schema import SCHEMA, UPDATABLE_LIMITS
from pulumi_offline.docker_provider.container_state import DRIFT, STOPPED, UNFINISHED, outputs, unfinished, with_drift
from pulumi_offline.docker_provider.errors import DaemonError, InitializationError, NotFoundError
from pulumi_offline.docker_provider.names import with_name
from pulumi_offline.docker_provider.resource import Checked, CheckInput, Diff, Operation, check_against, diff_against
from pulumi_offline.docker_provider.schema import Change, Difference, Failure, differences
from pulumi_offline.docker_provider.uploads import archive, upload_problem
from pulumi_offline.docker_provider.values import UNKNOWN, Properties

if TYPE_CHECKING:
    from pulumi_offline.docker_provider.daemon import Client
_HEALTH_CHECK_STAYS = (
    "Docker cannot change the health check of an existing container, so this change has no effect: "
    "change a label in the same update, then the container is replaced"
)
_DEFAULT_NETWORK = "bridge"
# What the daemon says when it removes the container already.
_GOES = "is already in progress"


class ContainerResource:
    """Runs containers; the id is the daemon's."""

    def check(self, request: CheckInput) -> Checked:
        """See `Resource`."""
        checked = check_against(SCHEMA, request.new)
        inputs = with_name(request, checked.inputs)
        return Checked(inputs=inputs, failures=(*checked.failures, *_refusals(inputs)))

    def diff(self, state: Properties, inputs: Properties) -> Diff:
        """See `Resource`. A container that was found stopped, or never finished, is replaced.

        A fixed host port frees only by deletion.
        """
        found = diff_against(SCHEMA, state, inputs)
        stopped = state.get(DRIFT) == STOPPED
        changes = tuple(
            item if item.name != "mustRun" or not stopped else _replacing(item) for item in found.differences
        )
        if state.get(DRIFT) == UNFINISHED:
            changes += (Difference(name="image", old=None, new=inputs["image"], change=Change.REPLACE),)
        fixed_port = any(isinstance(port, dict) and port.get("external") for port in state.get("ports") or [])
        return Diff(differences=changes, delete_before_replace=found.delete_before_replace or fixed_port)

    def planned(self, inputs: Properties, state: Properties | None) -> Properties:
        """See `Resource`."""
        computed = dict.fromkeys(("bridge", "containerLogs", "exitCode", "networkDatas"), UNKNOWN)
        return {**inputs, **(computed if state is None else {name: state.get(name) for name in computed})}

    def create(self, operation: Operation, inputs: Properties) -> tuple[str, Properties]:
        """See `Resource`. Whatever fails before the container runs removes it again.

        Raises:
            InitializationError: it never became healthy, or failed and could not be removed; it has to be recorded.
        """
        name = inputs["name"]
        with operation.daemon.requests(f"container {name}") as client:
            made = client.create_container_from_config(create_request(inputs), name, inputs.get("platform"))
            container_id = str(made["Id"])
            try:
                self._prepare_and_start(operation, client, container_id, inputs)
                return container_id, outputs(client, container_id, inputs)
            except InitializationError:
                raise
            except BaseException:
                _undo(operation, container_id, inputs)
                raise

    def _prepare_and_start(self, operation: Operation, client: Client, container_id: str, inputs: Properties) -> None:
        _connect(client, container_id, inputs)
        if inputs.get("uploads"):
            client.put_archive(container_id, "/", archive(inputs["uploads"]))
        if not inputs["start"]:
            return
        client.start(container_id)
        if inputs.get("wait"):
            operation.log.status("waiting for it to become healthy")
            wait_until_healthy(operation, client, container_id, inputs)
        elif inputs["mustRun"]:
            require_running(client, container_id, inputs)
        if inputs.get("attach"):
            wait_for_end(operation, client, container_id, inputs["name"])

    def read(self, operation: Operation, resource_id: str, state: Properties) -> Properties | None:
        """See `Resource`."""
        try:
            with operation.daemon.requests(f"container {state.get('name', resource_id)}") as client:
                return with_drift(client.inspect_container(resource_id), state)
        except NotFoundError:
            return None

    def update(self, operation: Operation, resource_id: str, state: Properties, inputs: Properties) -> Properties:
        """See `Resource`. Limits and restart policy are applied; the rest concerns later operations."""
        name = inputs["name"]
        changed = {item.name for item in differences(SCHEMA, state, inputs)}
        if "healthcheck" in changed:
            operation.log.warning(_HEALTH_CHECK_STAYS)
        with operation.daemon.requests(f"container {name}") as client:
            if changed.intersection(UPDATABLE_LIMITS):
                _apply_limits(client, resource_id, inputs)
            if "start" in changed and inputs["start"]:
                client.start(resource_id)
            if inputs.get("wait") and inputs["start"]:
                wait_until_healthy(operation, client, resource_id, inputs)
            return outputs(client, resource_id, inputs)

    def delete(self, operation: Operation, resource_id: str, state: Properties) -> None:
        """See `Resource`. The container gets `destroyGraceSeconds` (else `stopTimeout`) to drain."""
        grace_s = state.get("destroyGraceSeconds") or state.get("stopTimeout") or 0
        try:
            with operation.daemon.requests(f"container {state.get('name', resource_id)}") as client:
                if grace_s:
                    operation.log.status(f"stopping, up to {grace_s} s")
                    client.stop(resource_id, timeout=grace_s)
                client.remove_container(resource_id, v=bool(state.get("removeVolumes", True)), force=True)
        except NotFoundError:
            return
        except DaemonError as error:
            if _GOES not in str(error):
                raise


def _refusals(inputs: Properties) -> list[Failure]:
    found = []
    uploads = inputs.get("uploads")
    for index, upload in enumerate(uploads if isinstance(uploads, list) else []):
        problem = upload_problem(upload) if isinstance(upload, dict) else None
        if problem is not None:
            found.append(Failure(path=f"uploads[{index}]", reason=problem))
    if uploads and inputs.get("readOnly") is True:
        reason = "Docker refuses uploads into a container with read_only: upload through a volume and another container"
        found.append(Failure(path="uploads", reason=reason))
    if inputs.get("rm") is True and inputs.get("restart") not in (None, "no"):
        found.append(Failure(path="rm", reason="rm and restart exclude each other: leave one of them out"))
    return found


def _replacing(difference: Difference) -> Difference:
    return replace(difference, change=Change.REPLACE)


def _connect(client: Client, container_id: str, inputs: Properties) -> None:
    networks = inputs.get("networksAdvanced") or []
    if networks and inputs.get("networkMode") in (None, "", "default", _DEFAULT_NETWORK):
        client.disconnect_container_from_network(container_id, _DEFAULT_NETWORK)
    for network in networks:
        client.connect_container_to_network(
            container_id,
            network["name"],
            aliases=network.get("aliases"),
            ipv4_address=network.get("ipv4Address"),
            ipv6_address=network.get("ipv6Address"),
            link_local_ips=network.get("linkLocalIps"),
        )


def _apply_limits(client: Client, container_id: str, inputs: Properties) -> None:
    # The SDK's update_container knows no NanoCpus, so the request is sent as it is.
    url = client._url("/containers/{0}/update", container_id)  # noqa: SLF001
    client._raise_for_status(client._post_json(url, data=update_request(inputs)))  # noqa: SLF001


def _undo(operation: Operation, container_id: str, inputs: Properties) -> None:
    """Remove a container that cannot be used.

    Raises:
        InitializationError: it stays, since the daemon is gone: unrecorded, it would only hold its name.
    """
    try:
        with operation.daemon.requests(f"container {inputs['name']}") as client:
            client.remove_container(container_id, v=True, force=True)
    except NotFoundError:
        return
    except DaemonError as error:
        if _GOES in str(error):
            return
        message = f"{error}; the container was made and is of no use yet: the next update replaces it"
        raise InitializationError(message, resource_id=container_id, state=unfinished(inputs)) from error
