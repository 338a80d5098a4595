"""The daemon's request for a service's properties (Engine API 1.41, `ServiceCreate`; an update takes the same).

Pure: properties in, request out. Times are Go durations in the program and nanoseconds in the request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_offline.docker_provider.container_config import healthcheck, mount_request, nanoseconds, without_unset
from pulumi_offline.docker_provider.errors import ProviderError
from pulumi_offline.docker_provider.network import label_map

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulumi_offline.docker_provider.values import Properties

_HIGHEST_RATIO = 1.0


def service_spec(inputs: Properties) -> dict[str, Any]:
    """The body of `POST /services/create`.

    Raises:
        ProviderError: a duration, ratio or driver option is malformed.
    """
    return without_unset(
        {
            "EndpointSpec": _endpoint(inputs.get("endpointSpec")),
            "Labels": label_map(inputs.get("labels")) or None,
            "Mode": _mode(inputs.get("mode")),
            "Name": inputs["name"],
            "RollbackConfig": _rollout(inputs.get("rollbackConfig")),
            "TaskTemplate": _task(inputs["taskSpec"]),
            "UpdateConfig": _rollout(inputs.get("updateConfig")),
        }
    )


def replicas_of(inputs: Properties) -> int | None:
    """How many tasks the service has; None for one on each node."""
    mode = inputs.get("mode") or {}
    return None if mode.get("global") else int((mode.get("replicated") or {}).get("replicas", 1))


def environment(variables: Mapping[str, str]) -> list[str]:
    """The daemon's form of the variables, in a fixed order."""
    return [f"{name}={value}" for name, value in sorted(variables.items())]


def _mode(mode: Properties | None) -> dict[str, Any] | None:
    if mode is None:
        return None
    return {"Global": {}} if mode.get("global") else {"Replicated": {"Replicas": replicas_of({"mode": mode})}}


def _task(task: Properties) -> dict[str, Any]:
    driver = task.get("logDriver")
    return without_unset(
        {
            "ContainerSpec": _container(task["containerSpec"]),
            "ForceUpdate": task.get("forceUpdate"),
            "LogDriver": driver and without_unset({"Name": driver["name"], "Options": driver.get("options")}),
            "Networks": [_network(item) for item in task.get("networksAdvanceds") or []] or None,
            "Placement": _placement(task.get("placement")),
            "Resources": _resources(task.get("resources")),
            "RestartPolicy": _restart_policy(task.get("restartPolicy")),
            "Runtime": task.get("runtime"),
        }
    )


def _container(spec: Properties) -> dict[str, Any]:
    return without_unset(
        {
            "Args": spec.get("args"),
            "CapabilityAdd": spec.get("capAdds"),
            "CapabilityDrop": spec.get("capDrops"),
            "Command": spec.get("commands"),
            "Configs": _files(spec.get("configs"), "config") or None,
            "DNSConfig": _dns(spec.get("dnsConfig")),
            "Dir": spec.get("dir"),
            "Env": environment(spec.get("env") or {}) or None,
            "Groups": spec.get("groups"),
            "Healthcheck": healthcheck(spec.get("healthcheck")),
            "Hostname": spec.get("hostname"),
            "Hosts": [f"{item['ip']} {item['host']}" for item in spec.get("hosts") or []] or None,
            "Image": spec["image"],
            "Init": spec.get("init"),
            "Labels": label_map(spec.get("labels")) or None,
            "Mounts": [mount_request(item) for item in spec.get("mounts") or []] or None,
            "ReadOnly": spec.get("readOnly"),
            "Secrets": _files(spec.get("secrets"), "secret") or None,
            "StopGracePeriod": nanoseconds(spec.get("stopGracePeriod")),
            "StopSignal": spec.get("stopSignal"),
            "Sysctls": spec.get("sysctl"),
            "User": spec.get("user"),
        }
    )


def _files(references: Sequence[Properties] | None, kind: str) -> list[dict[str, Any]]:
    title = kind.capitalize()
    return [
        {
            f"{title}ID": item[f"{kind}Id"],
            f"{title}Name": item[f"{kind}Name"],
            "File": {
                "GID": item["fileGid"],
                "Mode": item["fileMode"],
                "Name": item["fileName"],
                "UID": item["fileUid"],
            },
        }
        for item in references or []
    ]


def _dns(config: Properties | None) -> dict[str, Any] | None:
    if config is None:
        return None
    return without_unset(
        {"Nameservers": config["nameservers"], "Options": config.get("options"), "Search": config.get("searches")}
    )


def _network(network: Properties) -> dict[str, Any]:
    return without_unset(
        {
            "Aliases": network.get("aliases"),
            "DriverOpts": _driver_options(network.get("driverOpts")),
            "Target": network.get("id") or network.get("name"),
        }
    )


def _driver_options(options: Sequence[str] | None) -> dict[str, str] | None:
    for option in options or []:
        if "=" not in option:
            raise ProviderError(f"driver option {option!r} is malformed: write name=value")
    return {name: value for name, _, value in (option.partition("=") for option in options or [])} or None


def _placement(placement: Properties | None) -> dict[str, Any] | None:
    if placement is None:
        return None
    return without_unset(
        {
            "Constraints": placement.get("constraints"),
            "MaxReplicas": placement.get("maxReplicas"),
            "Platforms": [
                {"Architecture": item["architecture"], "OS": item["os"]} for item in placement.get("platforms") or []
            ]
            or None,
            "Preferences": [{"Spread": {"SpreadDescriptor": _spread(item)}} for item in placement.get("prefs") or []]
            or None,
        }
    )


def _spread(preference: str) -> str:
    return preference.removeprefix("spread=")


def _resources(resources: Properties | None) -> dict[str, Any] | None:
    if resources is None:
        return None
    return without_unset(
        {"Limits": _amounts(resources.get("limits")), "Reservations": _amounts(resources.get("reservation"))}
    )


def _amounts(amounts: Properties | None) -> dict[str, Any] | None:
    if amounts is None:
        return None
    return without_unset({"MemoryBytes": amounts.get("memoryBytes"), "NanoCPUs": amounts.get("nanoCpus")})


def _restart_policy(policy: Properties | None) -> dict[str, Any] | None:
    if policy is None:
        return None
    return without_unset(
        {
            "Condition": policy.get("condition"),
            "Delay": nanoseconds(policy.get("delay")),
            "MaxAttempts": policy.get("maxAttempts"),
            "Window": nanoseconds(policy.get("window")),
        }
    )


def _rollout(config: Properties | None) -> dict[str, Any] | None:
    if config is None:
        return None
    return {
        "Delay": nanoseconds(config["delay"]) or 0,
        "FailureAction": config["failureAction"],
        "MaxFailureRatio": _ratio(config["maxFailureRatio"]),
        "Monitor": nanoseconds(config["monitor"]) or 0,
        "Order": config["order"],
        "Parallelism": config["parallelism"],
    }


def _ratio(text: str) -> float:
    try:
        ratio = float(text)
    except ValueError:
        ratio = -1.0
    if not 0 <= ratio <= _HIGHEST_RATIO:
        raise ProviderError(f"maxFailureRatio must be a number from 0.0 to 1.0, not {text!r}")
    return ratio


def _endpoint(endpoint: Properties | None) -> dict[str, Any] | None:
    if endpoint is None:
        return None
    return without_unset(
        {
            "Mode": endpoint.get("mode"),
            "Ports": [
                without_unset(
                    {
                        "Name": port.get("name"),
                        "Protocol": port["protocol"],
                        "PublishMode": port["publishMode"],
                        "PublishedPort": port.get("publishedPort"),
                        "TargetPort": port["targetPort"],
                    }
                )
                for port in endpoint.get("ports") or []
            ]
            or None,
        }
    )
