"""What an example's text calls: by what its names hold, where that can be read."""

from collections.abc import Callable

import pytest

from analyzer.static.calls import called_in
from analyzer.static.repository_map import RepositoryMap
from tests.unit.analyzer.repositories import Files

MapOf = Callable[[Files], RepositoryMap]
SESSIONS: Files = {
    "pyproject.toml": '[project]\nname = "fetch"\n[build-system]\n',
    "README.md": "# fetch\n\nIt fetches.\n\n## Sessions\n\nA session keeps what it learned, `Session` does that.\n",
    "src/fetch/__init__.py": "from fetch.api import get, session\nfrom fetch.sessions import Session\n",
    "src/fetch/api.py": (
        "from fetch.sessions import Session\n\n\n"
        'def get(url):\n    """Get once."""\n    return Session().get(url)\n\n\n'
        'def session() -> Session:\n    """Begin a session."""\n    return Session()\n'
    ),
    "src/fetch/sessions.py": (
        'class Base:\n    """What all have."""\n\n    def close(self):\n        """Close."""\n\n\n'
        'class Session(Base):\n    """Keeps what it learned."""\n\n    def get(self, url):\n        """Get again."""\n'
        "        return url\n"
    ),
}


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("r = fetch.get('a')\nprint(r.text())", ["get"]),
        ("s = fetch.Session()\ns.get('a')\ns.close()", ["Session", "Session.get", "Base.close"]),
        ("s = fetch.session()\ns.get('a')", ["session", "Session.get"]),
        ("with fetch.Session() as s:\n    s.get('a')", ["Session", "Session.get"]),
        ("const s = new Session()\ns.get('a')", ["Session", "Session.get"]),
        # What a name holds is known, and has no such method: it is nobody else's.
        ("s = Session()\ns.session()", ["Session"]),
    ],
)
def test_a_method_is_that_of_what_its_name_holds(map_of: MapOf, text: str, called: list[str]) -> None:
    repo_map = map_of(SESSIONS)
    concept = repo_map.concepts[0]
    assert [symbol.qualname for symbol in called_in(repo_map, concept, text)] == called
