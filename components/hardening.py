"""How every container of the project runs: confined, limited, health-gated.

One function from a small specification to a `docker.Container`, so that no component can forget a rule.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_docker as docker

from components.digest import Digest
from components.image_layout import CODE, PYTHON
from course.identity import USER_ID

_LOOPBACK: Final = "127.0.0.1"
LOG_OPTIONS: Final = {"max-size": "10m", "max-file": "3"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a container may use; `processes` counts all threads of the container's user on the host."""

    memory_mib: int
    cpus: float
    processes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What runs as a container or as the tasks of a swarm's service, without the rules that hold for all.

    Attributes:
        image_id: Local id of the image, so that a moved tag never changes what runs, and no node asks a registry.
        image_digest: Content digest; a label, so that a preview shows a new image although its id is still unknown.
        probe: Command that answers the health check, without a shell.
        health_s: Pause between health checks, in seconds.
        volumes: Volume name by path inside the container; each node of a swarm has its own of that name.
        stop_seconds: Time between the request to stop and the kill.
    """

    name: str
    image_id: pulumi.Input[str]
    image_digest: Digest
    command: Sequence[str]
    probe: Sequence[str]
    health_s: int
    environment: Mapping[str, str]
    network: pulumi.Input[str]
    volumes: Mapping[str, pulumi.Input[str]]
    limits: Limits
    stop_seconds: int

    def labels(self) -> dict[str, pulumi.Input[str]]:
        """Return the labels that every workload has.

        The health check is one of them, so that a changed one replaces the container visibly.
        """
        return {
            "org.fondation.digest": self.image_digest,
            "org.fondation.probe": f"{' '.join(self.probe)} every {self.health_s} s",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerSpec:
    """A container, without the rules that hold for all.

    Attributes:
        port: Port inside the container; None where nothing listens.
        published: The same on the host's loopback interface; None publishes nothing.
        read_only_volumes: Further volumes by path, read-only.
        labels: Labels beside the workload's own; a value that changes replaces the container.
        user_id: Whom it runs as.
        init: Whether an init process comes first, which reaps what the workload leaves.
        memory_disks: Options of its disks in memory, by path, beside those that keep programs and devices off them.
    """

    workload: Workload
    port: int | None = None
    published: int | None = None
    read_only_volumes: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    labels: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    user_id: int = USER_ID
    init: bool = True
    memory_disks: Mapping[str, str] = field(default_factory=lambda: {"/tmp": "size=64m"})  # noqa: S108 - the container's


def http_probe(port: int, path: str) -> Sequence[str]:
    """Return the command that asks for a path on a port inside the container, by `course/probe.py`.

    Without `site` and the environment Python starts in half the time; a container runs this every few seconds.
    """
    return (PYTHON, "-IS", f"{CODE}/course/probe.py", str(port), path)


def hardened_container(resource_name: str, spec: ContainerSpec, opts: pulumi.ResourceOptions) -> docker.Container:
    """Declare the container: non-root, read-only, without capabilities, limited, and waited for until healthy."""
    what = spec.workload
    labels = {**what.labels(), **spec.labels}
    mounts = [_mount(path, volume, read_only=False) for path, volume in sorted(what.volumes.items())]
    mounts += [_mount(path, volume, read_only=True) for path, volume in sorted(spec.read_only_volumes.items())]
    return docker.Container(
        resource_name,
        name=what.name,
        image=what.image_id,
        command=list(what.command),
        user=f"{spec.user_id}:{spec.user_id}",
        envs=[f"{name}={value}" for name, value in sorted(what.environment.items())],
        labels=[docker.ContainerLabelArgs(label=label, value=value) for label, value in sorted(labels.items())],
        network_mode=what.network,
        ports=[]
        if spec.port is None or spec.published is None
        else [docker.ContainerPortArgs(internal=spec.port, external=spec.published, ip=_LOOPBACK, protocol="tcp")],
        mounts=mounts,
        tmpfs={
            path: f"rw,noexec,nosuid,nodev,{options},mode=1777" for path, options in sorted(spec.memory_disks.items())
        },
        init=spec.init,
        read_only=True,
        capabilities=docker.ContainerCapabilitiesArgs(drops=["ALL"]),
        security_opts=["no-new-privileges"],
        memory=what.limits.memory_mib,
        memory_swap=what.limits.memory_mib,
        cpus=str(what.limits.cpus),
        ulimits=[nproc(what.limits)],
        healthcheck=docker.ContainerHealthcheckArgs(
            tests=["CMD", *what.probe], interval=f"{what.health_s}s", timeout="3s", start_period="20s", retries=3
        ),
        wait=True,
        wait_timeout=60,
        restart="unless-stopped",
        stop_timeout=what.stop_seconds,
        destroy_grace_seconds=what.stop_seconds,
        log_driver="json-file",
        log_opts=LOG_OPTIONS,
        must_run=True,
        # Its name is taken as long as the old one is there; the provider says so too, but not for a replacement that an
        # operator asks for.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(delete_before_replace=True)),
    )


def nproc(limits: Limits) -> docker.ContainerUlimitArgs:
    """Return what stands in for a pids limit, which the provider does not have."""
    return docker.ContainerUlimitArgs(name="nproc", soft=limits.processes, hard=limits.processes)


def _mount(path: str, volume: pulumi.Input[str], *, read_only: bool) -> docker.ContainerMountArgs:
    return docker.ContainerMountArgs(type="volume", source=volume, target=path, read_only=read_only)
