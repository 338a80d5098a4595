"""The real parts that operator commands talk to: a backend process, and a worker's container with its volume."""

import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container

from components.os_base import os_image_name
from ops.stack.convex import Convex

ROOT = Path(__file__).resolve().parents[3]
KEY = "test-key-0123456789abcdef"
START_S = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A backend of its own."""

    url: str
    key: str = KEY


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("backend")
    key = folder / "key"
    key.write_text(KEY)
    log = folder / "log"
    environment = {
        **os.environ,
        "FONDATION_BACKEND_KEY_FILE": str(key),
        "FONDATION_DATABASE": str(folder / "backend.sqlite3"),
        "FONDATION_HOST": "127.0.0.1",
        "FONDATION_PORT": "0",
        "PYTHONPATH": str(ROOT),
    }
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "backend"], env=environment, stdout=stream, stderr=subprocess.STDOUT
        )
    try:
        yield Deployment(url=_address(log, process))
    finally:
        process.terminate()
        process.wait(timeout=START_S)


def _address(log: Path, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        if match := re.search(r"listening on (http://\S+),", log.read_text()):
            return match[1]
        time.sleep(0.05)
    pytest.fail(f"the backend did not start:\n{log.read_text()}")


@pytest.fixture
def convex(deployment: Deployment) -> Convex:
    return Convex(deployment.url, deployment.key)


@pytest.fixture(scope="session")
def os_image() -> str:
    """The OS base, made by `bin/fondation prepare`, which `make test` runs first."""
    return os_image_name(ROOT)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerContainer:
    """A container with a worker's name, hardening and volume, which runs nothing."""

    stack: str
    container: Container


@pytest.fixture
def worker(os_image: str) -> Iterator[WorkerContainer]:
    stack = f"test-{secrets.token_hex(4)}"
    client = docker.from_env()
    volume = client.volumes.create(f"fondation-{stack}-repositories")
    try:
        container = client.containers.run(
            os_image,
            ["sleep", "300"],
            name=f"fondation-{stack}-worker",
            user="10001:10001",
            read_only=True,
            cap_drop=["ALL"],
            init=True,
            tmpfs={"/tmp": ""},
            volumes={str(volume.name): {"bind": "/srv/repositories", "mode": "rw"}},
            detach=True,
        )
        try:
            yield WorkerContainer(stack=stack, container=container)
        finally:
            container.remove(force=True)
    finally:
        volume.remove()
        client.close()
