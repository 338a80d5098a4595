"""The files that a repository's examples may import: its packages as the commit has them, nothing installed."""

from collections.abc import Iterator, Mapping
from typing import Final

from analyzer.code.model import Role
from analyzer.code.repository import Repository
from analyzer.source import git
from analyzer.source.snapshot import REGULAR_MODES, Snapshot, read_file

PACKAGE_MAX_BYTES: Final = 32 << 20
FILE_MAX_BYTES: Final = 2 << 20
FILES_MAX: Final = 8_000
_NOT_CODE: Final = (".po", ".mo", ".pyc", ".so", ".whl", ".zip", ".gz", ".png", ".jpg", ".gif", ".ico", ".woff", ".svg")


class PackageTooLargeError(Exception):
    """The repository's packages are more than is handed to a sandbox."""


def package_roots(repository: Repository) -> dict[str, str]:
    """For each package or module that can be imported: the folder of the repository that it lies in, `""` or `src/`."""
    roots: dict[str, str] = {}
    for module in repository.modules:
        if module.language != "python" or not module.name or module.role in {Role.TEST, Role.DOC, Role.EXAMPLE}:
            continue
        depth = module.name.count(".") + 1 + module.path.endswith(("/__init__.py", "/__init__.pyi"))
        folder = "/".join(module.path.split("/")[:-depth])
        roots.setdefault(module.name.partition(".")[0], f"{folder}/" if folder else "")
    return roots


def package_files(snapshot: Snapshot, repository: Repository) -> dict[str, bytes]:
    """The packages' files, by the path below the folder that they are imported from.

    Raises:
        PackageTooLargeError: They are too many, or too large together.
    """
    wanted = {f"{root}{name}": root for name, root in package_roots(repository).items()}
    found: dict[str, bytes] = {}
    total = 0
    for path, root, content in _contents(snapshot, wanted):
        total += len(content)
        if total > PACKAGE_MAX_BYTES or len(found) >= FILES_MAX:
            raise PackageTooLargeError(f"its packages are more than {PACKAGE_MAX_BYTES >> 20} MiB or {FILES_MAX} files")
        found.setdefault(path.removeprefix(root), content)
    return found


def _contents(snapshot: Snapshot, wanted: Mapping[str, str]) -> Iterator[tuple[str, str, bytes]]:
    if snapshot.commit:
        entries = [
            (entry, root)
            for entry in git.tree_entries(snapshot.root, snapshot.commit)
            if entry.mode in REGULAR_MODES
            and entry.size_bytes <= FILE_MAX_BYTES
            and (root := _root_of(entry.path, wanted)) is not None
        ]
        contents = git.read_blobs(snapshot.root, [entry.blob for entry, _ in entries])
        for (entry, root), content in zip(entries, contents, strict=True):
            yield entry.path, root, content
        return
    for path in snapshot.files:
        if (root := _root_of(path, wanted)) is not None and (text := read_file(snapshot.root / path)) is not None:
            yield path, root, text


def _root_of(path: str, wanted: Mapping[str, str]) -> str | None:
    """The folder that a file is imported from; None for a file of no package."""
    if path.endswith(_NOT_CODE) or not path.isprintable():
        return None
    parts = path.split("/")
    if not {"", ".", ".."}.isdisjoint(parts):
        return None
    for depth in range(1, len(parts) + 1):
        place = "/".join(parts[:depth]).removesuffix(".py")
        if place in wanted:
            return wanted[place]
    return None
