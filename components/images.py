"""Plans the stack's images: which context each is made from, what it starts from and which names point at it."""

from collections.abc import Sequence
from typing import Final

from components.configuration import StackConfiguration
from components.digest import Digest
from components.image_chain import PlannedImage
from components.image_context import ContextRecipe, Parent, stage
from components.machine import MachineFolders
from components.os_base import os_image_digest, os_image_name

CLI: Final = "cli"
AUTH: Final = "auth"
WORKER: Final = "worker"
SERVER: Final = "server"
PROMETHEUS: Final = "prometheus"


def plan_images(configuration: StackConfiguration, folders: MachineFolders) -> Sequence[PlannedImage]:
    """Return the images in the order in which they build on each other, their contexts staged.

    Raises:
        MissingInputError: Something that an image is made from was not prepared.
    """
    namespace = configuration.image_namespace
    os_base = Parent(name=os_image_name(folders.checkout), digest=os_image_digest(folders.checkout))

    source = configuration.source_url
    cli = stage(
        ContextRecipe(
            role=CLI,
            repository=f"{namespace}fondation-cli",
            parent=os_base,
            source_url=source,
            packages=("analyzer", "course"),
            lock="analyzer.txt",
            ca_bundle=configuration.ca_bundle,
        ),
        folders,
    )
    auth = stage(
        ContextRecipe(role=AUTH, repository=f"{namespace}fondation-cli", parent=cli.parent_of_next, source_url=source),
        folders,
    )
    worker = stage(
        ContextRecipe(
            role=WORKER,
            repository=f"{namespace}fondation-worker",
            parent=auth.parent_of_next,
            source_url=source,
            packages=("course", "worker"),
            lock="worker.txt",
        ),
        folders,
    )
    server = stage(
        ContextRecipe(
            role=SERVER,
            repository=f"{namespace}fondation-server",
            parent=os_base,
            source_url=source,
            packages=("backend", "course", "web"),
            lock="server.txt",
            npm=True,
            ca_bundle=configuration.ca_bundle,
        ),
        folders,
    )
    names = {
        CLI: ("fondation-cli:base",),
        AUTH: ("fondation-cli:auth-cli",),
        WORKER: ("fondation-worker:prod-worker", "fondation-worker:latest"),
        SERVER: ("fondation-server:prod-server",),
        PROMETHEUS: ("fondation-prometheus:prod-prometheus",),
    }
    contexts = [cli, auth, worker, server]
    if configuration.monitoring:
        recipe = ContextRecipe(
            role=PROMETHEUS,
            repository=f"{namespace}fondation-prometheus",
            parent=_prometheus_base(configuration, folders),
            source_url=source,
        )
        contexts.append(stage(recipe, folders))
    return [
        PlannedImage(context=context, tags=[namespace + tag for tag in names[context.role]]) for context in contexts
    ]


def _prometheus_base(configuration: StackConfiguration, folders: MachineFolders) -> Parent:
    image = configuration.prometheus_image
    if image is not None:
        return Parent(name=image, digest=Digest(image.rpartition("@")[2]))
    checkout = folders.checkout
    return Parent(name=os_image_name(checkout, PROMETHEUS), digest=os_image_digest(checkout, PROMETHEUS))
