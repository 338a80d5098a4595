"""The stack: images, network, secrets, backend, web page and worker, and what watches them."""

from functools import partial
from pathlib import Path

import pulumi
import pulumi_docker as docker

from components.backend import Backend, BackendArgs
from components.configuration import ScaleMode
from components.credential import AuthMode
from components.daemon import daemon_platform
from components.image_chain import ImageChain, ImageChainArgs
from components.images import SANDBOX, SERVER, WORKER, plan_images
from components.machine import machine_folders
from components.monitoring import Monitoring, MonitoringArgs
from components.os_base import PROMETHEUS, os_image_name
from components.ownership import Owner
from components.release import release_of
from components.sandbox import Sandbox
from components.service import ServiceArgs
from components.stack_configuration import stack_configuration
from components.stack_keys import backend_key
from components.stack_names import StackNames
from components.stack_secrets import plan_secrets, secret_files
from components.swarm_secret import swarm_secrets
from components.swarm_worker import SwarmWorker, SwarmWorkerArgs
from components.volume import Volumes
from components.web import Web, WebArgs
from components.worker import Worker, WorkerArgs

configuration = stack_configuration()
folders = machine_folders(Path(__file__).resolve().parent)
names = StackNames(stack=pulumi.get_stack())
volumes = Volumes(names=names, owner=Owner.of(folders.checkout))
on_swarm = configuration.scale_mode is ScaleMode.SWARM
if configuration.auth_mode is AuthMode.BAKED:
    pulumi.warn("fondation:authMode is baked: whoever has the images has the credential; runtime keeps it out of them")

images = ImageChain(
    "images", ImageChainArgs(images=plan_images(configuration, folders), platform=daemon_platform(folders.home))
)
network = docker.Network(
    "network",
    name=names.of("network"),
    driver="overlay" if on_swarm else "bridge",
    attachable=True if on_swarm else None,
)
plan = plan_secrets(
    configuration,
    volumes,
    backend_key=backend_key(configuration, folders),
    courier_image=os_image_name(folders.checkout),
)
shared_secrets = secret_files(plan.shared)
service = partial(
    ServiceArgs,
    volumes=volumes,
    network=network.id,
    production=configuration.is_production,
    health_s=configuration.health_seconds,
)

targets: dict[str, str] = {}
worker_needs: list[pulumi.Resource] = []
if configuration.convex_url is not None:
    convex_url = public_url = configuration.convex_url
else:
    backend = Backend(
        "backend",
        BackendArgs(
            service=service(image=images.built[SERVER], secrets=shared_secrets),
            published_port=configuration.backend_port,
            open_reads=True,
            backup_hours=configuration.backup_hours,
            backups_kept=configuration.backups_kept,
        ),
    )
    convex_url, public_url = backend.url, backend.public_url
    targets["backend"] = backend.metrics_address
    worker_needs.append(backend.container)

web = Web(
    "web",
    WebArgs(
        service=service(image=images.built[SERVER], secrets={**shared_secrets, **secret_files(plan.web)}),
        convex_url=convex_url,
        published_port=configuration.web_port,
        local_repositories=configuration.local_repositories,
        private=configuration.git_prefixes,
    ),
    # Without the backend as a dependency: a deployment that replaces both would keep the page down for both.
)
targets["web"] = web.metrics_address

worker: Worker | SwarmWorker
if on_swarm:
    worker_service = service(image=images.built[WORKER])
    worker = SwarmWorker(
        "worker",
        SwarmWorkerArgs(
            worker=WorkerArgs(service=worker_service, convex_url=convex_url, configuration=configuration),
            secrets=swarm_secrets({**plan.shared, **plan.worker}),
            replicas=configuration.worker_replicas,
            placement=configuration.worker_constraints,
        ),
        pulumi.ResourceOptions(depends_on=worker_needs),
    )
else:
    rotating_secrets = secret_files(plan.worker)
    worker_service = service(image=images.built[WORKER], secrets=shared_secrets, rotating=rotating_secrets)
    sandbox = Sandbox("sandbox", service(image=images.built[SANDBOX])) if configuration.run_examples else None
    exchange = sandbox.exchange if sandbox else None
    worker = Worker(
        "worker",
        WorkerArgs(service=worker_service, convex_url=convex_url, configuration=configuration, sandbox=exchange),
        pulumi.ResourceOptions(depends_on=[*worker_needs, *rotating_secrets.values()]),
    )
targets["worker"] = worker.metrics_address

if configuration.monitoring:
    monitoring = Monitoring(
        "monitoring",
        MonitoringArgs(
            service=service(image=images.built[PROMETHEUS]),
            targets=targets,
            published_port=configuration.prometheus_port,
            alertmanager_url=configuration.alertmanager_url,
        ),
    )
    pulumi.export("dashboardUrl", monitoring.dashboard_url)

digests = {role: image.digest for role, image in images.built.items()}
if configuration.git_prefixes:
    pulumi.export("gitHosts", configuration.git_prefixes)
pulumi.export("webUrl", web.url)
pulumi.export("convexUrl", public_url)
pulumi.export("images", digests)
pulumi.export("release", release_of(digests))
