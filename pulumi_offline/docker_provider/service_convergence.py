"""Waiting until a service runs what was asked of it, and saying why it does not.

As with `docker service create` and `update`, a service has converged when every task of the newest specification runs
and, after an update, when Swarm has watched the last of them for `updateConfig.monitor`. `convergeConfig.delay` is the
pause between two looks and `convergeConfig.timeout` the limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pulumi_offline.docker_provider.container_config import nanoseconds
from pulumi_offline.docker_provider.container_health import indented
from pulumi_offline.docker_provider.daemon import explain
from pulumi_offline.docker_provider.errors import CanceledError, ProviderError
from pulumi_offline.docker_provider.service_spec import replicas_of
from pulumi_offline.docker_provider.service_state import was_rolled_back

if TYPE_CHECKING:
    from pulumi_offline.docker_provider.daemon import Client
    from pulumi_offline.docker_provider.resource import Operation
    from pulumi_offline.docker_provider.values import Properties

_SECOND_NS: Final = 10**9
_LEAST_POLL_S: Final = 0.1
_LOG_LINES: Final = 20
_TASKS_SHOWN: Final = 3
_HELD: Final = ("paused", "rollback_paused")


class NotConvergedError(ProviderError):
    """The service does not run what was asked of it, or not all of it.

    Attributes:
        reason: What Swarm says of it.
    """

    def __init__(self, reason: str, task_log: str = "") -> None:
        super().__init__(f"{reason}\n{task_log}" if task_log else reason)
        self.reason = reason


class RolledBackError(NotConvergedError):
    """Swarm undid the update: the service runs what it ran before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """One creation or update of a service.

    Attributes:
        earlier_tasks: Tasks from before; their failures explain nothing.
    """

    operation: Operation
    client: Client
    service_id: str
    inputs: Properties
    earlier_tasks: frozenset[str] = frozenset()

    def wait(self) -> None:
        """Wait as `convergeConfig` says; at once when there is none.

        Raises:
            RolledBackError: Swarm went back to the specification from before.
            NotConvergedError: Swarm stopped half-way, or the time is over.
            CanceledError: the user interrupted the update.
        """
        config = self.inputs.get("convergeConfig")
        replicas = replicas_of(self.inputs)
        if config is None or replicas is None:
            return
        deadline = self.operation.clock() + _seconds(config["timeout"])
        while not self._converged(replicas):
            if self.operation.canceled.is_set():
                raise CanceledError(f"service {self.inputs['name']}: interrupted while waiting for its tasks")
            if self.operation.clock() >= deadline:
                self._give_up(config["timeout"])
            self.operation.sleep(max(_seconds(config["delay"]), _LEAST_POLL_S))

    def _converged(self, replicas: int) -> bool:
        service = self.client.inspect_service(self.service_id)
        status = service.get("UpdateStatus") or {}
        state = status.get("State")
        if was_rolled_back(service):
            raise RolledBackError(*self._explained(f"rolled back by Swarm ({status.get('Message')})", kept=True))
        if state in _HELD:
            raise NotConvergedError(*self._explained(f"{state.replace('_', ' ')} by Swarm ({status.get('Message')})"))
        wanted = {"service": self.service_id, "desired-state": "running", "_up-to-date": "true"}
        running = sum(1 for task in self.client.tasks(filters=wanted) if task["Status"]["State"] == "running")
        self.operation.log.status(f"{running} of {replicas} tasks run{'' if state is None else f', {state}'}")
        return running == replicas and state in (None, "completed")

    def _give_up(self, timeout: str) -> None:
        status = self.client.inspect_service(self.service_id).get("UpdateStatus") or {}
        if status.get("State") == "rollback_started":
            raise RolledBackError(
                *self._explained(f"being rolled back by Swarm, not finished after {timeout}", kept=True)
            )
        raise NotConvergedError(*self._explained(f"not converged after {timeout}"))

    def _explained(self, what: str, *, kept: bool = False) -> tuple[str, str]:
        """The reason, with why the newest tasks ended or never began, and the last log lines of the newest."""
        outcome = "; it runs what it ran before: mend the cause and update again" if kept else ""
        title = f"service {self.inputs['name']}: {what}{outcome}"
        tasks = [
            task
            for task in self.client.tasks(filters={"service": self.service_id})
            if task["ID"] not in self.earlier_tasks and _problem(task["Status"]) is not None
        ]
        tasks.sort(key=lambda task: str(task["Status"]["Timestamp"]), reverse=True)
        if not tasks:
            return f"{title}\n  (no task reported an error: look at `docker service ps --no-trunc` and its log)", ""
        errors = [f"  {explain(_title(task), str(_problem(task['Status'])))}" for task in tasks]
        shown = list(dict.fromkeys(errors))[:_TASKS_SHOWN]
        task_log = f"  last log lines of {_title(tasks[0])}:\n{_task_log(self.client, tasks[0]['ID'])}"
        return "\n".join([title, *shown]), task_log


def _problem(status: dict[str, Any]) -> str | None:
    if status.get("Err"):
        return str(status["Err"])
    if status["State"] == "complete":
        # So Swarm calls a task that ends with exit code 0 when it is stopped for being unhealthy.
        return "ended with exit code 0: by itself, or because its health check failed"
    return None


def _title(task: dict[str, Any]) -> str:
    where = f" on node {task['NodeID']}" if task.get("NodeID") else ""
    return f"task {task['Slot']}{where}" if task.get("Slot") else f"task{where}"


def _task_log(client: Client, task_id: str) -> str:
    import requests.exceptions  # noqa: PLC0415  # see `daemon`
    from docker.errors import APIError  # noqa: PLC0415  # same

    try:
        # The SDK reads the logs of services and containers, not of tasks; the stream has the same form.
        url = client._url("/tasks/{0}/logs", task_id)  # noqa: SLF001
        parameters = {"stdout": 1, "stderr": 1, "tail": _LOG_LINES}
        answer = client._get(url, params=parameters)  # noqa: SLF001
        text = client._get_result_tty(False, answer, False)  # noqa: SLF001
    except (APIError, requests.exceptions.RequestException):
        return "  (its log cannot be read)"
    return indented(text)


def _seconds(duration: str) -> float:
    return (nanoseconds(duration) or 0) / _SECOND_NS
