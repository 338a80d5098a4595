"""Plans the stack's images: which context each is made from, what it starts from and which names point at it."""

from collections.abc import Sequence
from typing import Final

from components.auth_contract import NO_DATE, contract
from components.claude_code import ClaudePinError, claude_code
from components.cli_bundle import BundleError, bundle_files
from components.configuration import StackConfiguration
from components.credential import AuthMode, expiry_text
from components.digest import Digest
from components.image_chain import PlannedImage
from components.image_context import PRIVATE, ContextRecipe, ImageContext, MissingInputError, Parent, stage
from components.machine import MachineFolders
from components.os_base import BUNDLE, PROMETHEUS, os_image_digest, os_image_name
from course.credential import EXPIRY_FILE

CLAUDE: Final = "claude"
CLI: Final = "cli"
AUTH: Final = "auth"
WORKER: Final = "worker"
SERVER: Final = "server"
SANDBOX: Final = "sandbox"


def plan_images(configuration: StackConfiguration, folders: MachineFolders) -> Sequence[PlannedImage]:
    """Return the images in the order in which they build on each other, their contexts staged.

    Raises:
        MissingInputError: Something that an image is made from was not prepared.
    """
    namespace = configuration.image_namespace
    os_base = Parent(name=os_image_name(folders.checkout), digest=os_image_digest(folders.checkout))

    source = configuration.source_url
    claude = _claude(configuration, os_base, folders) if configuration.runs_claude_code else None
    cli = stage(
        ContextRecipe(
            role=CLI,
            repository=f"{namespace}fondation-cli",
            parent=_parent_of_cli(configuration, claude, os_base, folders),
            source_url=source,
            packages=("analyzer", "course", *(("prompts",) if claude else ()), "sandbox"),
            lock="analyzer.txt",
            arguments={"ENGINE": configuration.engine},
            ca_bundle=configuration.ca_bundle,
        ),
        folders,
    )
    bundle = stage(_bundle(configuration, cli.parent_of_next, os_base), folders) if configuration.cli_bundle else None
    base = bundle or cli
    auth = stage(_auth(configuration, base.parent_of_next, os_base), folders)
    worker = stage(
        ContextRecipe(
            role=WORKER,
            repository=f"{namespace}fondation-worker",
            parent=auth.parent_of_next,
            source_url=source,
            packages=("course", "worker"),
            lock="worker.txt",
            arguments={"BASE": os_base.name},
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
        CLAUDE: ("fondation-claude:prod-claude",),
        CLI: () if bundle else ("fondation-cli:base",),
        BUNDLE: ("fondation-cli:base",),
        AUTH: ("fondation-cli:auth-cli",),
        WORKER: ("fondation-worker:prod-worker", "fondation-worker:latest"),
        SERVER: ("fondation-server:prod-server",),
        SANDBOX: ("fondation-sandbox:prod-sandbox",),
        PROMETHEUS: ("fondation-prometheus:prod-prometheus",),
    }
    contexts = [*([claude] if claude else []), cli, *([bundle] if bundle else []), auth, worker, server]
    if configuration.run_examples:
        recipe = ContextRecipe(
            role=SANDBOX,
            repository=f"{namespace}fondation-sandbox",
            parent=os_base,
            source_url=source,
            packages=("sandbox",),
        )
        contexts.append(stage(recipe, folders))
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


def _claude(configuration: StackConfiguration, os_base: Parent, folders: MachineFolders) -> ImageContext:
    try:
        program = claude_code(folders.checkout, configuration.claude_version, configuration.claude_integrity)
    except ClaudePinError as error:
        raise MissingInputError(str(error)) from error
    recipe = ContextRecipe(
        role=CLAUDE,
        repository=f"{configuration.image_namespace}fondation-claude",
        parent=os_base,
        source_url=configuration.source_url,
        claude=program,
        arguments={"CLAUDE_VERSION": program.version},
    )
    return stage(recipe, folders)


def _parent_of_cli(
    configuration: StackConfiguration, claude: ImageContext | None, os_base: Parent, folders: MachineFolders
) -> Parent:
    if configuration.cli_bundle:
        checkout = folders.checkout
        return Parent(name=os_image_name(checkout, BUNDLE), digest=os_image_digest(checkout, BUNDLE))
    return claude.parent_of_next if claude else os_base


def _bundle(configuration: StackConfiguration, cli: Parent, os_base: Parent) -> ContextRecipe:
    """Return the CLI image of a stack with a bundle: its own CLI goes on to read credentials and to check itself."""
    try:
        files = bundle_files(configuration.cli_bundle)
    except BundleError as error:
        raise MissingInputError(str(error)) from error
    return ContextRecipe(
        role=BUNDLE,
        repository=f"{configuration.image_namespace}fondation-cli",
        parent=cli,
        source_url=configuration.source_url,
        lock="node.txt",
        npm=True,
        further={f"{BUNDLE}/{name}": path for name, path in files.items()},
        arguments={"BASE": os_base.name},
    )


def _auth(configuration: StackConfiguration, cli: Parent, os_base: Parent) -> ContextRecipe:
    mode = configuration.auth_mode
    # The date of a credential that is not in the image must not change the image: rotation would replace the worker.
    made = configuration.claude_token_since if mode is AuthMode.BAKED else None
    since = made.isoformat() if made else NO_DATE
    return ContextRecipe(
        role=AUTH,
        repository=f"{configuration.image_namespace}fondation-cli",
        parent=cli,
        source_url=configuration.source_url,
        generated={"files/contract.json": contract(mode, since), **_baked(configuration)},
        arguments={"BASE": os_base.name, "AUTH_MODE": mode, "AUTH_SINCE": since},
    )


def _baked(configuration: StackConfiguration) -> dict[str, bytes]:
    """Return the files of a credential that goes into the image; none in the other modes."""
    if configuration.auth_mode is not AuthMode.BAKED or configuration.claude_token is None:
        return {}
    expires = expiry_text(configuration.claude_token_expires)
    return {
        f"{PRIVATE}value": configuration.claude_token.get_secret_value().encode(),
        f"{PRIVATE}{EXPIRY_FILE}": expires.encode(),
    }


def _prometheus_base(configuration: StackConfiguration, folders: MachineFolders) -> Parent:
    image = configuration.prometheus_image
    if image is not None:
        return Parent(name=image, digest=Digest(image.rpartition("@")[2]))
    checkout = folders.checkout
    return Parent(name=os_image_name(checkout, PROMETHEUS), digest=os_image_digest(checkout, PROMETHEUS))
