"""The daemon's create and update requests for a container's properties (Engine API 1.41, `ContainerCreate`).

Pure: properties in, request out. Sizes are in MiB in the program and in bytes in the request; times are Go durations
in the program and nanoseconds in the request.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pulumi_offline.docker_provider.errors import ProviderError
from pulumi_offline.docker_provider.network import label_map

if TYPE_CHECKING:
    from pulumi_offline.docker_provider.values import Properties

_MIB = 1 << 20
_NANOSECONDS = {"ns": 1, "us": 10**3, "µs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)")


def create_request(inputs: Properties) -> dict[str, Any]:
    """The body of `POST /containers/create`."""
    return without_unset(
        {
            "AttachStderr": False,
            "AttachStdout": False,
            "Cmd": inputs.get("command"),
            "Domainname": inputs.get("domainname"),
            "Entrypoint": inputs.get("entrypoints"),
            "Env": inputs.get("envs"),
            "ExposedPorts": {_port_key(port): {} for port in inputs.get("ports") or []} or None,
            "Healthcheck": healthcheck(inputs.get("healthcheck")),
            "HostConfig": without_unset(_host_config(inputs)),
            "Hostname": inputs.get("hostname"),
            "Image": inputs["image"],
            "Labels": label_map(inputs.get("labels")) or None,
            "OpenStdin": inputs.get("stdinOpen"),
            "StopSignal": inputs.get("stopSignal"),
            "StopTimeout": inputs.get("stopTimeout"),
            "Tty": inputs.get("tty"),
            "User": inputs.get("user"),
            "Volumes": _anonymous_volumes(inputs) or None,
            "WorkingDir": inputs.get("workingDir"),
        }
    )


def _host_config(inputs: Properties) -> dict[str, Any]:
    capabilities = inputs.get("capabilities") or {}
    volumes = inputs.get("volumes") or []
    return {
        "AutoRemove": inputs.get("rm"),
        "Binds": [_bind(item) for item in volumes if item.get("hostPath") or item.get("volumeName")] or None,
        "CapAdd": capabilities.get("adds"),
        "CapDrop": capabilities.get("drops"),
        "Dns": inputs.get("dns"),
        "DnsOptions": inputs.get("dnsOpts"),
        "DnsSearch": inputs.get("dnsSearches"),
        "ExtraHosts": [f"{item['host']}:{item['ip']}" for item in inputs.get("hosts") or []] or None,
        "GroupAdd": inputs.get("groupAdds"),
        "Init": inputs.get("init"),
        "IpcMode": inputs.get("ipcMode"),
        "LogConfig": _log_config(inputs),
        "Mounts": [mount_request(item) for item in inputs.get("mounts") or []] or None,
        "NetworkMode": inputs.get("networkMode"),
        "PidMode": inputs.get("pidMode"),
        "PortBindings": _port_bindings(inputs.get("ports") or []) or None,
        "Privileged": inputs.get("privileged"),
        "PublishAllPorts": inputs.get("publishAllPorts"),
        "ReadonlyRootfs": inputs.get("readOnly"),
        "SecurityOpt": inputs.get("securityOpts"),
        "ShmSize": _bytes(inputs.get("shmSize")),
        "Sysctls": inputs.get("sysctls"),
        "Tmpfs": inputs.get("tmpfs"),
        "Ulimits": [
            {"Name": item["name"], "Soft": item["soft"], "Hard": item["hard"]} for item in inputs.get("ulimits") or []
        ]
        or None,
        "UsernsMode": inputs.get("usernsMode"),
        "VolumesFrom": [item["fromContainer"] for item in volumes if item.get("fromContainer")] or None,
        **limits(inputs),
    }


def limits(inputs: Properties) -> dict[str, Any]:
    """Limits and restart policy; the same fields go into a create and into an update."""
    memory, swap = _bytes(inputs.get("memory")), _bytes(inputs.get("memorySwap"))
    return {
        "CpuShares": inputs.get("cpuShares"),
        "CpusetCpus": inputs.get("cpuSet"),
        "Memory": memory,
        "MemoryReservation": _bytes(inputs.get("memoryReservation")),
        "MemorySwap": swap,
        "NanoCpus": _nano_cpus(inputs.get("cpus")),
        "RestartPolicy": {
            "Name": inputs.get("restart") or "no",
            "MaximumRetryCount": inputs.get("maxRetryCount") or 0,
        },
    }


def update_request(inputs: Properties) -> dict[str, Any]:
    """The body of `POST /containers/{id}/update`.

    A memory limit without a swap limit is sent with twice its value, which is what the daemon chooses at creation:
    otherwise it would refuse to raise the memory above the old choice. Limits that were removed are sent as zero.
    """
    body = limits(inputs)
    if body["Memory"] and not body["MemorySwap"]:
        body["MemorySwap"] = 2 * body["Memory"]
    return {name: (0 if value is None and name != "CpusetCpus" else value or "") for name, value in body.items()}


def _bytes(size_mib: int | None) -> int | None:
    return size_mib if size_mib is None or size_mib < 0 else size_mib * _MIB


def _nano_cpus(cpus: str | None) -> int | None:
    if not cpus:
        return None
    try:
        return int(Decimal(cpus) * 10**9)
    except ArithmeticError as error:
        raise ProviderError(f"cpus must be a number of processors such as '1.5', not {cpus!r}") from error


def _log_config(inputs: Properties) -> dict[str, Any] | None:
    if not inputs.get("logDriver") and not inputs.get("logOpts"):
        return None
    return {"Type": inputs.get("logDriver") or "", "Config": inputs.get("logOpts") or {}}


def _port_key(port: Properties) -> str:
    return f"{port['internal']}/{port.get('protocol') or 'tcp'}"


def _port_bindings(ports: list[Properties]) -> dict[str, list[dict[str, str]]]:
    bindings: dict[str, list[dict[str, str]]] = {}
    for port in ports:
        external = str(port["external"]) if port.get("external") else ""
        bindings.setdefault(_port_key(port), []).append({"HostIp": port.get("ip") or "", "HostPort": external})
    return bindings


def _bind(volume: Properties) -> str:
    source = volume.get("hostPath") or volume["volumeName"]
    return f"{source}:{volume.get('containerPath')}:{'ro' if volume.get('readOnly') else 'rw'}"


def _anonymous_volumes(inputs: Properties) -> dict[str, dict[str, str]]:
    return {
        item["containerPath"]: {}
        for item in inputs.get("volumes") or []
        if item.get("containerPath") and not item.get("hostPath") and not item.get("volumeName")
    }


def mount_request(mount: Properties) -> dict[str, Any]:
    """One entry of a `Mounts` section; containers and services share its form."""
    bind, tmpfs, volume = (mount.get(name) or {} for name in ("bindOptions", "tmpfsOptions", "volumeOptions"))
    driver = {"Name": volume.get("driverName"), "Options": volume.get("driverOptions")}
    return without_unset(
        {
            "BindOptions": without_unset({"Propagation": bind.get("propagation")}),
            "ReadOnly": mount.get("readOnly"),
            "Source": mount.get("source"),
            "Target": mount["target"],
            "TmpfsOptions": without_unset({"Mode": tmpfs.get("mode"), "SizeBytes": tmpfs.get("sizeBytes")}),
            "Type": mount["type"],
            "VolumeOptions": without_unset(
                {
                    "DriverConfig": without_unset(driver),
                    "Labels": label_map(volume.get("labels")) or None,
                    "NoCopy": volume.get("noCopy"),
                }
            ),
        }
    )


def healthcheck(check: Properties | None) -> dict[str, Any] | None:
    """The health check section; an unset time keeps the daemon's default."""
    if not check:
        return None
    return without_unset(
        {
            "Interval": nanoseconds(check.get("interval")),
            "Retries": check.get("retries"),
            "StartPeriod": nanoseconds(check.get("startPeriod")),
            "Test": check.get("tests"),
            "Timeout": nanoseconds(check.get("timeout")),
        }
    )


def nanoseconds(duration: str | None) -> int | None:
    """A Go duration such as `1m30s`.

    Raises:
        ProviderError: the text is not a duration.
    """
    if not duration or duration == "0":
        return None
    if not re.fullmatch(f"(?:{_DURATION.pattern})+", duration):
        raise ProviderError(
            f"{duration!r} is not a duration: write a number and a unit such as '500ms', '10s' or '1m30s'"
        )
    return int(sum(Decimal(number) * _NANOSECONDS[unit] for number, unit in _DURATION.findall(duration)))


def without_unset(values: dict[str, Any]) -> dict[str, Any]:
    """The request's section without what the program left to the daemon."""
    return {name: value for name, value in values.items() if value is not None and value != {}}
