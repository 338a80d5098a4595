"""Files in a bucket that Pulumi keeps its state in, read through the fsspec library.

Bucket, endpoint and the like come from Pulumi's URL, credentials from where Pulumi itself finds them: the environment
or a profile. None is ever in a message.
"""

import importlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from ops.errors import StackError


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A kind of object store.

    Attributes:
        protocol: Its name in fsspec.
        package: Python package that speaks it.
        install: Command that installs the package.
        credentials: Variables in which Pulumi finds its credentials.
    """

    protocol: str
    package: str
    install: str
    credentials: str


_PIP: Final = ".fondation/venv/bin/python -m pip install"
# By the scheme of Pulumi's URL.
STORES: Final[Mapping[str, Store]] = {
    "s3": Store(
        protocol="s3",
        package="s3fs",
        install="bin/bootstrap s3",
        credentials="AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    ),
    "gs": Store(
        protocol="gcs",
        package="gcsfs",
        install=f"{_PIP} gcsfs",
        credentials="GOOGLE_APPLICATION_CREDENTIALS",
    ),
    "azblob": Store(
        protocol="abfs",
        package="adlfs",
        install=f"{_PIP} adlfs",
        credentials="AZURE_STORAGE_ACCOUNT, and AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN",
    ),
}
# What of Pulumi's variables adlfs knows under another name.
_AZURE: Final = {
    "account_name": "AZURE_STORAGE_ACCOUNT",
    "account_key": "AZURE_STORAGE_KEY",
    "sas_token": "AZURE_STORAGE_SAS_TOKEN",
}
# Parameters of Pulumi's URL that s3fs takes from a profile only, by the key that they have there.
_IN_PROFILE: Final = {"role": "role_arn", "dualstack": "use_dualstack_endpoint", "fips": "use_fips_endpoint"}
_TRUE: Final = frozenset({"1", "t", "T", "true", "TRUE", "True"})  # as Go, in which Pulumi is written, reads it
# An endpoint that does not answer is told within seconds; the library's own limits make that five minutes.
_LIMITS: Final = {"connect_timeout": 5, "read_timeout": 30, "retries": {"mode": "standard", "max_attempts": 2}}


class StoredFiles:
    """Files in an object store; see `ops.stack.state_files.Files`.

    Args:
        filesystem: An `fsspec.AbstractFileSystem` that keeps no listings, since Pulumi writes between two of ours.
        store: What kind of store it is.
        bucket: URL of the bucket.
        folder: Folder in it.
    """

    def __init__(self, filesystem: Any, *, store: Store, bucket: str, folder: str) -> None:  # noqa: ANN401 - an optional library without types
        self._filesystem = filesystem
        self._store = store
        self._bucket = bucket
        self._folder = folder

    def names(self) -> Sequence[str]:
        """Return the names of the files in the folder; none where there is no such folder."""
        with _explained(self._bucket, self._store):
            try:
                listed = self._filesystem.ls(self._path(self._folder), detail=False)
            except FileNotFoundError:
                # No such folder; or no such bucket, which this tells.
                self._filesystem.ls(self._path(), detail=False)
                return []
        return sorted(str(name).rstrip("/").rpartition("/")[2] for name in listed)

    def read(self, name: str) -> bytes:
        """Return a file's content."""
        with _explained(self._bucket, self._store, file=self.place(name)):
            return bytes(self._filesystem.cat_file(self._path(self._folder, name)))

    def place(self, name: str) -> str:
        """Return where a file is, as people find it."""
        return f"{self._bucket}/{self._folder}/{name}"

    def _path(self, *parts: str) -> str:
        return "/".join((urlsplit(self._bucket).netloc, *parts))


def open_store(
    url: str,
    folder: str,
    *,
    load: Callable[[str], Any] = importlib.import_module,
    environment: Mapping[str, str] = os.environ,
) -> StoredFiles:
    """Return the files in a folder of a backend in an object store.

    Args:
        url: The backend, such as `s3://bucket/prefix?region=eu-west-1`.
        folder: Folder below it.
        load: Imports a module by its name.
        environment: Where variables are.

    Raises:
        StackError: The library for it is missing, or cannot do what the URL asks for.
    """
    parts = urlsplit(url)
    store = STORES[parts.scheme]
    bucket = f"{parts.scheme}://{parts.netloc}"
    try:
        fsspec = load("fsspec")
        load(store.package)
    except ImportError as error:
        raise StackError(
            f"reading Pulumi's state in {bucket} takes the Python package {store.package}, which is not installed:"
            f" `{store.install}` does that"
        ) from error
    given = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    match parts.scheme:
        case "s3":
            options = _s3_options(given, environment)
        case "azblob":
            options = {key: environment[name] for key, name in _AZURE.items() if environment.get(name)}
        case _:
            options = {}
    with _explained(bucket, store):
        filesystem = fsspec.filesystem(store.protocol, use_listings_cache=False, **options)
    inside = "/".join(part for part in (parts.path.strip("/"), folder) if part)
    return StoredFiles(filesystem, store=store, bucket=bucket, folder=inside)


@contextmanager
def _explained(bucket: str, store: Store, *, file: str | None = None) -> Iterator[None]:
    """Turn what the library raises into an error that says what to do; that a file is missing remains an OSError."""
    try:
        yield
    except FileNotFoundError as error:
        if file is not None:
            raise FileNotFoundError("it is not there") from error
        raise StackError(
            f"Pulumi's state cannot be read: there is no bucket {bucket}: create it, or correct PULUMI_BACKEND_URL"
        ) from error
    except PermissionError as error:
        raise StackError(
            f"Pulumi's state cannot be read: {file or bucket} denied access ({error}): give credentials that may list"
            f" and read it ({store.credentials})"
        ) from error
    except Exception as error:
        # Each library has errors of its own, whose messages say what happened.
        raise StackError(
            f"Pulumi's state cannot be read: {file or bucket}: {str(error) or type(error).__name__}: check the address"
            f" in PULUMI_BACKEND_URL, the network, and the credentials ({store.credentials})"
        ) from error


def _s3_options(given: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the options of s3fs for the parameters of Pulumi's URL; both find credentials in the same places."""
    unknown = sorted(given.keys() & _IN_PROFILE.keys())
    if unknown:
        keys = ", ".join(_IN_PROFILE[name] for name in unknown)
        raise StackError(
            f"Pulumi's state cannot be read with {', '.join(unknown)} in PULUMI_BACKEND_URL: set {keys} in a profile of"
            " ~/.aws/config instead, and name it with profile="
        )
    settings: dict[str, Any] = {**_LIMITS}
    if _is_true(given, "s3ForcePathStyle", "use_path_style"):
        settings["s3"] = {"addressing_style": "path"}
    client: dict[str, str] = {}
    # Pulumi's library reads AWS_REGION, this one only AWS_DEFAULT_REGION.
    if region := given.get("region") or environment.get("AWS_REGION"):
        client["region_name"] = region
    if address := given.get("endpoint"):
        scheme = "http" if _is_true(given, "disableSSL", "disable_https") else "https"
        client["endpoint_url"] = address if "://" in address else f"{scheme}://{address}"
    return {
        "anon": _is_true(given, "anonymous"),
        "profile": given.get("profile"),
        "client_kwargs": client,
        "config_kwargs": settings,
    }


def _is_true(given: Mapping[str, str], *names: str) -> bool:
    return any(given.get(name) in _TRUE for name in names)
