"""A container's outputs, and what of it drifted away from the recorded state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pulumi_offline.docker_provider.daemon import Client
    from pulumi_offline.docker_provider.values import Properties

_MIB = 1 << 20
META = '{"schema_version":"2"}'
"""Which form of a container's state Pulumi's own provider is to read this as."""
DRIFT = "__drift"
"""State property (hidden by the engine): how a refresh found the container, or its creation left it."""
STOPPED = "stopped"
UNFINISHED = "unfinished"


def unfinished(inputs: Properties) -> Properties:
    """The state of a container whose creation broke off and that nothing but a replacement puts right."""
    return {**inputs, DRIFT: UNFINISHED}


def outputs(client: Client, container_id: str, inputs: Properties) -> Properties:
    """The inputs and what the daemon adds to them."""
    found = client.inspect_container(container_id)
    logs = None
    if inputs.get("attach") and inputs.get("logs"):
        logs = client.logs(container_id).decode("utf-8", "replace")
    return {**inputs, **_computed(found), "containerLogs": logs}


def _computed(found: dict[str, Any]) -> Properties:
    networks = found["NetworkSettings"]["Networks"] or {}
    return {
        "__meta": META,
        "bridge": found["NetworkSettings"].get("Bridge", ""),
        "exitCode": found["State"]["ExitCode"],
        "networkDatas": [
            {
                "gateway": network["Gateway"],
                "globalIpv6Address": network["GlobalIPv6Address"],
                "globalIpv6PrefixLength": network["GlobalIPv6PrefixLen"],
                "ipAddress": network["IPAddress"],
                "ipPrefixLength": network["IPPrefixLen"],
                "ipv6Gateway": network["IPv6Gateway"],
                "macAddress": network["MacAddress"],
                "networkName": name,
            }
            for name, network in sorted(networks.items())
        ],
    }


def with_drift(found: dict[str, Any], state: Properties) -> Properties:
    """The recorded state, corrected by what the daemon says of the properties that the program set."""
    live = {**state, **_computed(found)}
    if live.get(DRIFT) == UNFINISHED:
        return live
    live.pop(DRIFT, None)
    if state.get("mustRun") and state.get("start") and not _runs(found["State"]):
        live.update({"mustRun": False, DRIFT: STOPPED})
    live |= {name: value for name, value in _limits(found["HostConfig"]).items() if state.get(name) is not None}
    networks = found["NetworkSettings"]["Networks"] or {}
    attached = {key for name, network in networks.items() for key in (name, network.get("NetworkID"))}
    if state.get("networksAdvanced"):
        live["networksAdvanced"] = [item for item in state["networksAdvanced"] if item["name"] in attached]
    return live


def _runs(state: dict[str, Any]) -> bool:
    return bool(state["Running"] or state.get("Restarting"))


def _limits(host: dict[str, Any]) -> Properties:
    swap = host["MemorySwap"]
    return {
        "cpuSet": host["CpusetCpus"],
        "cpuShares": host["CpuShares"],
        "maxRetryCount": host["RestartPolicy"]["MaximumRetryCount"],
        "memory": host["Memory"] // _MIB,
        "memoryReservation": host["MemoryReservation"] // _MIB,
        "memorySwap": swap if swap < 0 else swap // _MIB,
        "restart": host["RestartPolicy"]["Name"] or "no",
    }
