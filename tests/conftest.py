from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler.loadgroup import LoadGroupScheduling

from tests.trial import Trial, copy_images, new_trial, remove_images

HERE = Path(__file__).parent
# Longest first, so that no process waits for another one's last file.
SPEEDS = ("e2e", "images", "contract", "components", "unit")
SHARED = pytest.StashKey[ExitStack]()


class Scheduling(LoadGroupScheduling):  # type: ignore[misc]  # untyped
    """Gives a process whole files; those that share the deployed stack, a group, go to one process."""

    def _split_scope(self, nodeid: str) -> str:
        scope: str = super()._split_scope(nodeid)
        return scope.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:  # noqa: ANN401 - its type is not public
    """Distribute the tests as `Scheduling` does."""
    return Scheduling(config, log)


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    """A deployed stack that the tests of the group `stack` share; none of them leaves it changed.

    It goes with the last of them. Its images stay until the run ends: other stacks are built from the same layers.
    """
    trial = new_trial(tmp_path_factory.mktemp("stack"), healthSeconds="5")
    trial.init()
    with ExitStack() as shared:
        shared.callback(trial.destroy)
        request.config.stash[SHARED] = shared
        trial.up()
        kept = f"{trial.namespace.removesuffix('/')}-kept/"
        copy_images(trial.namespace, kept)
        yield trial
    remove_images(kept)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Remove the shared stack before the first test of others: its health checks would take time of theirs."""
    if not _shares(item) and (shared := item.config.stash.get(SHARED, None)):
        shared.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files by speed, those that share the stack first."""
    items.sort(key=lambda item: (not _shares(item), SPEEDS.index(item.path.relative_to(HERE).parts[0])))


def _shares(item: pytest.Item) -> bool:
    return item.get_closest_marker("xdist_group") is not None
