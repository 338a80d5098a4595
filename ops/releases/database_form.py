"""Whether a release reads the embedded database that a stack has: its own backend is asked, beside the data."""

from pathlib import PurePosixPath
from typing import Final

import docker
from docker.errors import DockerException
from docker.models.containers import Container
from docker.types import Mount

from components.image_layout import PYTHON
from components.stack_names import StackNames
from ops.drift.comparison import CONTAINER_TYPE
from ops.errors import NotFoundError, RollbackError
from ops.machine.docker_objects import docker_client
from ops.machine.one_off import CONFINED
from ops.stack.containers import container_of, environment_of
from ops.stack.release import Release
from ops.stack.state import State

_DATABASE: Final = "FONDATION_DATABASE"
_TIMEOUT_S: Final = 60
_MEMORY: Final = "128m"
# What the release knows and what the file has, as numbers of migrations.
_ASKED: Final = """
import os, sqlite3
from backend.schema import MIGRATIONS
file = sqlite3.connect(f"file:{os.environ['FONDATION_DATABASE']}?mode=ro", uri=True)
print(len(MIGRATIONS), file.execute("SELECT max(version) FROM schemaVersion").fetchone()[0])
"""


def require_readable(target: Release, state: State, stack: str) -> None:
    """Check that a release's backend knows the form of the database that the stack has now.

    Where that cannot be found out (no embedded backend, none that was started, a release from before forms had
    numbers) nothing is refused: the backend itself refuses a file that it does not know.

    Raises:
        RollbackError: The database has a newer form.
        DaemonError: Docker does not answer.
    """
    image = _backend_image(state, stack)
    if image is None:
        return
    with docker_client("while the database's form was asked for", timeout_s=_TIMEOUT_S) as client:
        try:
            backend = container_of(client, stack, "backend")
        except NotFoundError:
            return
        found = _forms(client, backend, image)
    if found is not None and found[0] < found[1]:
        known, present = found
        raise RollbackError(
            f"#{target.version} cannot be applied again with the data of now: its backend knows the database up to form"
            f" {known}, and a later release gave it form {present}. Nothing was touched. Export what there is"
            " (`bin/fondation backend export`) to import it afterwards, and put the copy from before"
            f" (`backend.sqlite3.version-{known}` in its volume) in the file's place first; docs/runbook.md says how"
        )


def _backend_image(state: State, stack: str) -> str | None:
    name = StackNames(stack=stack).of("backend")
    found = (item for item in state.resources if item.type == CONTAINER_TYPE and item.inputs.get("name") == name)
    return next((str(item.inputs["image"]) for item in found if item.inputs.get("image")), None)


def _forms(client: docker.DockerClient, backend: Container, image: str) -> tuple[int, int] | None:
    """Number of migrations that an image knows, and that a backend's file has; None where either is unknown."""
    variables = environment_of(backend)
    folder = str(PurePosixPath(variables.get(_DATABASE, "")).parent)
    volume = next((mount["Name"] for mount in backend.attrs["Mounts"] if mount["Destination"] == folder), None)
    if volume is None:
        return None
    container = client.containers.create(
        image,
        ["-c", _ASKED],
        entrypoint=[PYTHON],
        environment={_DATABASE: variables[_DATABASE]},
        labels={"org.fondation.purpose": "ask for the database's form"},
        mounts=[Mount(folder, volume)],
        user=backend.attrs["Config"]["User"],
        network_mode="none",
        read_only=True,
        mem_limit=_MEMORY,
        **CONFINED,
    )
    try:
        container.start()
        code = int(container.wait(timeout=_TIMEOUT_S)["StatusCode"])
        said = container.logs(stderr=False).decode(errors="replace").split()
    except DockerException:
        return None
    finally:
        container.remove(force=True)
    return (int(said[0]), int(said[1])) if code == 0 and len(said) == 2 else None  # noqa: PLR2004 - two numbers
