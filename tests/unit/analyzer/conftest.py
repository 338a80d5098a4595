"""Throw-away repositories, and what the analyzer sees in them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from analyzer.source import snapshot
from analyzer.static.catalogue import Words
from analyzer.static.mapping import map_repository
from analyzer.static.repository_map import RepositoryMap
from tests.unit.analyzer.repositories import SHOP, Files, git, write

collect_ignore = ["languages"]


@pytest.fixture
def repository(tmp_path: Path) -> Callable[..., Path]:
    """Make a git repository from files; `commit=False` leaves it a plain directory."""

    def make(files: Files, *, name: str = "repo", commit: bool = True) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        write(folder, files)
        if commit:
            git(folder, "init", "--quiet")
            git(folder, "add", "--all", "--force")
            git(folder, "commit", "--quiet", "--message", "first")
        return folder

    return make


@pytest.fixture
def shop(repository: Callable[..., Path]) -> Path:
    """A small, well written repository."""
    return repository(SHOP)


@pytest.fixture
def map_of(repository: Callable[..., Path]) -> Callable[[Files], RepositoryMap]:
    """The map of a repository made from files."""
    return lambda files: map_repository(snapshot.read(snapshot.list_repository(repository(files))), Words("en"))
