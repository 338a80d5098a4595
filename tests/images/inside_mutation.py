"""Makes the three containers of `inside_mutants.py`."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import testinfra

from tests.images.container_cases import KEY_FOLDER
from tests.images.inside import PRODUCTION, Inside
from tests.images.inside_mutants import ALTERED, CARELESS, HARDENED, MUTANTS, OPEN_PAGE, SECRET, SURROUNDINGS
from tests.processes.worker import eventually
from tests.trial import docker


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """What the mutants are made of.

    Attributes:
        worker, server: Images.
        network: The network on which the open page reaches the backend of that name.
        key: The volume with the backend's key.
        name: Name of the mutant image, and beginning of the containers' names.
    """

    worker: str
    server: str
    network: str
    backend: str
    key: str
    name: str


@contextmanager
def running_mutants(models: Models) -> Iterator[Mapping[str, Inside]]:
    """Run them for the length of the block; each says that it is of a production stack."""
    sleep = ("--entrypoint", "sleep")
    altered = f"{models.name}:latest"
    subprocess.run(
        ["docker", "build", "--network", "none", "--tag", altered, "-"],
        input="\n".join(_dockerfile(models.worker)),
        check=True,
        capture_output=True,
        text=True,
    )
    started = []
    try:
        for container, role, image in (
            (ALTERED, "worker", (*sleep, altered, "600")),
            (CARELESS, "worker", (*sleep, models.worker, "600")),
            (OPEN_PAGE, "web", (models.server, "web")),
        ):
            name = f"{models.name}-{container.replace(' ', '-')}"
            docker("run", "--detach", "--name", name, *_options(container, models), *image)
            started.append((container, role, name))
        page = started[-1][2]
        eventually(lambda: "listening" in _log(page), what="the open page listens")
        yield {
            container: Inside(
                testinfra.get_host(f"docker://{name}"),
                role=role,
                environment=PRODUCTION,
                secrets={f"{KEY_FOLDER}/value": SECRET},
            )
            for container, role, name in started
        }
    finally:
        for _, _, name in started:
            docker("rm", "--force", "--volumes", name)
        docker("image", "rm", "--force", altered)


def _dockerfile(parent: str) -> Iterator[str]:
    lines = [mutant.line for mutant in MUTANTS if mutant.line]
    yield f"FROM {parent}"
    yield "USER 0:0"
    # As one layer: how they look in the table costs no time.
    yield "RUN " + " && ".join(line.removeprefix("RUN ") for line in lines if line.startswith("RUN "))
    yield from (line for line in lines if not line.startswith("RUN "))


def _options(container: str, models: Models) -> Sequence[str]:
    mine = [mutant for mutant in MUTANTS if mutant.container == container]
    omitted = {mutant.omits for mutant in mine}
    kept = [part for option, values in HARDENED.items() if option not in omitted for part in (option, *values)]
    added = dict.fromkeys(tuple(mutant.options) for mutant in mine)
    names = {"network": models.network, "backend": models.backend, "key": models.key}
    parts = [*SURROUNDINGS.get(container, ()), *(part for options in added for part in options)]
    return [*kept, *(part.format(**names) for part in parts)]


def _log(container: str) -> str:
    done = subprocess.run(["docker", "logs", container], capture_output=True, text=True, check=True)
    return done.stdout + done.stderr
