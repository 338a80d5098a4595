"""`docker.Container` as data: its properties, their defaults and what a change of each does.

Which changes replace is the genuine provider's answer. Not covered, thus refused: devices, block I/O limits, GPUs,
cgroup parents, storage options, runtimes.
"""

from __future__ import annotations

from pulumi_offline.docker_provider.network import LABEL_FIELDS
from pulumi_offline.docker_provider.schema import Change, Kind, Property, Schema

MOUNT_FIELDS: Schema = {
    "bindOptions": Property(kind=Kind.OBJECT, fields={"propagation": Property()}),
    "readOnly": Property(kind=Kind.FLAG),
    "source": Property(),
    "target": Property(required=True),
    "tmpfsOptions": Property(
        kind=Kind.OBJECT, fields={"mode": Property(kind=Kind.INTEGER), "sizeBytes": Property(kind=Kind.INTEGER)}
    ),
    "type": Property(required=True, allowed=("bind", "volume", "tmpfs")),
    "volumeOptions": Property(
        kind=Kind.OBJECT,
        fields={
            "driverName": Property(),
            "driverOptions": Property(kind=Kind.MAPPING),
            "labels": Property(kind=Kind.OBJECTS, unordered=True, fields=LABEL_FIELDS),
            "noCopy": Property(kind=Kind.FLAG),
        },
    ),
}

_NETWORK_FIELDS: Schema = {
    "aliases": Property(kind=Kind.TEXTS, unordered=True),
    "ipv4Address": Property(),
    "ipv6Address": Property(),
    "linkLocalIps": Property(kind=Kind.TEXTS, unordered=True),
    "name": Property(required=True),
}

_UPLOAD_FIELDS: Schema = {
    "content": Property(),
    "contentBase64": Property(),
    "executable": Property(kind=Kind.FLAG),
    "file": Property(required=True),
    "permissions": Property(),
    "source": Property(),
    "sourceHash": Property(),
}

_VOLUME_FIELDS: Schema = {
    "containerPath": Property(),
    "fromContainer": Property(),
    "hostPath": Property(),
    "readOnly": Property(kind=Kind.FLAG),
    "volumeName": Property(),
}

_IDENTITY: Schema = {
    "command": Property(kind=Kind.TEXTS),
    "domainname": Property(),
    "entrypoints": Property(kind=Kind.TEXTS),
    "envs": Property(kind=Kind.TEXTS, unordered=True),
    "hostname": Property(),
    "image": Property(required=True),
    "labels": Property(kind=Kind.OBJECTS, unordered=True, fields=LABEL_FIELDS),
    "name": Property(),
    "platform": Property(),
    "stdinOpen": Property(kind=Kind.FLAG),
    "tty": Property(kind=Kind.FLAG),
    "user": Property(),
    "workingDir": Property(),
}

_ISOLATION: Schema = {
    "capabilities": Property(
        kind=Kind.OBJECT,
        fields={
            "adds": Property(kind=Kind.TEXTS, unordered=True),
            "drops": Property(kind=Kind.TEXTS, unordered=True),
        },
    ),
    "groupAdds": Property(kind=Kind.TEXTS, unordered=True),
    "init": Property(kind=Kind.FLAG),
    "ipcMode": Property(),
    "pidMode": Property(),
    "privileged": Property(kind=Kind.FLAG),
    "readOnly": Property(kind=Kind.FLAG),
    "securityOpts": Property(kind=Kind.TEXTS, unordered=True),
    "sysctls": Property(kind=Kind.MAPPING),
    "usernsMode": Property(),
}

_NETWORKING: Schema = {
    "dns": Property(kind=Kind.TEXTS, unordered=True),
    "dnsOpts": Property(kind=Kind.TEXTS, unordered=True),
    "dnsSearches": Property(kind=Kind.TEXTS, unordered=True),
    "hosts": Property(
        kind=Kind.OBJECTS, unordered=True, fields={"host": Property(required=True), "ip": Property(required=True)}
    ),
    "networkMode": Property(default="bridge"),
    "networksAdvanced": Property(kind=Kind.OBJECTS, unordered=True, fields=_NETWORK_FIELDS),
    "ports": Property(
        kind=Kind.OBJECTS,
        fields={
            "external": Property(kind=Kind.INTEGER),
            "internal": Property(kind=Kind.INTEGER, required=True),
            "ip": Property(default="0.0.0.0"),  # noqa: S104  # Docker's own default
            "protocol": Property(default="tcp", allowed=("tcp", "udp", "sctp")),
        },
    ),
    "publishAllPorts": Property(kind=Kind.FLAG),
}

_STORAGE: Schema = {
    "mounts": Property(kind=Kind.OBJECTS, unordered=True, fields=MOUNT_FIELDS),
    "removeVolumes": Property(kind=Kind.FLAG, on_change=Change.UPDATE, default=True),
    "shmSize": Property(kind=Kind.INTEGER),
    "tmpfs": Property(kind=Kind.MAPPING),
    "uploads": Property(kind=Kind.OBJECTS, unordered=True, fields=_UPLOAD_FIELDS),
    "volumes": Property(kind=Kind.OBJECTS, unordered=True, fields=_VOLUME_FIELDS),
}

_LIMITS: Schema = {
    "cpuSet": Property(on_change=Change.UPDATE),
    "cpuShares": Property(kind=Kind.INTEGER, on_change=Change.UPDATE),
    "cpus": Property(on_change=Change.UPDATE),
    "maxRetryCount": Property(kind=Kind.INTEGER, on_change=Change.UPDATE),
    "memory": Property(kind=Kind.INTEGER, on_change=Change.UPDATE),
    "memoryReservation": Property(kind=Kind.INTEGER, on_change=Change.UPDATE),
    "memorySwap": Property(kind=Kind.INTEGER, on_change=Change.UPDATE),
    "restart": Property(on_change=Change.UPDATE, allowed=("no", "on-failure", "always", "unless-stopped")),
    "ulimits": Property(
        kind=Kind.OBJECTS,
        unordered=True,
        fields={
            "hard": Property(kind=Kind.INTEGER, required=True),
            "name": Property(required=True),
            "soft": Property(kind=Kind.INTEGER, required=True),
        },
    ),
}

_LIFE_CYCLE: Schema = {
    "attach": Property(kind=Kind.FLAG, on_change=Change.UPDATE),
    # Of Pulumi's own provider alone; here so that the inputs of both are the same.
    "containerReadRefreshTimeoutMilliseconds": Property(kind=Kind.INTEGER, on_change=Change.UPDATE, default=15000),
    "destroyGraceSeconds": Property(kind=Kind.INTEGER, on_change=Change.UPDATE),
    "healthcheck": Property(
        kind=Kind.OBJECT,
        on_change=Change.UPDATE,
        fields={
            "interval": Property(),
            "retries": Property(kind=Kind.INTEGER),
            "startInterval": Property(default="0s", allowed=("0s",)),
            "startPeriod": Property(),
            "tests": Property(kind=Kind.TEXTS),
            "timeout": Property(),
        },
    ),
    "logDriver": Property(),
    "logOpts": Property(kind=Kind.MAPPING),
    "logs": Property(kind=Kind.FLAG, on_change=Change.UPDATE),
    "mustRun": Property(kind=Kind.FLAG, on_change=Change.UPDATE, default=True),
    "rm": Property(kind=Kind.FLAG),
    "start": Property(kind=Kind.FLAG, on_change=Change.UPDATE, default=True),
    "stopSignal": Property(),
    "stopTimeout": Property(kind=Kind.INTEGER),
    "wait": Property(kind=Kind.FLAG, on_change=Change.UPDATE),
    "waitTimeout": Property(kind=Kind.INTEGER, on_change=Change.UPDATE, default=60),
}

SCHEMA: Schema = {**_IDENTITY, **_ISOLATION, **_NETWORKING, **_STORAGE, **_LIMITS, **_LIFE_CYCLE}

UPDATABLE_LIMITS = tuple(name for name, row in _LIMITS.items() if row.on_change is Change.UPDATE)
"""What the daemon can change on a container that runs."""
