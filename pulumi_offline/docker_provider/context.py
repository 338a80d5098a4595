"""A build context: which files it has, their digest, and the archive that the daemon gets.

The digest covers relative names, contents, permission bits and link targets. Owners and times do not count: a fresh
clone at another path has the same digest, unless it has links: of those the target's whole path counts, as the
program would spell it.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pulumi_offline.docker_provider.dockerignore import IgnoreRules
from pulumi_offline.docker_provider.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK_BYTES = 1 << 20
_KINDS = {stat.S_IFLNK: "L", stat.S_IFIFO: "p", stat.S_IFSOCK: "S", stat.S_IFBLK: "D", stat.S_IFCHR: "Dc"}
_SPECIAL = ((stat.S_ISUID, "u"), (stat.S_ISGID, "g"), (stat.S_ISVTX, "t"))
_OUTSIDE_NAME = ".dockerfile.outside-context"


class ContextError(ProviderError):
    """The context or the Dockerfile cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildContext:
    """A folder and the Dockerfile that builds from it; both are checked to exist."""

    folder: Path
    dockerfile: Path

    @classmethod
    def open(cls, folder: str, dockerfile: str | None) -> BuildContext:
        """Find both; paths are relative to the working directory (the program's folder).

        Raises:
            ContextError: one of them is missing; the message has its absolute path.
        """
        root = Path(folder)
        if not root.is_dir():
            raise ContextError(f"build context {root.absolute()} is not a folder: create it, or correct build.context")
        file = Path(dockerfile) if dockerfile else root / "Dockerfile"
        if not file.is_file():
            raise ContextError(f"Dockerfile {file.absolute()} does not exist: create it, or correct build.dockerfile")
        return cls(folder=root, dockerfile=file)

    @property
    def dockerfile_name(self) -> str:
        """The Dockerfile's path relative to the context; starts with `..` when it lies outside."""
        return Path(os.path.relpath(self.dockerfile, self.folder)).as_posix()

    @property
    def name_in_archive(self) -> str:
        """Where the daemon finds the Dockerfile in the archive."""
        return _OUTSIDE_NAME if self.dockerfile_name.startswith("../") else self.dockerfile_name

    def entries(self) -> list[str]:
        """The relative paths that the build sees, sorted; folders included."""
        rules = self._rules()
        found = list(self._walk("", rules))
        return sorted(found)

    def _rules(self) -> IgnoreRules:
        beside = self.dockerfile.with_name(self.dockerfile.name + ".dockerignore")
        file = beside if beside.is_file() else self.folder / ".dockerignore"
        return IgnoreRules.parse(file.read_text("utf-8").splitlines()) if file.is_file() else IgnoreRules()

    def _walk(self, prefix: str, rules: IgnoreRules) -> Iterator[str]:
        with os.scandir(self.folder / prefix) as items:
            for item in items:
                path = f"{prefix}{item.name}"
                ignored = rules.ignores(path) and path != self.dockerfile_name
                folder = item.is_dir(follow_symlinks=False)
                if not ignored:
                    yield path
                if folder and (
                    not ignored or rules.may_keep_below(path) or self.dockerfile_name.startswith(f"{path}/")
                ):
                    yield from self._walk(f"{path}/", rules)

    def digest(self) -> str:
        """The hexadecimal SHA-256 of the Dockerfile and of all files, byte for byte that of Pulumi's own provider.

        Raises:
            ContextError: a file cannot be read.
        """
        total = hashlib.sha256()
        try:
            _add(total, "Dockerfile", _go_mode(0), self.dockerfile)
            for name in self._files():
                path = self.folder / name
                _add(total, name, _go_mode(path.lstat().st_mode), path)
        except OSError as error:
            raise ContextError(
                f"build context {self.folder.absolute()}: {error}: make it readable or ignore it"
            ) from error
        return total.hexdigest()

    def _files(self) -> list[str]:
        """What is no folder, folder by folder: a folder's files stand where its name does."""
        found = (name for name in self.entries() if not stat.S_ISDIR((self.folder / name).lstat().st_mode))
        return sorted(found, key=lambda name: name.split("/"))

    def write_archive(self, file: IO[bytes]) -> None:
        """Write the context as a tar file; everything belongs to root, as with `docker build`."""
        with tarfile.open(fileobj=file, mode="w", format=tarfile.GNU_FORMAT) as archive:
            for name in self.entries():
                path = self.folder / name
                if stat.S_ISSOCK(path.lstat().st_mode):
                    continue
                archive.add(path, arcname=name, recursive=False, filter=_owned_by_root)
            if self.name_in_archive == _OUTSIDE_NAME:
                archive.add(self.dockerfile, arcname=_OUTSIDE_NAME, filter=_owned_by_root)


def _owned_by_root(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    return info


def _add(total: hashlib._Hash, name: str, mode: str, path: Path) -> None:
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode) and name != "Dockerfile":
        content = hashlib.sha256(os.fsencode(os.path.normpath(path.parent / path.readlink()))).digest()
    elif stat.S_ISREG(path.stat().st_mode):
        content = file_digest(path)
    else:
        content = hashlib.sha256().digest()
    total.update(name.encode("utf-8", "surrogateescape") + mode.encode() + content + b"\0")


def _go_mode(mode: int) -> str:
    """A mode as Go writes it: the kind of file, special bits, then the permissions."""
    kind = _KINDS.get(stat.S_IFMT(mode), "")
    special = "".join(letter for bit, letter in _SPECIAL if mode & bit)
    permissions = "".join(letter if mode & (1 << (8 - place)) else "-" for place, letter in enumerate("rwxrwxrwx"))
    return ((kind + special) or "-") + permissions


def file_digest(path: Path) -> bytes:
    """The SHA-256 of a file's content."""
    total = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            total.update(chunk)
    return total.digest()
