"""How every service of a swarm runs: confined, limited, updated by replacement and rolled back on failure.

The counterpart of `hardening` for services. Two of its rules a service's specification cannot express, the process
limit and `no-new-privileges`: they belong in the configuration of each node's daemon.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_docker as docker

from components.digest import Digest
from components.hardening import LOG_OPTIONS, USER, Limits, probe_label

_BYTES_PER_MIB: Final = 1 << 20
_NANO: Final = 10**9
_TMP_BYTES: Final = 64 * _BYTES_PER_MIB
_MONITOR: Final = "5s"
# Until a task is healthy, with room for a slow node.
_START_S: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class SwarmServiceSpec:
    """A service, without the rules that hold for all.

    Attributes:
        image_id: Local id of the image: no node asks a registry for it, and a moved tag never changes what runs.
        image_digest: Content digest; a label, so that a preview shows a new image although its id is still unknown.
        probe: Command that answers the health check, without a shell.
        health_s: Pause between health checks, in seconds.
        data: Path of the tasks' working folder; each task has a volume of its own, which goes when the task goes.
        volumes: Named volumes by path inside the tasks; each node has its own of that name.
        replicas: Tasks that run at once.
        placement: Constraints that a node has to satisfy, such as `node.role==manager`.
        stop_seconds: Time between the request to stop and the kill.
    """

    name: str
    image_id: pulumi.Input[str]
    image_digest: Digest
    command: Sequence[str]
    probe: Sequence[str]
    health_s: int
    environment: Mapping[str, pulumi.Input[str]]
    network: pulumi.Input[str]
    data: str
    volumes: Mapping[str, pulumi.Input[str]]
    secrets: Sequence[docker.ServiceTaskSpecContainerSpecSecretArgs]
    configs: Sequence[docker.ServiceTaskSpecContainerSpecConfigArgs]
    limits: Limits
    replicas: int
    placement: Sequence[str]
    stop_seconds: int


def hardened_service(resource_name: str, spec: SwarmServiceSpec, opts: pulumi.ResourceOptions) -> docker.Service:
    """Declare the service and wait for its tasks: all healthy, or rolled back and the update fails.

    A new task is healthy before an old one is asked to stop, so a release that never becomes healthy costs no capacity;
    half of the tasks change at once, so an update needs half as much memory again.
    """
    return docker.Service(
        resource_name,
        name=spec.name,
        labels=[docker.ServiceLabelArgs(label="org.fondation.digest", value=spec.image_digest)],
        mode=docker.ServiceModeArgs(replicated=docker.ServiceModeReplicatedArgs(replicas=spec.replicas)),
        # No port is published, and names resolve to the tasks themselves: no load balancer in the kernel is needed.
        endpoint_spec=docker.ServiceEndpointSpecArgs(mode="dnsrr"),
        converge_config=docker.ServiceConvergeConfigArgs(delay="500ms", timeout=f"{_START_S * (1 + spec.replicas)}s"),
        update_config=docker.ServiceUpdateConfigArgs(
            parallelism=(spec.replicas + 1) // 2, order="start-first", failure_action="rollback", monitor=_MONITOR
        ),
        rollback_config=docker.ServiceRollbackConfigArgs(parallelism=0, order="start-first", monitor=_MONITOR),
        task_spec=docker.ServiceTaskSpecArgs(
            container_spec=_container(spec),
            networks_advanceds=[docker.ServiceTaskSpecNetworksAdvancedArgs(id=spec.network)],
            placement=docker.ServiceTaskSpecPlacementArgs(constraints=list(spec.placement)),
            resources=docker.ServiceTaskSpecResourcesArgs(
                limits=docker.ServiceTaskSpecResourcesLimitsArgs(
                    memory_bytes=spec.limits.memory_mib * _BYTES_PER_MIB, nano_cpus=int(spec.limits.cpus * _NANO)
                )
            ),
            restart_policy=docker.ServiceTaskSpecRestartPolicyArgs(condition="any", delay="5s"),
            log_driver=docker.ServiceTaskSpecLogDriverArgs(name="json-file", options=LOG_OPTIONS),
        ),
        opts=opts,
    )


def _container(spec: SwarmServiceSpec) -> docker.ServiceTaskSpecContainerSpecArgs:
    labels = {
        "org.fondation.digest": spec.image_digest,
        "org.fondation.probe": probe_label(spec.probe, spec.health_s),
    }
    mounts = [
        docker.ServiceTaskSpecContainerSpecMountArgs(
            type="tmpfs",
            target="/tmp",  # noqa: S108 - the container's own; noexec, nosuid and nodev are Docker's defaults
            tmpfs_options=docker.ServiceTaskSpecContainerSpecMountTmpfsOptionsArgs(size_bytes=_TMP_BYTES, mode=0o1777),
        ),
        docker.ServiceTaskSpecContainerSpecMountArgs(type="volume", target=spec.data),
        *(
            docker.ServiceTaskSpecContainerSpecMountArgs(type="volume", target=path, source=volume)
            for path, volume in sorted(spec.volumes.items())
        ),
    ]
    return docker.ServiceTaskSpecContainerSpecArgs(
        image=spec.image_id,
        args=list(spec.command),
        env=dict(spec.environment),
        user=USER,
        labels=[
            docker.ServiceTaskSpecContainerSpecLabelArgs(label=label, value=value)
            for label, value in sorted(labels.items())
        ],
        init=True,
        read_only=True,
        cap_drops=["ALL"],
        mounts=mounts,
        secrets=list(spec.secrets),
        configs=list(spec.configs),
        healthcheck=docker.ServiceTaskSpecContainerSpecHealthcheckArgs(
            tests=["CMD", *spec.probe], interval=f"{spec.health_s}s", timeout="3s", start_period="20s", retries=3
        ),
        stop_grace_period=f"{spec.stop_seconds}s",
    )
