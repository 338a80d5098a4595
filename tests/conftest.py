import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

from tests.trial import Trial, copy_images, new_trial, remove_images

HERE = Path(__file__).parent
# Longest first, so that no process waits for another one's last file.
SPEEDS = ("e2e", "images", "contract", "components", "unit")
# The files whose tests share the deployed stack.
SHARING = frozenset(
    HERE / name
    for name in (
        "e2e/test_course.py",
        "e2e/test_deploy.py",
        "e2e/test_doctor.py",
        "e2e/test_preview_report.py",
        "images/test_audit.py",
        "images/test_claude.py",
        "images/test_containers.py",
        "images/test_environments.py",
        "images/test_images.py",
        "images/test_sandbox.py",
        "images/test_sbom.py",
    )
)
SHARED = pytest.StashKey[ExitStack]()
# Projects that courses are made of, with tests of their own.
collect_ignore = ["samples"]


class Scheduling(LoadFileScheduling):  # type: ignore[misc]  # untyped
    """Gives a process whole files, and to one process all those that share the deployed stack."""

    def _split_scope(self, nodeid: str) -> str:
        # Not by xdist's own groups: with pytest 9.2 they are silently no groups any more (its issue 1386).
        file: str = super()._split_scope(nodeid)
        return "the deployed stack" if HERE.parent / file in SHARING else file


def pytest_configure() -> None:
    """Forget the caller's own Pulumi settings: a run must not reach their state, whose address may be among them."""
    for name in [name for name in os.environ if name.startswith("PULUMI_")]:
        del os.environ[name]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:  # noqa: ANN401 - its type is not public
    """Distribute the tests as `Scheduling` does."""
    return Scheduling(config, log)


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    """A deployed stack that the tests of `SHARING` share; none of them leaves it changed.

    It goes with the last of them. Its images stay until the run ends: other stacks are built from the same layers.
    """
    trial = new_trial(tmp_path_factory.mktemp("stack"), healthSeconds="5", runExamples="true")
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
    if item.path not in SHARING and (shared := item.config.stash.get(SHARED, None)):
        shared.close()


def pytest_runtest_call(item: pytest.Item) -> None:
    """Fail a test of the shared stack whose file is not known as one."""
    given = getattr(item, "funcargs", {})
    if isinstance(given.get("stack"), Trial) and item.path not in SHARING:
        pytest.fail(f"{item.path} has tests of the deployed stack: name it in SHARING of {__file__}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files by speed, those that share the stack first."""
    items.sort(key=lambda item: (item.path not in SHARING, SPEEDS.index(item.path.relative_to(HERE).parts[0])))
