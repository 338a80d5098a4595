import threading
import time
from collections.abc import Callable
from typing import Any
from unittest.mock import create_autospec

import pytest
from docker import APIClient

from pulumi_offline.docker_provider.daemon import Daemon
from pulumi_offline.docker_provider.resource import Log, Operation
from pulumi_offline.docker_provider.service_convergence import NotConvergedError, RolledBackError, Rollout

INPUTS: dict[str, Any] = {
    "name": "worker",
    "mode": {"replicated": {"replicas": 1}},
    "convergeConfig": {"delay": "1s", "timeout": "3s"},
}
EARLIER = {"Name": "worker"}


def rollout(service: dict[str, Any]) -> Callable[[], None]:
    """Return the wait for a service that looks like this, its one task running."""
    client = create_autospec(APIClient, instance=True)
    client.inspect_service.return_value = service
    client.tasks.return_value = [{"ID": "t", "Status": {"State": "running", "Timestamp": "now"}}]
    seconds = iter(range(100))
    operation = Operation(
        daemon=create_autospec(Daemon, instance=True),
        log=create_autospec(Log, instance=True),
        canceled=threading.Event(),
        clock=lambda: next(seconds),
        sleep=create_autospec(time.sleep),
    )
    return Rollout(operation=operation, client=client, service_id="s", inputs=INPUTS).wait


@pytest.mark.parametrize(
    "service", [{}, {"UpdateStatus": {"State": "completed", "Message": "m"}, "PreviousSpec": EARLIER}]
)
def test_a_service_whose_tasks_run_has_converged(service: dict[str, Any]) -> None:
    rollout(service)()


@pytest.mark.parametrize("state", ["rollback_completed", "completed"])
def test_a_service_without_a_specification_to_go_back_to_was_rolled_back(state: str) -> None:
    with pytest.raises(RolledBackError, match="service worker: rolled back by Swarm"):
        rollout({"UpdateStatus": {"State": state, "Message": "m"}})()


def test_an_update_that_never_ends_is_told() -> None:
    with pytest.raises(NotConvergedError, match="not converged after 3s"):
        rollout({"UpdateStatus": {"State": "updating", "Message": "m"}, "PreviousSpec": EARLIER})()
