"""Makes the mutants of `mutants.py` with the daemon and says what is known of each."""

import copy
import io
import json
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from posixpath import basename, dirname
from typing import Any

from docker import DockerClient

from ops.audit.facts import ContainerFacts, ImageFacts, Record
from ops.audit.file_tree import FileTree, read_tree
from ops.audit.inventory import Member, container_facts
from tests.images.mutants import ContainerMutant, ImageMutant, capability_tar

_WHITEOUT = ".wh."
_PATIENCE_S = 20


def build(client: DockerClient, lines: Sequence[str], tag: str) -> str:
    """Build an image from the lines of a Dockerfile, without a network; return its id."""
    context = io.BytesIO()
    files = {"Dockerfile": "\n".join(lines).encode(), "capability.tar": capability_tar()}
    with tarfile.open(fileobj=context, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    context.seek(0)
    image, _ = client.images.build(
        fileobj=context, custom_context=True, tag=tag, network_mode="none", rm=True, forcerm=True
    )
    return str(image.id)


def configured(client: DockerClient, clean: ImageFacts, mutant: ImageMutant) -> ImageFacts:
    """Return the clean image with one more instruction; its files are the clean one's."""
    tag = str(clean.inspect["RepoTags"][0]).rpartition(":")[2]
    name = f"{clean.name.partition('/')[0]}/mutant-{mutant.check}:{tag}"
    image = build(client, [f"FROM {clean.name}", mutant.line], name)
    inspect = client.images.get(image).attrs
    # An ADD or a RUN tags nothing else; the clean image's own tags are what its digest is compared with.
    return replace(
        clean,
        inspect={**inspect, "RepoTags": [name, *clean.inspect["RepoTags"]]},
        history=[str(layer["CreatedBy"]) for layer in client.images.get(image).history()],
    )


def with_files(client: DockerClient, clean: ImageFacts, mutants: Sequence[ImageMutant]) -> Mapping[str, ImageFacts]:
    """Return the clean image with each mutant's layer, by check."""
    lines = [f"FROM {clean.name}", "USER 0:0", *(mutant.line for mutant in mutants)]
    image = build(client, lines, f"{clean.name.partition('/')[0]}/mutant-files:all")
    layers = _last_layers(client, image, len(mutants))
    return {
        mutant.check: replace(clean, files=_laid_on(clean.files, layer))
        for mutant, layer in zip(mutants, layers, strict=True)
    }


def _last_layers(client: DockerClient, image: str, count: int) -> Iterator[FileTree]:
    with tempfile.TemporaryFile() as saved:
        for chunk in client.images.get(image).save():
            saved.write(chunk)
        saved.seek(0)
        with tarfile.open(fileobj=saved) as archive:
            manifest = archive.extractfile("manifest.json")
            assert manifest is not None
            for name in json.load(manifest)[0]["Layers"][-count:]:
                layer = archive.extractfile(name)
                assert layer is not None
                yield read_tree(layer)


def _laid_on(tree: FileTree, layer: FileTree) -> FileTree:
    """Return a tree with a layer on top; a whiteout of the layer takes a path away."""
    gone = {
        f"{dirname(path)}/{basename(path).removeprefix(_WHITEOUT)}"
        for path in layer.entries
        if basename(path).startswith(_WHITEOUT)
    }
    kept = {
        path: entry
        for path, entry in tree.entries.items()
        if path not in gone and not any(path.startswith(f"{folder}/") for folder in gone)
    }
    added = {path: entry for path, entry in layer.entries.items() if not basename(path).startswith(_WHITEOUT)}
    return FileTree(entries={**kept, **added})


@dataclass(frozen=True, kw_only=True)
class Models:
    """The containers that mutants are made from, and the names that their fields may use."""

    service: Record
    courier: Record
    names: Mapping[str, str]
    prefix: str


def requested(models: Models, mutant: ContainerMutant) -> dict[str, Any]:
    """Return the API's request for the model container with the mutant's fields changed."""
    model = models.courier if mutant.courier else models.service
    request: dict[str, Any] = copy.deepcopy({**model["Config"], "HostConfig": model["HostConfig"]})
    for key in ("Hostname", "Domainname"):
        del request[key]
    for path, value in mutant.fields.items():
        place, _, key = path.rpartition(".")
        text = json.dumps(value)
        for name, actual in models.names.items():
            text = text.replace(f"{{{name}}}", actual)
        (request[place] if place else request)[key] = json.loads(text)
    return request


@contextmanager
def container(client: DockerClient, models: Models, mutant: ContainerMutant) -> Iterator[ContainerFacts]:
    """Lend what is known of a mutant container; it is gone afterwards."""
    name = f"{models.prefix}-mutant-{mutant.check}"
    request = requested(models, mutant)
    made = client.api.create_container_from_config(request, name)["Id"]  # type: ignore[no-untyped-call]
    second = None
    try:
        if mutant.running:
            client.api.start(made)
        if mutant.then.startswith("exec"):
            options = {"privileged": True} if "privileged" in mutant.then else {"user": "0"}
            # Asked for is enough to be seen; started, a privileged one would fail on what confines the container.
            client.api.exec_create(made, ["/usr/bin/sleep", "60"], **options)
        elif mutant.then.startswith("connect"):
            second = client.api.create_network(name, driver="bridge")["Id"]
            client.api.connect_container_to_network(made, second)
        elif mutant.then == "wait until unhealthy":
            _wait(lambda: client.api.inspect_container(made)["State"]["Health"]["Status"] == "unhealthy", mutant.then)
        elif mutant.then == "wait until sshd runs":
            # Before it poses, the mutant is a Python whose arguments already hold the word.
            _wait(lambda: any(row[-1] == "sshd 60" for row in client.api.top(made)["Processes"]), mutant.then)
        role = "key-courier" if mutant.courier else "worker"
        yield container_facts(client, Member(role=role, reference=made))
    finally:
        client.api.remove_container(made, force=True)
        if second is not None:
            client.api.remove_network(second)


def _wait(seen: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not seen():
        assert time.monotonic() < deadline, f"{what}: not in {_PATIENCE_S} s"
        time.sleep(0.1)
