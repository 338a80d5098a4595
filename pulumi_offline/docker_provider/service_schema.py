"""`docker.Service` as data: its properties, their defaults and what a change of each does.

Almost everything changes in place, by a rolling update. Not covered, thus refused: credentials for a registry (`auth`),
SELinux and Windows settings (`privileges`, `isolation`), plugins as tasks (`runtime`) and generic resources.
"""

from __future__ import annotations

from typing import Final

from pulumi_offline.docker_provider.container_schema import MOUNT_FIELDS
from pulumi_offline.docker_provider.network import LABEL_FIELDS
from pulumi_offline.docker_provider.schema import Change, Kind, Property, Schema

_LABELS = Property(kind=Kind.OBJECTS, on_change=Change.UPDATE, unordered=True, fields=LABEL_FIELDS)
_FILE_MODE: Final = 0o444


def _file_fields(kind: str) -> Schema:
    """A secret or config as a file; Swarm refuses a reference without the name, so it is required here."""
    return {
        "fileGid": Property(default="0"),
        "fileMode": Property(kind=Kind.INTEGER, default=_FILE_MODE),
        "fileName": Property(required=True),
        "fileUid": Property(default="0"),
        f"{kind}Id": Property(required=True),
        f"{kind}Name": Property(required=True),
    }


_HEALTHCHECK_FIELDS: Schema = {
    "interval": Property(default="0s"),
    "retries": Property(kind=Kind.INTEGER),
    "startPeriod": Property(default="0s"),
    "tests": Property(kind=Kind.TEXTS, required=True),
    "timeout": Property(default="0s"),
}

_CONTAINER_FIELDS: Schema = {
    "args": Property(kind=Kind.TEXTS),
    "capAdds": Property(kind=Kind.TEXTS, unordered=True),
    "capDrops": Property(kind=Kind.TEXTS, unordered=True),
    "commands": Property(kind=Kind.TEXTS),
    "configs": Property(kind=Kind.OBJECTS, unordered=True, fields=_file_fields("config")),
    "dir": Property(),
    "dnsConfig": Property(
        kind=Kind.OBJECT,
        fields={
            "nameservers": Property(kind=Kind.TEXTS, required=True),
            "options": Property(kind=Kind.TEXTS),
            "searches": Property(kind=Kind.TEXTS),
        },
    ),
    "env": Property(kind=Kind.MAPPING),
    "groups": Property(kind=Kind.TEXTS),
    "healthcheck": Property(kind=Kind.OBJECT, fields=_HEALTHCHECK_FIELDS),
    "hostname": Property(),
    "hosts": Property(
        kind=Kind.OBJECTS, unordered=True, fields={"host": Property(required=True), "ip": Property(required=True)}
    ),
    "image": Property(required=True),
    "init": Property(kind=Kind.FLAG),
    "labels": _LABELS,
    "mounts": Property(kind=Kind.OBJECTS, unordered=True, fields=MOUNT_FIELDS),
    "readOnly": Property(kind=Kind.FLAG),
    "secrets": Property(kind=Kind.OBJECTS, unordered=True, fields=_file_fields("secret")),
    "stopGracePeriod": Property(),
    "stopSignal": Property(),
    "sysctl": Property(kind=Kind.MAPPING),
    "user": Property(),
}

_LIMIT_FIELDS: Schema = {"memoryBytes": Property(kind=Kind.INTEGER), "nanoCpus": Property(kind=Kind.INTEGER)}

_TASK_FIELDS: Schema = {
    "containerSpec": Property(kind=Kind.OBJECT, required=True, fields=_CONTAINER_FIELDS),
    "forceUpdate": Property(kind=Kind.INTEGER),
    "logDriver": Property(
        kind=Kind.OBJECT, fields={"name": Property(required=True), "options": Property(kind=Kind.MAPPING)}
    ),
    "networksAdvanceds": Property(
        kind=Kind.OBJECTS,
        unordered=True,
        fields={
            "aliases": Property(kind=Kind.TEXTS, unordered=True),
            "driverOpts": Property(kind=Kind.TEXTS, unordered=True),
            "id": Property(),
            "name": Property(),
        },
    ),
    "placement": Property(
        kind=Kind.OBJECT,
        fields={
            "constraints": Property(kind=Kind.TEXTS, unordered=True),
            "maxReplicas": Property(kind=Kind.INTEGER),
            "platforms": Property(
                kind=Kind.OBJECTS,
                unordered=True,
                fields={"architecture": Property(required=True), "os": Property(required=True)},
            ),
            "prefs": Property(kind=Kind.TEXTS, unordered=True),
        },
    ),
    "resources": Property(
        kind=Kind.OBJECT,
        fields={
            "limits": Property(kind=Kind.OBJECT, fields=_LIMIT_FIELDS),
            "reservation": Property(kind=Kind.OBJECT, fields=_LIMIT_FIELDS),
        },
    ),
    "restartPolicy": Property(
        kind=Kind.OBJECT,
        fields={
            "condition": Property(allowed=("none", "on-failure", "any")),
            "delay": Property(),
            "maxAttempts": Property(kind=Kind.INTEGER),
            "window": Property(),
        },
    ),
    "runtime": Property(allowed=("container",)),
}


def _rollout_fields(*failure_actions: str) -> Schema:
    return {
        "delay": Property(default="0s"),
        "failureAction": Property(default="pause", allowed=failure_actions),
        "maxFailureRatio": Property(default="0.0"),
        "monitor": Property(default="5s"),
        "order": Property(default="stop-first", allowed=("stop-first", "start-first")),
        "parallelism": Property(kind=Kind.INTEGER, default=1),
    }


SCHEMA: Schema = {
    "convergeConfig": Property(
        kind=Kind.OBJECT,
        on_change=Change.UPDATE,
        fields={"delay": Property(default="7s"), "timeout": Property(default="3m")},
    ),
    "endpointSpec": Property(
        kind=Kind.OBJECT,
        on_change=Change.UPDATE,
        fields={
            "mode": Property(allowed=("vip", "dnsrr")),
            "ports": Property(
                kind=Kind.OBJECTS,
                fields={
                    "name": Property(),
                    "protocol": Property(default="tcp", allowed=("tcp", "udp", "sctp")),
                    "publishMode": Property(default="ingress", allowed=("ingress", "host")),
                    "publishedPort": Property(kind=Kind.INTEGER),
                    "targetPort": Property(kind=Kind.INTEGER, required=True),
                },
            ),
        },
    ),
    "labels": _LABELS,
    "mode": Property(
        kind=Kind.OBJECT,
        on_change=Change.UPDATE,
        fields={
            "global": Property(kind=Kind.FLAG),
            "replicated": Property(kind=Kind.OBJECT, fields={"replicas": Property(kind=Kind.INTEGER, default=1)}),
        },
    ),
    "name": Property(),
    "rollbackConfig": Property(kind=Kind.OBJECT, on_change=Change.UPDATE, fields=_rollout_fields("pause", "continue")),
    "taskSpec": Property(kind=Kind.OBJECT, on_change=Change.UPDATE, required=True, fields=_TASK_FIELDS),
    "updateConfig": Property(
        kind=Kind.OBJECT, on_change=Change.UPDATE, fields=_rollout_fields("pause", "continue", "rollback")
    ),
}
