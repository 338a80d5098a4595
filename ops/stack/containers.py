"""The container of a role of a stack on the daemon that we speak to; on a swarm, one of the service's tasks there."""

from typing import Final

import docker
from docker.errors import NotFound as NoSuchThing
from docker.models.containers import Container

from components.stack_names import StackNames
from ops.errors import NotFoundError

SERVICE_LABEL: Final = "com.docker.swarm.service.name"


def container_of(client: docker.DockerClient, stack: str, role: str) -> Container:
    """Return a role's container.

    Raises:
        NotFoundError: There is none.
        docker.errors.DockerException: Docker failed.
    """
    name = StackNames(stack=stack).of(role)
    try:
        return client.containers.get(name)
    except NoSuchThing as error:
        tasks = client.containers.list(filters={"label": f"{SERVICE_LABEL}={name}"})
        if tasks:
            return tasks[0]
        raise NotFoundError(f"there is no container {name}: deploy the stack first (`make up` for dev)") from error


def environment_of(container: Container) -> dict[str, str]:
    """Return the environment that a container was made with, by name."""
    return dict(text.partition("=")[::2] for text in container.attrs["Config"]["Env"])
