"""Prometheus: a container that watches the stack's processes, its database's volume and its port on loopback."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import pulumi

from components.hardening import ContainerSpec, Limits, hardened_container
from components.service import ServiceArgs

PORT: Final = 9090
DATA: Final = "/var/lib/fondation"
PROBE: Final = ("promtool", "query", "instant", f"http://127.0.0.1:{PORT}", "vector(1)")
_LIMITS: Final = Limits(memory_mib=256, cpus=0.5, processes=512)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoringArgs:
    """Arguments of the monitoring.

    Attributes:
        targets: Address of the metrics, `host:port` on the stack's network, by what runs there.
        published_port: Port on the host's loopback interface.
        alertmanager_url: Where alerts go; None leaves them to Prometheus's own pages.
    """

    service: ServiceArgs
    targets: Mapping[str, str]
    published_port: int
    alertmanager_url: str | None

    def environment(self) -> dict[str, str]:
        """Return the targets as file-based service discovery has them."""
        scraped = [{"targets": [address], "labels": {"job": job}} for job, address in sorted(self.targets.items())]
        variables = {"FONDATION_SCRAPE_TARGETS": json.dumps(scraped)}
        if self.alertmanager_url is not None:
            variables["FONDATION_ALERTMANAGERS"] = json.dumps([_alertmanager(self.alertmanager_url)])
        return variables


class Monitoring(pulumi.ComponentResource):
    """Scrapes the stack, evaluates the alert rules and serves the dashboard; rules and dashboard are in the image."""

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fondation:components:Monitoring", name, None, opts)
        service = args.service
        own = pulumi.ResourceOptions(parent=self)
        url = f"http://127.0.0.1:{args.published_port}"
        self.container = hardened_container(
            f"{name}-container",
            ContainerSpec(
                workload=service.workload(
                    "prometheus",
                    # Only pages of this very address may ask its API from a browser.
                    command=[
                        f"--web.external-url={url}/",
                        f"--web.cors.origin=http://127[.]0[.]0[.]1:{args.published_port}",
                    ],
                    probe=PROBE,
                    environment=args.environment(),
                    volumes={DATA: service.volumes.declare(f"{name}-data", "prometheus", own).name},
                    limits=_LIMITS,
                    stop_seconds=30,
                ),
                port=PORT,
                published=args.published_port,
            ),
            own,
        )
        self.dashboard_url = f"{url}/consoles/index.html"
        self.register_outputs({"url": url})


def _alertmanager(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    labels = {"__tmp_scheme": parts.scheme, "__tmp_path": f"{parts.path}/api/v2/alerts"}
    port = parts.port or (443 if parts.scheme == "https" else 80)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return {"targets": [f"{host}:{port}"], "labels": labels}
