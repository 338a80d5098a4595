"""What a release's images come from when it is applied again: the daemon has them, nothing is fetched.

An image whose staged context is still there is declared as it was. For any other the context is one line that names the
image itself, so that the result is the very same image.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import docker
from docker.errors import ImageNotFound

from ops.errors import RollbackError
from ops.machine.docker_objects import docker_client
from ops.stack.release import Release
from ops.stack.state import State

_COMPUTED: Final = "contextDigest"


def require_images(target: Release, state: State) -> None:
    """Check that the daemon has every image of a release.

    Raises:
        RollbackError: One is missing; the message names all that are.
        DaemonError: Docker does not answer.
    """
    wanted = {*state.images(), *state.foreign_images()}
    with docker_client("while the images were looked for") as client:
        missing = sorted(name for name in wanted if not _has(client, name))
    if missing:
        revision = f" check out {target.revision} and" if target.revision else " check out its sources and"
        raise RollbackError(
            f"#{target.version} cannot be applied again, because Docker no longer has {', '.join(missing)}\n"
            f"Nothing was touched. To make them again,{revision} run `bin/pulumi up`; or choose another release"
            " (`bin/fondation history`)"
        )


def image_inputs(state: State, checkout: Path, folder: Path) -> Mapping[str, Mapping[str, Any]]:
    """Return the inputs of the images by URN.

    Args:
        state: The recorded state.
        checkout: Folder that recorded paths are relative to.
        folder: Folder of generated files, below the checkout.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for name, image in state.images().items():
        build = {key: value for key, value in image.inputs.get("build", {}).items() if key != _COMPUTED}
        if not (checkout / str(build.get("dockerfile") or f"{build.get('context')}/Dockerfile")).is_file():
            context = folder / name.rpartition(":")[2]
            context.mkdir(parents=True, exist_ok=True)
            (context / "Dockerfile").write_text(f"FROM {name}\n", encoding="utf-8")
            relative = context.relative_to(checkout).as_posix()
            build = {"context": relative, "dockerfile": f"{relative}/Dockerfile", "network": "none"}
        found[image.urn] = {**image.inputs, "build": build}
    return found


def _has(client: docker.DockerClient, name: str) -> bool:
    try:
        client.images.get(name)
    except ImageNotFound:
        return False
    return True
