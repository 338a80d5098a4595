"""The packages of a repository beside the one at its root: what they hand out is not what most users come for."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from analyzer.code.model import Module

# A package at the root: its manifest, and the file that users of it see first.
_ROOTS: Final = {
    "Cargo.toml": ("src/lib.rs", "lib.rs"),
    "package.json": ("index.js", "index.ts", "src/index.js", "src/index.ts", "lib/index.js"),
}
# What is released on its own, although it lies in the tree of the one at the root.
_SPLIT: Final = ("composer.json", "go.mod", "pyproject.toml", ".gemspec")
_WORD: Final = re.compile(r"\w+")


def packages_apart(modules: Sequence[Module]) -> tuple[str, ...]:
    """The folders, each with `/` at its end, of packages that the one at the root does not hand on.

    None where the root has no package: then all of them are the project.
    """
    by_path = {module.path: module for module in modules}
    found = [f"{folder}/" for ending in _SPLIT for folder in _split(by_path, ending)]
    for manifest, fronts in _ROOTS.items():
        front = next((by_path[path] for path in fronts if manifest in by_path and path in by_path), None)
        if front is None:
            continue
        handed_on = {word for item in front.imports for word in _handed_on(item.module, front.exports or ())}
        for path in by_path:
            folder, _, name = path.rpartition("/")
            if folder and name == manifest and _plain(folder.rpartition("/")[2]) not in handed_on:
                found.append(f"{folder}/")
    return tuple(sorted(found))


def _split(paths: Iterable[str], ending: str) -> Iterator[str]:
    """The folders that have a manifest of their own, where the root has one, too."""
    folders = [path.rpartition("/")[0] for path in paths if path.endswith(ending)]
    yield from (folder for folder in folders if folder and "" in folders)


def _handed_on(imported: str, exports: Sequence[str]) -> Iterator[str]:
    """The words of an import of which something is handed on: all of it, or a name that is exported."""
    words = _WORD.findall(imported)
    if "*" in imported or not set(exports).isdisjoint(words):
        yield from words


def _plain(name: str) -> str:
    """A package's name as an import writes it: `regex-syntax` is `regex_syntax`."""
    return name.replace("-", "_")
