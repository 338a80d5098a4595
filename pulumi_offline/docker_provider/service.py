"""`docker.Service`: a service of a swarm, changed in place by Swarm's own rolling update.

With `convergeConfig` an operation waits for the tasks. A service that does not converge when it is made is removed
again, as with the genuine provider. An update that Swarm rolls back leaves the recorded state as it was, which is what
runs; one that stops half-way is recorded, so that the next update goes on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from pulumi_offline.docker_provider.container_config import nanoseconds
from pulumi_offline.docker_provider.errors import InitializationError, NotFoundError, ProviderError
from pulumi_offline.docker_provider.names import with_name
from pulumi_offline.docker_provider.resource import Checked, CheckInput, Diff, Operation, check_against, diff_against
from pulumi_offline.docker_provider.schema import Change, Failure
from pulumi_offline.docker_provider.service_convergence import NotConvergedError, RolledBackError, Rollout
from pulumi_offline.docker_provider.service_schema import SCHEMA
from pulumi_offline.docker_provider.service_spec import replicas_of, service_spec
from pulumi_offline.docker_provider.service_state import with_drift
from pulumi_offline.docker_provider.values import Properties, has_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pulumi_offline.docker_provider.daemon import Client

_POLL_S: Final = 0.2
_GRACE_NS: Final = 10 * 10**9  # Swarm's own time between the request to stop and the kill
_END_MARGIN_S: Final = 20.0


class ServiceResource:
    """Creates, updates and removes services; the id is the swarm's."""

    def check(self, request: CheckInput) -> Checked:
        """See `Resource`."""
        checked = check_against(SCHEMA, request.new)
        inputs = with_name(request, checked.inputs)
        found = checked.failures or tuple(_refusals(inputs))
        return Checked(inputs=inputs, failures=found)

    def diff(self, state: Properties, inputs: Properties) -> Diff:
        """See `Resource`. Only the name, the kind of mode and the hosts file need a new service."""
        found = diff_against(SCHEMA, state, inputs)
        replaced = {"name"}
        if (replicas_of(state) is None) != (replicas_of(inputs) is None):
            replaced.add("mode")
        if _hosts(state) != _hosts(inputs):
            replaced.add("taskSpec")
        return replace(
            found,
            differences=tuple(
                replace(item, change=Change.REPLACE) if item.name in replaced else item for item in found.differences
            ),
        )

    def planned(self, inputs: Properties, state: Properties | None) -> Properties:
        """See `Resource`."""
        del state
        return inputs

    def create(self, operation: Operation, inputs: Properties) -> tuple[str, Properties]:
        """See `Resource`."""
        with operation.daemon.requests(_subject(inputs)) as client:
            service_id = str(_post(client, "/services/create", service_spec(inputs))["ID"])
            try:
                Rollout(operation=operation, client=client, service_id=service_id, inputs=inputs).wait()
            except BaseException:
                client.remove_service(service_id)
                raise
            return service_id, inputs

    def read(self, operation: Operation, resource_id: str, state: Properties) -> Properties | None:
        """See `Resource`."""
        try:
            with operation.daemon.requests(_subject(state)) as client:
                return with_drift(client.inspect_service(resource_id)["Spec"], state)
        except NotFoundError:
            return None

    def update(self, operation: Operation, resource_id: str, state: Properties, inputs: Properties) -> Properties:
        """See `Resource`."""
        del state
        with operation.daemon.requests(_subject(inputs)) as client:
            version = client.inspect_service(resource_id)["Version"]["Index"]
            rollout = Rollout(
                operation=operation,
                client=client,
                service_id=resource_id,
                inputs=inputs,
                earlier_tasks=frozenset(task["ID"] for task in client.tasks(filters={"service": resource_id})),
            )
            _post(client, f"/services/{resource_id}/update?version={version}", service_spec(inputs))
            try:
                rollout.wait()
            except RolledBackError:
                raise
            except NotConvergedError as error:
                # Without the task's log, which may show a secret: this reason is recorded.
                message = f"{error.reason}\n  `docker service logs {inputs['name']}` shows what its tasks said"
                raise InitializationError(message, resource_id=resource_id, state=inputs) from error
            return inputs

    def delete(self, operation: Operation, resource_id: str, state: Properties) -> None:
        """See `Resource`. Waits for the end of the tasks, which hold networks, secrets and volumes until then."""
        grace_ns = nanoseconds((_container(state)).get("stopGracePeriod")) or _GRACE_NS
        try:
            with operation.daemon.requests(_subject(state)) as client:
                client.remove_service(resource_id)
                deadline = operation.clock() + grace_ns / 10**9 + _END_MARGIN_S
                while _is_ending(client, resource_id) and operation.clock() < deadline:
                    operation.log.status("waiting for the end of its tasks")
                    operation.sleep(_POLL_S)
        except NotFoundError:
            return


def _subject(inputs: Properties) -> str:
    return f"service {inputs.get('name')}"


def _container(inputs: Properties) -> Properties:
    spec: Properties = (inputs.get("taskSpec") or {}).get("containerSpec") or {}
    return spec


def _hosts(inputs: Properties) -> list[tuple[str, str]]:
    return sorted((str(item.get("host")), str(item.get("ip"))) for item in _container(inputs).get("hosts") or [])


def _post(client: Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    # The SDK builds services from types of its own that miss capabilities and more, so the request is sent as it is.
    answer = client._post_json(f"{client.base_url}/v{client._version}{path}", data=body)  # noqa: SLF001
    result: dict[str, Any] = client._result(answer, json=True)  # noqa: SLF001
    return result


def _is_ending(client: Client, service_id: str) -> bool:
    # Asked for the tasks of a removed service, the daemon would say "not found" although they are still stopping; and
    # the last containers, with their hold on volumes, outlive the tasks by a moment.
    label = {"label": f"com.docker.swarm.service.id={service_id}"}
    return any(task["ServiceID"] == service_id for task in client.tasks()) or bool(
        client.containers(all=True, filters=label)
    )


def _refusals(inputs: Properties) -> Iterator[Failure]:
    mode = inputs.get("mode") or {}
    if mode.get("global") and mode.get("replicated"):
        yield Failure(path="mode", reason="mode.global and mode.replicated exclude each other: leave one of them out")
    if mode.get("global") and inputs.get("convergeConfig"):
        yield Failure(
            path="convergeConfig", reason="convergeConfig waits for replicas: leave it out of a global service"
        )
    for index, network in enumerate((inputs.get("taskSpec") or {}).get("networksAdvanceds") or []):
        if (network.get("id") is None) == (network.get("name") is None):
            path = f"taskSpec.networksAdvanceds[{index}]"
            yield Failure(path=path, reason=f"{path}: set exactly one of id and name")
    if not has_unknown(inputs):
        yield from _malformed(inputs)


def _malformed(inputs: Properties) -> Iterator[Failure]:
    try:
        service_spec(inputs)
        for duration in (inputs.get("convergeConfig") or {}).values():
            nanoseconds(duration)
    except ProviderError as error:
        yield Failure(path="taskSpec", reason=str(error))
