"""The files in which a self-managed backend keeps a stack's history: in a local folder, or in an object store.

Pulumi writes two per update, `<stack>-<nanoseconds>.history.json` and `<stack>-<nanoseconds>.checkpoint.json`, and
may compress them.
"""

import gzip
import importlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from ops.errors import StackError

_HISTORY: Final = re.compile(r".*-(?P<time>\d+)\.history\.json(\.gz|\.zst)?")
_GZIP: Final = b"\x1f\x8b"
_ZSTANDARD: Final = b"\x28\xb5\x2f\xfd"
# Scheme of Pulumi's URL to the protocol of fsspec and the package that speaks it.
_STORES: Final = {"s3": ("s3", "s3fs"), "gs": ("gcs", "gcsfs"), "azblob": ("abfs", "adlfs")}


class ContentError(ValueError):
    """A file of the history is not what it should be."""


class Files(Protocol):
    """Files below one folder."""

    def names(self) -> Sequence[str]:
        """Return the names of the files in the folder; none where there is no such folder."""

    def read(self, name: str) -> bytes:
        """Return a file's content.

        Raises:
            OSError: It is not there, or cannot be read.
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


class StoredFiles:
    """Files in an object store, through a file system of the fsspec library.

    Args:
        filesystem: An `fsspec.AbstractFileSystem`.
        folder: Bucket and prefix.
    """

    def __init__(self, filesystem: Any, folder: str) -> None:  # noqa: ANN401 - an optional library without types
        self._filesystem = filesystem
        self._folder = folder.strip("/")

    def names(self) -> Sequence[str]:
        """See `Files`."""
        try:
            listed = self._filesystem.ls(self._folder, detail=False)
        except FileNotFoundError:
            return []
        return sorted(str(name).rstrip("/").rpartition("/")[2] for name in listed)

    def read(self, name: str) -> bytes:
        """See `Files`."""
        return bytes(self._filesystem.cat_file(f"{self._folder}/{name}"))

    def place(self, name: str) -> str:
        """See `Files`."""
        return f"{self._folder}/{name}"


def open_files(url: str, folder: str, *, load: Callable[[str], Any] = importlib.import_module) -> Files:
    """Return the files of a folder below a self-managed backend.

    Args:
        url: The backend, such as `file:///srv/state` or `s3://bucket/prefix?region=eu-west-1`.
        folder: Folder below it.
        load: Imports a module by its name.

    Raises:
        StackError: This kind of backend cannot be read, or the library for it is missing.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        # `file://~` and `file://./state` are Pulumi's own: what follows the slashes is a path.
        return LocalFiles(Path(unquote(url.partition("://")[2].partition("?")[0])).expanduser() / folder)
    if parts.scheme not in _STORES:
        raise StackError(
            f"the stack's history cannot be read from {parts.scheme}://: history and rollback know file://, s3://,"
            " gs://, azblob:// and Pulumi Cloud"
        )
    protocol, package = _STORES[parts.scheme]
    try:
        fsspec = load("fsspec")
        load(package)
    except ImportError as error:
        raise StackError(
            f"reading the history of a backend on {parts.scheme}:// takes the Python package {package}: install it"
            f" with `.fondation/venv/bin/python -m pip install {package}`"
        ) from error
    filesystem = fsspec.filesystem(protocol, **_options(parts.scheme, parts.query))
    return StoredFiles(filesystem, f"{parts.netloc}{parts.path.rstrip('/')}/{folder}")


def history_names(files: Files) -> Sequence[str]:
    """Return the names of the history's entries, oldest first."""
    found = [(int(match["time"]), name) for name in files.names() if (match := _HISTORY.fullmatch(name))]
    return [name for _, name in sorted(found)]


def checkpoint_name(history_name: str) -> str:
    """Return the name of the state beside an entry."""
    before, _, after = history_name.rpartition(".history.")
    return f"{before}.checkpoint.{after}"


def read_json(files: Files, name: str) -> Mapping[str, Any]:
    """Return the JSON object in a file, which may be compressed.

    Raises:
        ContentError: It is missing, truncated or something else; the message names it.
    """
    try:
        content = files.read(name)
        if content.startswith(_GZIP):
            content = gzip.decompress(content)
        if content.startswith(_ZSTANDARD):
            raise ContentError(
                f"{files.place(name)} is compressed with Zstandard, which this project does not read: unpack it with"
                f" `zstd -d`, and write history with gzip or uncompressed (PULUMI_DIY_BACKEND_ZSTD)"
            )
        found = json.loads(content)
    except (OSError, EOFError) as error:
        raise ContentError(f"{files.place(name)} cannot be read: {error}") from error
    except ValueError as error:
        if isinstance(error, ContentError):
            raise
        raise ContentError(f"{files.place(name)} is damaged: {error}") from error
    if not isinstance(found, dict):
        raise ContentError(f"{files.place(name)} is damaged: it holds no JSON object")
    return found


def _options(scheme: str, query: str) -> dict[str, Any]:
    """Return what the library needs of the settings in Pulumi's URL; credentials come from the environment."""
    given = {key: values[-1] for key, values in parse_qs(query).items()}
    if scheme != "s3":
        return {}
    client: dict[str, str] = {}
    if "region" in given:
        client["region_name"] = given["region"]
    if "endpoint" in given:
        address = given["endpoint"]
        plain = given.get("disableSSL") == "true" or given.get("disable_https") == "true"
        client["endpoint_url"] = address if "://" in address else f"{'http' if plain else 'https'}://{address}"
    return {"profile": given.get("profile"), "client_kwargs": client}
