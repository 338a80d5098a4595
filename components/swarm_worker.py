"""Workers as a service of a swarm: replicas that share the queue, on one node or many.

Every replica claims jobs for itself; nothing is shared between them but the backend. Backend and web page stay
containers of the manager, on the same overlay network: the database has one writer, and Swarm cannot publish a port on
loopback only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.swarm_secret import SwarmSecret
from components.swarm_service import SwarmServiceSpec, hardened_service
from components.worker import DATA, HEALTH_PORT, WorkerArgs


@dataclass(frozen=True, slots=True, kw_only=True)
class SwarmWorkerArgs:
    """Arguments of the workers of a swarm.

    Attributes:
        worker: What one worker is; its secrets come from `secrets`.
        secrets: Secrets by the environment variable that holds their path.
        replicas: Workers that run at once.
        placement: Constraints of the nodes.
    """

    worker: WorkerArgs
    secrets: Mapping[str, SwarmSecret]
    replicas: int
    placement: Sequence[str]

    def environment(self) -> dict[str, str]:
        """Return the environment of a worker; Swarm fills in the number of its slot."""
        return {
            **self.worker.environment(),
            **{variable: secret.path for variable, secret in self.secrets.items()},
            "FONDATION_WORKER_NAME": f"{self.worker.service.names.of('worker')}-{{{{.Task.Slot}}}}",
        }


class SwarmWorker(pulumi.ComponentResource):
    """Claims jobs, clones repositories, runs the bundled CLI and publishes courses, several times over."""

    def __init__(self, name: str, args: SwarmWorkerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fondation:components:SwarmWorker", name, None, opts)
        own = pulumi.ResourceOptions(parent=self)
        self.service = hardened_service(
            f"{name}-service",
            SwarmServiceSpec(
                workload=args.worker.workload(args.environment(), args.worker.repositories(name, own)),
                data=DATA,
                secrets=[reference for secret in args.secrets.values() for reference in secret.secrets],
                configs=[reference for secret in args.secrets.values() for reference in secret.configs],
                replicas=args.replicas,
                placement=args.placement,
            ),
            own,
        )
        # A name of all replicas: each scrape reaches one of them.
        self.metrics_address = f"{args.worker.service.names.of('worker')}:{HEALTH_PORT}"
        self.register_outputs({"service": self.service.name})
