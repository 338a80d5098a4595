import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pulumi_offline.home import install_provider
from pulumi_offline.locate import Engine, ensure, version_of
from tests.contract.pulumi_offline import base_image
from tests.contract.pulumi_offline.driver import STACK, Project, remove_all, session_environment


@pytest.fixture(scope="session")
def pulumi() -> Engine:
    """The engine under test: FONDATION_TEST_ENGINE, or the one that set-up uses (built once into the user's cache)."""
    given = os.environ.get("FONDATION_TEST_ENGINE")
    if given:
        return Engine(pulumi=Path(given), kind="built", version=version_of(Path(given)) or "unknown")
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "fondation"
    return ensure(cache, print)


@pytest.fixture(scope="session")
def session_folder(tmp_path_factory: pytest.TempPathFactory, pulumi: Engine) -> Path:
    """State and plugins of this session."""
    folder = tmp_path_factory.mktemp("engine")
    install_provider(pulumi, folder / "pulumi")
    return folder


@pytest.fixture(scope="session")
def prefix() -> Iterator[str]:
    """Beginning of the name of every object of this session; whatever still has it at the end is removed."""
    prefix = f"fondation-test-{secrets.token_hex(4)}"
    yield prefix
    remove_all(
        [
            ("ps", "--all", "--format", "{{.Names}}", "rm -fv"),
            ("network", "ls", "--format", "{{.Name}}", "network rm"),
            ("volume", "ls", "--quiet", "volume rm"),
            ("images", "--format", "{{.Repository}}:{{.Tag}}", "rmi -f"),
        ],
        prefix,
    )


@pytest.fixture(scope="session")
def base(prefix: str) -> str:
    """An image with a shell and a few tools."""
    name = f"{prefix}-base:1"
    base_image.load(name)
    return name


@pytest.fixture(scope="module")
def new_project(
    session_folder: Path, pulumi: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Project]]:
    """Makes projects, each with a stack; destroys them at the module's end."""
    made: list[Project] = []

    def make(name: str) -> Project:
        folder = tmp_path_factory.mktemp("projects") / name
        project = Project(folder=folder, engine=pulumi, environment=session_environment(session_folder))
        project.write("")
        created = project.command("stack", "init", STACK)
        assert created.returncode == 0, created.stderr
        made.append(project)
        return project

    yield make
    for project in made:
        project.destroy()
