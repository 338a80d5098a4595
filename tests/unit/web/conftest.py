from collections.abc import Iterator

import pytest

from course.repository import UrlPolicy
from tests.unit.web.visitor import TOKEN, Visitor
from web.settings import Secret


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    made = Visitor(url_policy=UrlPolicy(local_prefix="/srv/repositories"))
    yield made
    made.close()


@pytest.fixture
def guarded() -> Iterator[Visitor]:
    made = Visitor(access_token=Secret(TOKEN))
    yield made
    made.close()
