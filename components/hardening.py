"""How every container of the project runs: confined, limited, health-gated.

One function from a small specification to a `docker.Container`, so that no component can forget a rule.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_docker as docker

from components.digest import Digest
from components.image_layout import CODE, PYTHON

USER: Final = "10001:10001"
_LOOPBACK: Final = "127.0.0.1"
LOG_OPTIONS: Final = {"max-size": "10m", "max-file": "3"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a container may use; `processes` counts all threads of the container's user on the host."""

    memory_mib: int
    cpus: float
    processes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerSpec:
    """A container, without the rules that hold for all.

    Attributes:
        image_id: Local id of the image, so that a moved tag never changes what runs.
        image_digest: Content digest; a label, so that a preview shows a new image although its id is still unknown.
        probe: Command that answers the health check, without a shell.
        health_s: Pause between health checks, in seconds.
        port: Port inside the container.
        published: The same on the host's loopback interface; None publishes nothing.
        volumes: Volume name by path inside the container.
        read_only_volumes: The same, read-only.
        labels: Labels beside the digest; a value that changes replaces the container.
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
    port: int
    published: int | None
    volumes: Mapping[str, pulumi.Input[str]]
    read_only_volumes: Mapping[str, pulumi.Input[str]]
    labels: Mapping[str, pulumi.Input[str]]
    limits: Limits
    stop_seconds: int


def module_probe(module: str) -> Sequence[str]:
    """Return the command that runs a module of the image which needs nothing but the standard library.

    Without `site` and the environment Python starts in half the time; a container runs this every few seconds.
    """
    return (PYTHON, "-IS", f"{CODE}/{module.replace('.', '/')}.py")


def probe_label(probe: Sequence[str], health_s: int) -> str:
    """Return the label that a changed health check changes, so that it replaces the container visibly."""
    return f"{' '.join(probe)} every {health_s} s"


def hardened_container(resource_name: str, spec: ContainerSpec, opts: pulumi.ResourceOptions) -> docker.Container:
    """Declare the container: non-root, read-only, without capabilities, limited, and waited for until healthy."""
    labels = {
        "org.fondation.digest": spec.image_digest,
        "org.fondation.probe": probe_label(spec.probe, spec.health_s),
        **spec.labels,
    }
    mounts = [_mount(path, volume, read_only=False) for path, volume in sorted(spec.volumes.items())]
    mounts += [_mount(path, volume, read_only=True) for path, volume in sorted(spec.read_only_volumes.items())]
    return docker.Container(
        resource_name,
        name=spec.name,
        image=spec.image_id,
        command=list(spec.command),
        user=USER,
        envs=[f"{name}={value}" for name, value in sorted(spec.environment.items())],
        labels=[docker.ContainerLabelArgs(label=label, value=value) for label, value in sorted(labels.items())],
        network_mode=spec.network,
        ports=[]
        if spec.published is None
        else [docker.ContainerPortArgs(internal=spec.port, external=spec.published, ip=_LOOPBACK, protocol="tcp")],
        mounts=mounts,
        tmpfs={"/tmp": "rw,noexec,nosuid,nodev,size=64m,mode=1777"},  # noqa: S108 - the container's own
        init=True,
        read_only=True,
        capabilities=docker.ContainerCapabilitiesArgs(drops=["ALL"]),
        security_opts=["no-new-privileges"],
        memory=spec.limits.memory_mib,
        memory_swap=spec.limits.memory_mib,
        cpus=str(spec.limits.cpus),
        ulimits=[nproc(spec.limits)],
        healthcheck=docker.ContainerHealthcheckArgs(
            tests=["CMD", *spec.probe], interval=f"{spec.health_s}s", timeout="3s", start_period="20s", retries=3
        ),
        wait=True,
        wait_timeout=60,
        restart="unless-stopped",
        stop_timeout=spec.stop_seconds,
        destroy_grace_seconds=spec.stop_seconds,
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
