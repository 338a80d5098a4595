from collections.abc import Iterator

import pytest
import testinfra
from testinfra.host import Host

from tests.trial import Trial, docker

# The images in the order in which they build on each other; a parent's cases run on every child.
CHAIN = ("base", "auth", "worker")
TAGS = {
    "base": "fondation-cli:base",
    "auth": "fondation-cli:auth-cli",
    "worker": "fondation-worker:prod-worker",
    "server": "fondation-server:prod-server",
}


@pytest.fixture(scope="session")
def image_names(stack: Trial) -> dict[str, str]:
    return {role: stack.namespace + tag for role, tag in TAGS.items()}


@pytest.fixture(scope="session")
def hosts(stack: Trial, image_names: dict[str, str]) -> Iterator[dict[str, Host]]:
    """A running container of each image: the stack's own where the image serves, one that sleeps for the others."""
    started = {}
    try:
        for role in ("base", "auth"):
            started[role] = docker(
                *("run", "--detach", "--init", "--read-only", "--cap-drop", "ALL", "--tmpfs", "/tmp"),
                *("--entrypoint", "sleep", image_names[role], "600"),
            ).strip()
        names = started | {"worker": stack.container("worker"), "server": stack.container("web")}
        yield {role: testinfra.get_host(f"docker://{name}") for role, name in names.items()}
    finally:
        for container in started.values():
            docker("rm", "--force", container)
