"""The worker: a container, its working folder's volume and the volume of imported repositories."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi

from components.configuration import StackConfiguration
from components.credential import BAKED_FILE, AuthMode
from components.hardening import ContainerSpec, Limits, Workload, hardened_container, http_probe
from components.sandbox import FOLDER, Exchange
from components.service import ServiceArgs
from components.stack_names import REPOSITORIES
from course.credential import FILE_VARIABLE

HEALTH_PORT: Final = 8080
DATA: Final = "/var/lib/fondation"
BUNDLE_LAUNCHER: Final = ("/opt/fondation/venv/bin/python", "/opt/fondation/bundle/launch.py")
_STOP_MARGIN_S: Final = 15
_BYTES_PER_MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerArgs:
    """Arguments of the worker.

    Attributes:
        convex_url: URL of the backend as the container reaches it.
        configuration: The stack's: what the worker and the analyses that it starts may do and use.
        sandbox: Where examples are handed over to be run; None runs none.
    """

    service: ServiceArgs
    convex_url: str
    configuration: StackConfiguration
    sandbox: Exchange | None = None

    @property
    def limits(self) -> Limits:
        """What one worker may use."""
        configuration = self.configuration
        return Limits(
            memory_mib=configuration.worker_memory_mib,
            cpus=configuration.worker_cpus,
            processes=configuration.worker_processes,
        )

    def environment(self) -> dict[str, str]:
        """Return the worker's environment."""
        configuration = self.configuration
        variables = {
            **self.service.environment(),
            "CONVEX_URL": self.convex_url,
            "FONDATION_CONCURRENCY": str(configuration.worker_concurrency),
            "FONDATION_COURSE_LANGUAGE": configuration.course_language,
            "FONDATION_DATA_DIR": DATA,
            "FONDATION_DRAIN_S": str(configuration.drain_seconds),
            "FONDATION_ENGINE": configuration.engine,
            "FONDATION_HEALTH_HOST": "0.0.0.0",  # noqa: S104 - inside the container; nothing publishes it
            "FONDATION_HEALTH_PORT": str(HEALTH_PORT),
            "FONDATION_HEARTBEAT_S": str(configuration.heartbeat_seconds),
            "FONDATION_JOB_DEADLINE_S": str(configuration.job_deadline_seconds),
            "FONDATION_LEASE_S": str(configuration.lease_seconds),
            "FONDATION_REPOSITORY_MAX_BYTES": str(configuration.repository_max_mib * _BYTES_PER_MIB),
            "FONDATION_REPOSITORY_MAX_FILES": str(configuration.repository_max_files),
            "FONDATION_WORKER_NAME": self.service.names.of("worker"),
        }
        model = {
            "FONDATION_CLAUDE_BASE_URL": configuration.claude_base_url,
            "FONDATION_CLAUDE_BUDGET_USD": configuration.claude_budget_usd,
            "FONDATION_CLAUDE_EFFORT": configuration.claude_effort,
            "FONDATION_CLAUDE_FALLBACK_MODELS": configuration.claude_fallback_models,
            "FONDATION_CLAUDE_MODEL": configuration.claude_model,
            "FONDATION_CLAUDE_TOKENS_MAX": configuration.claude_tokens_max,
        }
        variables |= {name: str(value) for name, value in model.items() if value is not None}
        if configuration.runs_claude_code:
            variables["FONDATION_CLAUDE_PARALLEL"] = str(configuration.claude_parallel)
            variables["FONDATION_CLAUDE_WHEN_LIMITED"] = configuration.claude_when_limited
        if configuration.auth_mode is AuthMode.BAKED:
            variables[FILE_VARIABLE] = BAKED_FILE
        if configuration.cli_bundle is not None:
            variables["FONDATION_CLI"] = json.dumps([*BUNDLE_LAUNCHER])
            variables["FONDATION_CLI_KIND"] = "bundle"
        if configuration.local_repositories:
            variables["FONDATION_LOCAL_REPOSITORIES"] = REPOSITORIES
        if self.sandbox is not None:
            variables["FONDATION_SANDBOX"] = FOLDER
        return variables

    def workload(self, environment: Mapping[str, str], volumes: Mapping[str, pulumi.Input[str]]) -> Workload:
        """Return what one worker is, as a container or as a task of a swarm."""
        return self.service.workload(
            "worker",
            probe=http_probe(HEALTH_PORT, "/health/live"),
            environment=environment,
            volumes=volumes,
            limits=self.limits,
            # Its own drain, and a margin before the kill.
            stop_seconds=self.configuration.drain_seconds + _STOP_MARGIN_S,
        )

    def repositories(self, name: str, opts: pulumi.ResourceOptions) -> dict[str, pulumi.Input[str]]:
        """Declare the volume of imported repositories by the path that it is mounted on; none where none are taken."""
        if not self.configuration.local_repositories:
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
        writable = {DATA: data.name, **args.repositories(name, own), **(args.sandbox.writable if args.sandbox else {})}
        readable = {**args.service.secret_volumes(), **(args.sandbox.read_only if args.sandbox else {})}
        self.container = hardened_container(
            f"{name}-container",
            ContainerSpec(
                workload=args.workload(args.environment(), writable),
                port=HEALTH_PORT,
                published=None,
                read_only_volumes=readable,
                labels=args.service.secret_labels(),
            ),
            own,
        )
        self.metrics_address = f"{host}:{HEALTH_PORT}"
        self.register_outputs({"container": self.container.name})
