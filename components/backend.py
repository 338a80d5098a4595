"""The embedded backend: a container, its database's volume and its port on loopback."""

from dataclasses import dataclass
from typing import Final

import pulumi

from components.hardening import ContainerSpec, Limits, hardened_container, http_probe
from components.service import ServiceArgs

PORT: Final = 3210
DATA: Final = "/var/lib/fondation"
# Enough for bursts of large courses: Convex's own bound on one call is 16 MiB.
_LIMITS: Final = Limits(memory_mib=512, cpus=1.0, processes=512)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendArgs:
    """Arguments of the embedded backend.

    Attributes:
        published_port: Port on the host's loopback interface.
        open_reads: Whether reading needs no key.
        backup_hours: Pause between backups in the volume; 0 makes none.
        backups_kept: How many of them stay.
    """

    service: ServiceArgs
    published_port: int
    open_reads: bool
    backup_hours: int
    backups_kept: int


class Backend(pulumi.ComponentResource):
    """Owns the queue, the jobs and the published documents of a stack without a Convex deployment.

    Attributes:
        url: Its address on the stack's network.
        public_url: Its address on this machine.
    """

    def __init__(self, name: str, args: BackendArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fondation:components:Backend", name, None, opts)
        service = args.service
        host = service.names.of("backend")
        volume = service.volumes.declare(f"{name}-data", "backend", pulumi.ResourceOptions(parent=self))
        self.container = hardened_container(
            f"{name}-container",
            ContainerSpec(
                workload=service.workload(
                    "backend",
                    probe=http_probe(PORT, "/health"),
                    environment={
                        **service.environment(),
                        "FONDATION_DATABASE": f"{DATA}/backend.sqlite3",
                        "FONDATION_OPEN_READS": str(args.open_reads).lower(),
                        "FONDATION_BACKUP_HOURS": str(args.backup_hours),
                        "FONDATION_BACKUPS_KEPT": str(args.backups_kept),
                        "FONDATION_HOST": "0.0.0.0",  # noqa: S104 - inside the container; the host publishes on loopback
                        "FONDATION_PORT": str(PORT),
                    },
                    volumes={DATA: volume.name},
                    limits=_LIMITS,
                    stop_seconds=10,
                ),
                port=PORT,
                published=args.published_port,
                read_only_volumes=service.secret_volumes(),
                labels=service.secret_labels(),
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.metrics_address = f"{host}:{PORT}"
        self.url = f"http://{host}:{PORT}"
        self.public_url = f"http://127.0.0.1:{args.published_port}"
        self.register_outputs({"url": self.url})
