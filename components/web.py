"""The web page: a container and its port on loopback."""

from dataclasses import dataclass
from typing import Final

import pulumi

from components.hardening import ContainerSpec, Limits, hardened_container, http_probe
from components.service import ServiceArgs
from components.stack_names import REPOSITORIES
from course.git_credentials import HOSTS_VARIABLE

PORT: Final = 8000
METRICS_PORT: Final = 9464
_LIMITS: Final = Limits(memory_mib=256, cpus=1.0, processes=512)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebArgs:
    """Arguments of the web page.

    Attributes:
        convex_url: URL of the backend as the container reaches it.
        published_port: Port on the host's loopback interface.
        local_repositories: Whether it takes imported repositories.
        private: Hosts, or paths of hosts, whose private repositories can be read.
    """

    service: ServiceArgs
    convex_url: str
    published_port: int
    local_repositories: bool
    private: tuple[str, ...] = ()


class Web(pulumi.ComponentResource):
    """Takes repository URLs, shows jobs while they run, and shows courses. Keeps no state."""

    def __init__(self, name: str, args: WebArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fondation:components:Web", name, None, opts)
        service = args.service
        environment = {
            **service.environment(),
            "CONVEX_URL": args.convex_url,
            "FONDATION_HOST": "0.0.0.0",  # noqa: S104 - inside the container; the host publishes on loopback
            "FONDATION_METRICS_PORT": str(METRICS_PORT),  # never published: scrapes come over the stack's network
            "FONDATION_PORT": str(PORT),
        }
        if args.private:
            environment[HOSTS_VARIABLE] = " ".join(args.private)
        if args.local_repositories:
            environment["FONDATION_LOCAL_REPOSITORIES"] = REPOSITORIES
        self.container = hardened_container(
            f"{name}-container",
            ContainerSpec(
                workload=service.workload(
                    "web",
                    probe=http_probe(PORT, "/health"),
                    environment=environment,
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
        self.metrics_address = f"{service.names.of('web')}:{METRICS_PORT}"
        self.url = f"http://127.0.0.1:{args.published_port}"
        self.register_outputs({"url": self.url})
