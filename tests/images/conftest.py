from collections.abc import Iterator, Mapping

import pytest
import testinfra
from testinfra.host import Host

from tests.trial import Trial, docker

TAGS = {
    "base": "fondation-cli:base",
    "auth": "fondation-cli:auth-cli",
    "worker": "fondation-worker:prod-worker",
    "web": "fondation-server:prod-server",
}


@pytest.fixture(scope="session")
def image_names(stack: Trial) -> Mapping[str, str]:
    return {role: stack.namespace + tag for role, tag in TAGS.items()}


@pytest.fixture(scope="module")
def hosts(stack: Trial, image_names: Mapping[str, str]) -> Iterator[Mapping[str, Host]]:
    """The development stack's containers, and one that sleeps for each image that runs in none."""
    started = {}
    try:
        for role in ("base", "auth"):
            started[role] = docker(
                *("run", "--detach", "--init", "--read-only", "--cap-drop", "ALL", "--tmpfs", "/tmp"),
                *("--entrypoint", "sleep", image_names[role], "600"),
            ).strip()
        names = started | {role: stack.container(role) for role in ("worker", "web", "backend")}
        yield {role: testinfra.get_host(f"docker://{name}") for role, name in names.items()}
    finally:
        for container in started.values():
            docker("rm", "--force", container)
