from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.trial import Trial, new_trial

HERE = Path(__file__).parent
# Longest first, so that no process waits for another one's last file.
SPEEDS = ("e2e", "images", "contract", "components", "unit")


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    """A deployed stack that tests share; none of them leaves it changed."""
    trial = new_trial(tmp_path_factory.mktemp("stack"))
    trial.init()
    try:
        trial.up()
        yield trial
    finally:
        trial.destroy()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files by speed."""
    items.sort(key=lambda item: SPEEDS.index(item.path.relative_to(HERE).parts[0]))
