"""The worker: a container, its working folder's volume and the volume of imported repositories."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi

from components.configuration import StackConfiguration
from components.credential import BAKED_FILE, AuthMode
from components.hardening import ContainerSpec, Limits, Workload, hardened_container, http_probe
from components.service import ServiceArgs
from components.stack_names import REPOSITORIES
from course.credential import FILE_VARIABLE

HEALTH_PORT: Final = 8080
DATA: Final = "/var/lib/fondation"
# Between the end of the worker's own drain and the kill.
_STOP_MARGIN_S: Final = 15
_BYTES_PER_MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerArgs:
    """Arguments of the worker; `_s` is seconds.

    Attributes:
        convex_url: URL of the backend as the container reaches it.
        claude_base_url: Address of the model's service; None for Anthropic's own.
        baked_credential: Where the image holds the model's credential; None where it is mounted or there is none.
        local_repositories: Whether it takes imported repositories.
        limits: What the worker and the analyses that it starts may use.
    """

    service: ServiceArgs
    convex_url: str
    engine: str
    claude_base_url: str | None
    baked_credential: str | None
    local_repositories: bool
    limits: Limits
    concurrency: int
    lease_s: int
    heartbeat_s: int
    job_deadline_s: int
    drain_s: int
    repository_max_mib: int
    repository_max_files: int

    @classmethod
    def configured(cls, configuration: StackConfiguration, *, service: ServiceArgs, convex_url: str) -> "WorkerArgs":
        """Return the arguments of a worker as a stack's configuration has them."""
        return cls(
            service=service,
            convex_url=convex_url,
            engine=configuration.engine,
            claude_base_url=configuration.claude_base_url,
            baked_credential=BAKED_FILE if configuration.auth_mode is AuthMode.BAKED else None,
            local_repositories=configuration.local_repositories,
            limits=Limits(
                memory_mib=configuration.worker_memory_mib,
                cpus=configuration.worker_cpus,
                processes=configuration.worker_processes,
            ),
            concurrency=configuration.worker_concurrency,
            lease_s=configuration.lease_seconds,
            heartbeat_s=configuration.heartbeat_seconds,
            job_deadline_s=configuration.job_deadline_seconds,
            drain_s=configuration.drain_seconds,
            repository_max_mib=configuration.repository_max_mib,
            repository_max_files=configuration.repository_max_files,
        )

    @property
    def stop_seconds(self) -> int:
        """Time between the request to stop and the kill."""
        return self.drain_s + _STOP_MARGIN_S

    def environment(self) -> dict[str, str]:
        """Return the worker's environment."""
        variables = {
            **self.service.environment(),
            "CONVEX_URL": self.convex_url,
            "FONDATION_CONCURRENCY": str(self.concurrency),
            "FONDATION_DATA_DIR": DATA,
            "FONDATION_DRAIN_S": str(self.drain_s),
            "FONDATION_ENGINE": self.engine,
            "FONDATION_HEALTH_HOST": "0.0.0.0",  # noqa: S104 - inside the container; nothing publishes it
            "FONDATION_HEALTH_PORT": str(HEALTH_PORT),
            "FONDATION_HEARTBEAT_S": str(self.heartbeat_s),
            "FONDATION_JOB_DEADLINE_S": str(self.job_deadline_s),
            "FONDATION_LEASE_S": str(self.lease_s),
            "FONDATION_REPOSITORY_MAX_BYTES": str(self.repository_max_mib * _BYTES_PER_MIB),
            "FONDATION_REPOSITORY_MAX_FILES": str(self.repository_max_files),
            "FONDATION_WORKER_NAME": self.service.names.of("worker"),
        }
        if self.claude_base_url:
            variables["FONDATION_CLAUDE_BASE_URL"] = self.claude_base_url
        if self.baked_credential:
            variables[FILE_VARIABLE] = self.baked_credential
        if self.local_repositories:
            variables["FONDATION_LOCAL_REPOSITORIES"] = REPOSITORIES
        return variables

    def workload(self, environment: Mapping[str, str], volumes: Mapping[str, pulumi.Input[str]]) -> Workload:
        """Return what one worker is, as a container or as a task of a swarm."""
        return self.service.workload(
            "worker",
            probe=http_probe(HEALTH_PORT, "/health/live"),
            environment=environment,
            volumes=volumes,
            limits=self.limits,
            stop_seconds=self.stop_seconds,
        )

    def repositories(self, name: str, opts: pulumi.ResourceOptions) -> dict[str, pulumi.Input[str]]:
        """Declare the volume of imported repositories by the path that it is mounted on; none where none are taken."""
        if not self.local_repositories:
            return {}
        volume = self.service.volumes.declare(f"{name}-repositories", "repositories", opts)
        return {REPOSITORIES: volume.name}


class Worker(pulumi.ComponentResource):
    """Claims jobs, clones repositories, runs the bundled CLI and publishes courses."""

    def __init__(self, name: str, args: WorkerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fondation:components:Worker", name, None, opts)
        own = pulumi.ResourceOptions(parent=self)
        host = args.service.names.of("worker")
        data = args.service.volumes.declare(f"{name}-data", "worker", own)
        self.container = hardened_container(
            f"{name}-container",
            ContainerSpec(
                workload=args.workload(args.environment(), {DATA: data.name, **args.repositories(name, own)}),
                port=HEALTH_PORT,
                published=None,
                read_only_volumes=args.service.secret_volumes(),
                labels=args.service.secret_labels(),
            ),
            own,
        )
        self.metrics_address = f"{host}:{HEALTH_PORT}"
        self.register_outputs({"container": self.container.name})
