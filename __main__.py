"""The stack: images, network, secrets, backend, web page and worker."""

from pathlib import Path

import pulumi
import pulumi_docker as docker

from components.backend import Backend, BackendArgs
from components.configuration import ScaleMode, parse_configuration
from components.credential import BAKED_FILE, EXPIRY_FILE, PURPOSE, AuthMode, expiry_text
from components.hardening import Limits
from components.image_chain import ImageChain, ImageChainArgs
from components.images import PROMETHEUS, SERVER, WORKER, plan_images
from components.machine import machine_folders
from components.monitoring import Monitoring, MonitoringArgs
from components.os_base import os_image_name
from components.release import release_of
from components.secret_file import SecretFile, SecretFileArgs
from components.service import ServiceArgs
from components.stack_keys import backend_key
from components.stack_names import StackNames
from components.swarm_secret import SwarmSecret
from components.swarm_worker import SwarmWorker, SwarmWorkerArgs
from components.web import Web, WebArgs
from components.worker import Worker, WorkerArgs

LOCAL_REPOSITORIES = "/srv/repositories"

configuration = parse_configuration(pulumi.runtime.config.CONFIG.get())
folders = machine_folders(Path(__file__).resolve().parent)
names = StackNames(stack=pulumi.get_stack())
local_repositories = LOCAL_REPOSITORIES if configuration.local_repositories else None
os_image = os_image_name(folders.checkout)

images = ImageChain("images", ImageChainArgs(images=plan_images(configuration, folders)))
on_swarm = configuration.scale_mode is ScaleMode.SWARM
network = docker.Network(
    "network",
    name=names.of("network"),
    driver="overlay" if on_swarm else "bridge",
    attachable=True if on_swarm else None,
)
key_args = SecretFileArgs(
    volume_name=names.of("backend-key"),
    purpose="backend-key",
    content=backend_key(configuration, folders),
    courier_image=os_image,
)
secrets = {"FONDATION_BACKEND_KEY_FILE": SecretFile("backend-key", key_args)}
worker_secrets = {"FONDATION_BACKEND_KEY_FILE": key_args}
if configuration.auth_mode is AuthMode.BAKED:
    pulumi.warn("fondation:authMode is baked: whoever has the images has the credential; runtime keeps it out of them")
# Read at every use and mounted by the worker alone, so that a rotation reaches it without replacing it.
rotating: dict[str, SecretFile] = {}
if configuration.auth_mode.is_delivered and configuration.claude_token is not None:
    token_args = SecretFileArgs(
        volume_name=names.of(PURPOSE),
        purpose=PURPOSE,
        content=configuration.claude_token.get_secret_value(),
        courier_image=os_image,
        notes={EXPIRY_FILE: expiry_text(configuration.claude_token_expires)},
    )
    worker_secrets["FONDATION_CLAUDE_TOKEN_FILE"] = token_args
    if not on_swarm:
        rotating["FONDATION_CLAUDE_TOKEN_FILE"] = SecretFile(PURPOSE, token_args)


def service(
    role: str, secret_files: dict[str, SecretFile], rotating_files: dict[str, SecretFile] | None = None
) -> ServiceArgs:
    """Return the surroundings of a service that runs the image of a role."""
    return ServiceArgs(
        names=names,
        image=images.built[role],
        network=network.id,
        production=configuration.is_production,
        secrets=secret_files,
        rotating=rotating_files or {},
    )


convex_url = configuration.convex_url
public_url = convex_url
started: list[pulumi.Resource] = []
backend: Backend | None = None
if convex_url is None:
    backend = Backend(
        "backend",
        BackendArgs(
            service=service(SERVER, secrets),
            published_port=configuration.backend_port,
            open_reads=True,
        ),
    )
    convex_url = backend.url
    public_url = f"http://127.0.0.1:{configuration.backend_port}"
    started.append(backend.container)

web_secrets = dict(secrets)
if configuration.web_token is not None:
    web_secrets["FONDATION_TOKEN_FILE"] = SecretFile(
        "web-token",
        SecretFileArgs(
            volume_name=names.of("web-token"),
            purpose="web-token",
            content=configuration.web_token.get_secret_value(),
            courier_image=os_image,
        ),
    )
web = Web(
    "web",
    WebArgs(
        service=service(SERVER, web_secrets),
        convex_url=convex_url,
        published_port=configuration.web_port,
        local_repositories=local_repositories,
    ),
    # Without the backend as a dependency: a deployment that replaces both would keep the page down for both.
)
worker_args = WorkerArgs(
    service=service(WORKER, {} if on_swarm else secrets, rotating),
    convex_url=convex_url,
    engine=configuration.engine,
    claude_base_url=configuration.claude_base_url,
    baked_credential=BAKED_FILE if configuration.auth_mode is AuthMode.BAKED else None,
    local_repositories=local_repositories,
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
worker_needs = pulumi.ResourceOptions(depends_on=[*started, *rotating.values()])
worker: Worker | SwarmWorker
if on_swarm:
    worker = SwarmWorker(
        "worker",
        SwarmWorkerArgs(
            worker=worker_args,
            secrets={variable: SwarmSecret(f"swarm-{args.purpose}", args) for variable, args in worker_secrets.items()},
            replicas=configuration.worker_replicas,
            placement=configuration.worker_constraints,
        ),
        worker_needs,
    )
else:
    worker = Worker("worker", worker_args, worker_needs)

if configuration.monitoring:
    targets = {"worker": worker.metrics_address, "web": web.metrics_address}
    if backend is not None:
        targets["backend"] = backend.metrics_address
    monitoring = Monitoring(
        "monitoring",
        MonitoringArgs(
            service=service(PROMETHEUS, {}),
            targets=targets,
            published_port=configuration.prometheus_port,
            alertmanager_url=configuration.alertmanager_url,
        ),
    )
    pulumi.export("dashboardUrl", monitoring.dashboard_url)

digests = {role: image.digest for role, image in images.built.items()}
pulumi.export("webUrl", web.url)
pulumi.export("convexUrl", public_url)
pulumi.export("images", digests)
pulumi.export("release", release_of(digests))
