"""How every service of a swarm runs: confined, limited, updated by replacement and rolled back on failure.

The counterpart of `hardening` for services. Two of its rules a service's specification cannot express, the process
limit and `no-new-privileges`: they belong in the configuration of each node's daemon.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_docker as docker

from components.hardening import LOG_OPTIONS, Workload
from course.identity import USER

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
        data: Path of the tasks' working folder; each task has a volume of its own, which goes when the task goes.
        replicas: Tasks that run at once.
        placement: Constraints that a node has to satisfy, such as `node.role==manager`.
    """

    workload: Workload
    data: str
    secrets: Sequence[docker.ServiceTaskSpecContainerSpecSecretArgs]
    configs: Sequence[docker.ServiceTaskSpecContainerSpecConfigArgs]
    replicas: int
    placement: Sequence[str]


def hardened_service(resource_name: str, spec: SwarmServiceSpec, opts: pulumi.ResourceOptions) -> docker.Service:
    """Declare the service and wait for its tasks: all healthy, or rolled back and the update fails.

    A new task is healthy before an old one is asked to stop, so a release that never becomes healthy costs no capacity;
    half of the tasks change at once, so an update needs half as much memory again.
    """
    what = spec.workload
    return docker.Service(
        resource_name,
        name=what.name,
        labels=[docker.ServiceLabelArgs(label="org.fondation.digest", value=what.image_digest)],
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
            networks_advanceds=[docker.ServiceTaskSpecNetworksAdvancedArgs(id=what.network)],
            placement=docker.ServiceTaskSpecPlacementArgs(constraints=list(spec.placement)),
            resources=docker.ServiceTaskSpecResourcesArgs(
                limits=docker.ServiceTaskSpecResourcesLimitsArgs(
                    memory_bytes=what.limits.memory_mib * _BYTES_PER_MIB, nano_cpus=int(what.limits.cpus * _NANO)
                )
            ),
            restart_policy=docker.ServiceTaskSpecRestartPolicyArgs(condition="any", delay="5s"),
            log_driver=docker.ServiceTaskSpecLogDriverArgs(name="json-file", options=LOG_OPTIONS),
        ),
        opts=opts,
    )


def _container(spec: SwarmServiceSpec) -> docker.ServiceTaskSpecContainerSpecArgs:
    what = spec.workload
    mounts = [
        docker.ServiceTaskSpecContainerSpecMountArgs(
            type="tmpfs",
            target="/tmp",  # noqa: S108 - the container's own; noexec, nosuid and nodev are Docker's defaults
            tmpfs_options=docker.ServiceTaskSpecContainerSpecMountTmpfsOptionsArgs(size_bytes=_TMP_BYTES, mode=0o1777),
        ),
        docker.ServiceTaskSpecContainerSpecMountArgs(type="volume", target=spec.data),
        *(
            docker.ServiceTaskSpecContainerSpecMountArgs(type="volume", target=path, source=volume)
            for path, volume in sorted(what.volumes.items())
        ),
    ]
    return docker.ServiceTaskSpecContainerSpecArgs(
        image=what.image_id,
        args=list(what.command),
        env=dict(what.environment),
        user=USER,
        labels=[
            docker.ServiceTaskSpecContainerSpecLabelArgs(label=label, value=value)
            for label, value in sorted(what.labels().items())
        ],
        init=True,
        read_only=True,
        cap_drops=["ALL"],
        mounts=mounts,
        secrets=list(spec.secrets),
        configs=list(spec.configs),
        healthcheck=docker.ServiceTaskSpecContainerSpecHealthcheckArgs(
            tests=["CMD", *what.probe], interval=f"{what.health_s}s", timeout="3s", start_period="20s", retries=3
        ),
        stop_grace_period=f"{what.stop_seconds}s",
    )
