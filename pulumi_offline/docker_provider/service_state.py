"""What of a service was changed behind the engine's back, by people or by Swarm itself.

Compared are the properties that people change by hand, with `docker service update` and `scale`: number of replicas,
image, arguments, environment, labels and limits.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from pulumi_offline.docker_provider.network import label_map
from pulumi_offline.docker_provider.service_spec import environment, replicas_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_offline.docker_provider.values import Properties


def with_drift(spec: dict[str, Any], state: Properties) -> Properties:
    """The recorded state, corrected by the daemon's specification where the program set something."""
    live = copy.deepcopy(state)
    replicas = (spec["Mode"].get("Replicated") or {}).get("Replicas")
    if replicas is not None and replicas != replicas_of(state):
        live["mode"] = {"replicated": {"replicas": replicas}}
    if label_map(state.get("labels")) != (spec.get("Labels") or {}):
        live["labels"] = _labels(spec.get("Labels") or {})
    _correct_container(live["taskSpec"]["containerSpec"], spec["TaskTemplate"]["ContainerSpec"])
    limits = (live["taskSpec"].get("resources") or {}).get("limits")
    if limits:
        found = (spec["TaskTemplate"].get("Resources") or {}).get("Limits") or {}
        limits.update({"memoryBytes": found.get("MemoryBytes"), "nanoCpus": found.get("NanoCPUs")})
    return live


def _correct_container(container: Properties, found: dict[str, Any]) -> None:
    container["image"] = found["Image"]
    if container.get("args"):
        container["args"] = found.get("Args")
    if environment(container.get("env") or {}) != sorted(found.get("Env") or []):
        container["env"] = dict(entry.split("=", 1) for entry in found.get("Env") or [])


def _labels(labels: dict[str, str]) -> list[dict[str, str]]:
    return [{"label": label, "value": value} for label, value in sorted(labels.items())]


def was_rolled_back(service: Mapping[str, Any]) -> bool:
    """Return whether the last update of a service, as the daemon describes it, was undone by Swarm to its end.

    A manager that finds a rollback done twice writes "completed" over "rollback_completed"; but only an update that
    went through has a specification to go back to.
    """
    state = (service.get("UpdateStatus") or {}).get("State")
    return state == "rollback_completed" or (state == "completed" and not service.get("PreviousSpec"))
