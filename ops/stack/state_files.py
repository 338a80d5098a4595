"""The files of the backend that Pulumi's state is in, where it is self-managed: a local folder, or an object store.

They are read where a command needs more than Pulumi tells: who holds a lock, and what earlier updates were. Nothing is
written.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

from components.machine import MachineFolders
from ops.errors import StackError
from ops.stack.object_store import STORES, open_store
from pulumi_offline.home import environment

_CLOUD: Final = frozenset({"https", "http"})


class Files(Protocol):
    """Files below one folder."""

    def names(self) -> Sequence[str]:
        """Return the names of the files in the folder; none where there is no such folder.

        Raises:
            StackError: The store cannot be read.
        """

    def read(self, name: str) -> bytes:
        """Return a file's content.

        Raises:
            OSError: It is not there, or cannot be read.
            StackError: The store cannot be read.
        """

    def place(self, name: str) -> str:
        """Return where a file is, as people find it."""


class LocalFiles:
    """Files in a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> Sequence[str]:
        """See `Files`."""
        return sorted(path.name for path in self._folder.iterdir()) if self._folder.is_dir() else []

    def read(self, name: str) -> bytes:
        """See `Files`."""
        return (self._folder / name).read_bytes()

    def place(self, name: str) -> str:
        """See `Files`."""
        return str(self._folder / name)


def state_files(folders: MachineFolders, stack: str, folder: str) -> Files | None:
    """Return the files in a folder of the backend that a stack of this checkout is in; None for Pulumi Cloud.

    Raises:
        StackError: This kind of backend cannot be read, or the library for it is missing.
    """
    url = environment(folders.checkout, folders.home, stack)["PULUMI_BACKEND_URL"]
    return None if urlsplit(url).scheme in _CLOUD else open_files(url, folder)


def local_folder(folders: MachineFolders, stack: str) -> Path | None:
    """Return the folder of this machine that is the backend of a stack of this checkout; None for any other backend."""
    url = environment(folders.checkout, folders.home, stack)["PULUMI_BACKEND_URL"]
    return _folder(url) if urlsplit(url).scheme == "file" else None


def open_files(url: str, folder: str) -> Files:
    """Return the files in a folder of a self-managed backend.

    Args:
        url: The backend, such as `file:///srv/state` or `s3://bucket/prefix?region=eu-west-1`.
        folder: Folder below it.

    Raises:
        StackError: This kind of backend cannot be read, or the library for it is missing.
    """
    scheme = urlsplit(url).scheme
    if scheme == "file":
        return LocalFiles(_folder(url) / folder)
    if scheme in STORES:
        return open_store(url, folder)
    known = ", ".join(f"{name}://" for name in ("file", *STORES))
    raise StackError(
        f"Pulumi's state cannot be read from {scheme}://: history, rollback and recover know {known} and Pulumi Cloud"
    )


def _folder(url: str) -> Path:
    # `file://~` and `file://./state` are Pulumi's own: what follows the slashes is a path.
    return Path(unquote(url.partition("://")[2].partition("?")[0])).expanduser()
