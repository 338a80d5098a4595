from collections.abc import Iterator

import pytest

from tests.trial import Trial, new_trial


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
