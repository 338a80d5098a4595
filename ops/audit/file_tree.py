"""The file system of an image, read from the tar that the daemon exports.

Of every file the path, mode, owner and hash are kept; the content only where a check or a bill of materials reads it.
"""

import hashlib
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from posixpath import basename
from typing import IO, Final

CONTENT_MAX_BYTES: Final = 1 << 20
"""Larger files are known by their hash alone, but for the ones in `_ALWAYS`."""

_ALWAYS: Final = ("/usr/lib/os-release", "/var/lib/dpkg/status", "/opt/fondation/cli/dist/*.pyz")
# Where a secret could have been left, and what names the parts of the image.
_READ: Final = (
    "/etc/*",
    "/home/*",
    "/opt/*",
    "/root/*",
    "/srv/*",
    "/tmp/*",  # noqa: S108 - of the image
    "/usr/local/*",
    "/usr/share/doc/*/copyright",
    "/var/lib/fondation/*",
)
# The daemon makes these for every container; they are not the image's.
_COMPILED: Final = ".pyc"
_OF_THE_CONTAINER: Final = frozenset({"/.dockerenv", "/etc/hostname", "/etc/hosts", "/etc/mtab", "/etc/resolv.conf"})
_OF_THE_KERNEL: Final = ("/dev", "/proc", "/sys")


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One entry; `kind` is tar's type flag, `sha256` that of a regular file's content."""

    mode: int
    uid: int
    gid: int
    kind: bytes
    link: str = ""
    sha256: str = ""
    content: bytes | None = None
    capabilities: bool = False

    @property
    def is_regular(self) -> bool:
        """Whether it has content, a hard link's being that of its target."""
        return self.kind in {tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.LNKTYPE}

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return self.kind == tarfile.DIRTYPE

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link, whose mode says nothing."""
        return self.kind == tarfile.SYMTYPE


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTree:
    """Every entry by absolute path."""

    entries: Mapping[str, File]

    def matching(self, *patterns: str) -> Iterator[tuple[str, File]]:
        """Yield entries by path, in order; a `*` of a pattern also matches slashes."""
        for path, entry in sorted(self.entries.items()):
            if any(fnmatchcase(path, pattern) for pattern in patterns):
                yield path, entry

    def named(self, names: frozenset[str], *, below: str = "/") -> Iterator[str]:
        """Yield the paths of files with one of the names."""
        for path, entry in sorted(self.entries.items()):
            if basename(path) in names and path.startswith(below) and not entry.is_folder:
                yield path

    def text(self, path: str) -> str | None:
        """Return a file's content; None where there is no such file or its content was not kept."""
        entry = self.entries.get(path)
        return None if entry is None or entry.content is None else entry.content.decode("utf-8", "replace")


def read_tree(stream: IO[bytes]) -> FileTree:
    """Return the file tree of an exported container.

    Args:
        stream: The tar; read once, from here to its end.
    """
    entries: dict[str, File] = {}
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            path = "/" + member.name.strip("/")
            if path in _OF_THE_CONTAINER or path.startswith(_OF_THE_KERNEL):
                continue
            digest, content = _content(archive, member, path)
            target = "/" + member.linkname.lstrip("/") if member.islnk() else ""
            if target and target in entries:
                digest, content = entries[target].sha256, entries[target].content
            entries[path] = File(
                mode=member.mode,
                uid=member.uid,
                gid=member.gid,
                kind=member.type,
                link=member.linkname,
                sha256=digest,
                content=content,
                capabilities="SCHILY.xattr.security.capability" in member.pax_headers,
            )
    return FileTree(entries=entries)


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo, path: str) -> tuple[str, bytes | None]:
    stream = archive.extractfile(member) if member.isreg() else None
    if stream is None:
        return "", None
    data = stream.read()
    small = member.size <= CONTENT_MAX_BYTES and not path.endswith(_COMPILED)
    kept = _any(path, _ALWAYS) or (small and _any(path, _READ))
    return hashlib.sha256(data).hexdigest(), data if kept else None


def _any(path: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(path, pattern) for pattern in patterns)
