"""Which images may go, asked of a real daemon."""

import io
import secrets
import tarfile
from collections.abc import Iterator

import docker
import pytest

from ops.releases.retention import Needed, unneeded_images

USED, KEPT, OLD = "worker-aaaaaaaaaaaa", "worker-bbbbbbbbbbbb", "worker-cccccccccccc"


@pytest.fixture
def client() -> Iterator[docker.DockerClient]:
    client = docker.from_env()
    yield client
    client.close()


@pytest.fixture
def namespace(client: docker.DockerClient) -> Iterator[str]:
    """A namespace with three images, of which one was used to make a container of stack `<name>` that never ran."""
    name = f"test-{secrets.token_hex(4)}"
    repository = f"{name}/fondation-worker"
    for tag in (USED, KEPT, OLD):
        client.api.import_image_from_data(layer(tag), repository=repository, tag=tag)
    client.api.tag(f"{repository}:{OLD}", repository, "latest")
    container = client.containers.create(f"{repository}:{USED}", ["none"], name=f"fondation-{name}-worker")
    yield f"{name}/"
    container.remove()
    for tag in (USED, KEPT, OLD, "latest"):
        client.images.remove(f"{repository}:{tag}")


def layer(content: str) -> bytes:
    """Return an archive with one file, so that each image is another."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        info = tarfile.TarInfo("file")
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content.encode()))
    return buffer.getvalue()


def test_an_image_goes_when_no_release_and_no_container_of_a_stack_needs_it(
    client: docker.DockerClient, namespace: str
) -> None:
    needed = Needed(images=frozenset({f"{namespace}fondation-worker:{KEPT}"}), contexts=frozenset())
    own = namespace.rstrip("/")
    assert unneeded_images(client, namespace, needed, [own]) == [f"{namespace}fondation-worker:{OLD}"]
    # Another namespace's images are another stack's business, and so are another's containers.
    assert unneeded_images(client, f"x{namespace}", needed, [own]) == []
    assert unneeded_images(client, namespace, needed, ["another"]) == [
        f"{namespace}fondation-worker:{USED}",
        f"{namespace}fondation-worker:{OLD}",
    ]
