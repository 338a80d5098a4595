"""What is expected of a container after its start: that it runs, that it becomes healthy, that it ends.

A container that stays is recorded with the reason of its failure. What a program or its health check wrote is never
part of that reason: it may show a secret, and the state and its history keep what they are given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_offline.docker_provider.container_state import outputs, unfinished
from pulumi_offline.docker_provider.errors import CanceledError, InitializationError, ProviderError

if TYPE_CHECKING:
    from pulumi_offline.docker_provider.daemon import Client
    from pulumi_offline.docker_provider.resource import Operation
    from pulumi_offline.docker_provider.values import Properties

_POLL_S = 0.2
_KILLED = 137
_REASON_S = 1.0
_LOG_LINES = 20
_LOG_CHARACTERS = 4000
# Docker starts a container again after 0.1, 0.2, 0.4 s: three ends in a row are a program that cannot start.
_CRASHES = 3
_RESTARTS = ("always", "unless-stopped")


class ExitedError(ProviderError):
    """The container ended right after its start although it must run."""


def _last_log_lines(client: Client, container_id: str) -> str:
    """The container's last lines, bounded; a note when its log driver keeps none."""
    from docker.errors import APIError  # noqa: PLC0415  # see `daemon`

    try:
        output = client.logs(container_id, tail=_LOG_LINES)
    except APIError:
        return "  (the container's log driver keeps no log)"
    return indented(output)


def indented(output: bytes) -> str:
    """The end of a log as lines below a message."""
    text = output.decode("utf-8", "replace").strip()
    lines = text[-_LOG_CHARACTERS:].splitlines() or ["(no output)"]
    return "\n".join(f"  {line}" for line in lines)


def wait_until_healthy(operation: Operation, client: Client, container_id: str, inputs: Properties) -> None:
    """Wait up to `waitTimeout` seconds; a container that keeps ending is not waited for any longer.

    Raises:
        InitializationError: it did not become healthy in time, has no health check, ended, was stopped, or keeps
            ending; it is left as it is.
        CanceledError: the user interrupted the update.
    """
    deadline = operation.clock() + inputs["waitTimeout"]
    while True:
        found = client.inspect_container(container_id)
        state = found["State"]
        health = (state.get("Health") or {}).get("Status")
        if health == "healthy":
            return
        _require_not_stopped(found, inputs)
        problem = _health_problem(state, health, found.get("RestartCount", 0))
        if problem is None and operation.clock() >= deadline:
            problem = f"not healthy after {inputs['waitTimeout']} s, its wait_timeout ({health})"
        if problem is not None:
            if state.get("ExitCode") == _KILLED and not state.get("OOMKilled"):
                # The daemon hears of the end before it hears why.
                operation.sleep(_REASON_S)
                state = client.inspect_container(container_id)["State"]
            raise InitializationError(
                f"container {inputs['name']}: {problem}{_circumstances(state, inputs.get('memory'))};"
                f" `docker logs --tail {_LOG_LINES} {inputs['name']}` shows its last words",
                resource_id=container_id,
                state=outputs(client, container_id, inputs),
            )
        if operation.canceled.is_set():
            raise CanceledError(f"container {inputs['name']}: interrupted while waiting for it to become healthy")
        operation.sleep(_POLL_S)


def _require_not_stopped(found: dict[str, Any], inputs: Properties) -> None:
    """Check that nobody stopped the container: one that Docker starts again whenever it ends does not end by itself.

    Raises:
        InitializationError: somebody did, or Docker itself, which after a crash stops what it finds running.
    """
    state = found["State"]
    if found["HostConfig"]["RestartPolicy"]["Name"] not in _RESTARTS or state.get("Error"):
        return
    if not state["Running"] and not state.get("Restarting"):
        raise InitializationError(
            f"container {inputs['name']}: stopped from outside before it was healthy (exit code {state['ExitCode']}):"
            " Docker was restarted, or somebody stopped it: run the update again",
            resource_id=found["Id"],
            state=unfinished(inputs),
        )


def _health_problem(state: dict[str, Any], health: str | None, restarts: int) -> str | None:
    if not state["Running"] and not state.get("Restarting"):
        return f"ended with exit code {state['ExitCode']} before it was healthy"
    if restarts >= _CRASHES and state.get("Restarting"):
        return f"ended {restarts} times before it was healthy, last with exit code {state['ExitCode']}"
    if health is None or health == "none":
        return "wait is set but the container has no health check: add `healthcheck`, or HEALTHCHECK in its image"
    return None


def _circumstances(state: dict[str, Any], memory: int | None) -> str:
    """What else the daemon itself knows, beginning with a comma; nothing that a program wrote.

    The kernel's word that memory (limit: MiB) ran out is lost where the container's control group is gone before the
    daemon reads it; then a kill under a limit is told as what it most likely was.
    """
    found = []
    if state.get("OOMKilled"):
        found.append("out of memory")
    elif state.get("ExitCode") == _KILLED and memory:
        found.append(f"killed, most likely out of memory: its limit is {memory} MiB")
    health = state.get("Health") or {}
    if health.get("Log") and health.get("FailingStreak"):
        ended = health["Log"][-1]["ExitCode"]
        found.append(f"its health check failed {health['FailingStreak']} times, last with exit code {ended}")
    return "".join(f", {item}" for item in found)


def require_running(client: Client, container_id: str, inputs: Properties) -> None:
    """Check once that the container survived its start.

    Raises:
        ExitedError: it ended with an error; the text has its last log lines, since the container is removed with its
            log, and nothing is recorded.
    """
    state = client.inspect_container(container_id)["State"]
    if state["Running"] or state.get("Restarting") or not state["ExitCode"]:
        return
    reason = state.get("Error") or f"exit code {state['ExitCode']}"
    lines = _last_log_lines(client, container_id)
    raise ExitedError(f"container {inputs['name']} ended right after its start: {reason}; last log lines:\n{lines}")


def wait_for_end(operation: Operation, client: Client, container_id: str, name: str) -> None:
    """Wait without a limit until the container ends (`attach`).

    Raises:
        CanceledError: the user interrupted the update.
    """
    while client.inspect_container(container_id)["State"]["Running"]:
        if operation.canceled.is_set():
            raise CanceledError(f"container {name}: interrupted while waiting for it to end")
        operation.sleep(_POLL_S)
