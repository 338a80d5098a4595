"""What an object store's library is asked for; S3 itself is asked in tests/contract/ops/test_state_files.py."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from ops.errors import StackError
from ops.stack.object_store import StoredFiles, open_store
from ops.stack.state_files import open_files


class Bucket:
    """What this project uses of an fsspec file system."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def ls(self, path: str, *, detail: bool) -> Sequence[str]:
        assert not detail
        return [f"{path}/{file.name}" for file in (self.folder / path).iterdir()]

    def cat_file(self, path: str) -> bytes:
        return (self.folder / path).read_bytes()


class Library:
    """fsspec, with one bucket, called `bucket`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: dict[str, Any] = {}

    def filesystem(self, protocol: str, **options: object) -> Bucket:
        self.asked = {"protocol": protocol, **options}
        return Bucket(self.folder)

    def open(self, url: str, **environment: str) -> StoredFiles:
        return open_store(url, "x", load=lambda _: self, environment=environment)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    (tmp_path / "bucket" / "team" / "x").mkdir(parents=True)
    (tmp_path / "bucket" / "team" / "x" / "one").write_bytes(b"1")
    return Library(tmp_path)


@pytest.mark.parametrize(
    ("query", "environment", "client", "addressing"),
    [
        ("", {}, {}, None),
        ("?region=eu-west-1", {"AWS_REGION": "us-east-1"}, {"region_name": "eu-west-1"}, None),
        ("", {"AWS_REGION": "us-east-1"}, {"region_name": "us-east-1"}, None),
        ("?endpoint=minio:9000", {}, {"endpoint_url": "https://minio:9000"}, None),
        ("?endpoint=minio:9000&disableSSL=true", {}, {"endpoint_url": "http://minio:9000"}, None),
        ("?endpoint=http%3A%2F%2Fminio&disable_https=0", {}, {"endpoint_url": "http://minio"}, None),
        ("?s3ForcePathStyle=true", {}, {}, {"addressing_style": "path"}),
        ("?use_path_style=1", {}, {}, {"addressing_style": "path"}),
    ],
)
def test_pulumi_s_parameters_of_s3_reach_its_library(
    library: Library,
    query: str,
    environment: Mapping[str, str],
    client: Mapping[str, str],
    addressing: Mapping[str, str] | None,
) -> None:
    library.open(f"s3://bucket{query}", **environment)
    assert library.asked["client_kwargs"] == client
    assert library.asked["config_kwargs"].get("s3") == addressing


def test_a_profile_and_no_credentials_at_all_can_be_asked_for(library: Library) -> None:
    library.open("s3://bucket?profile=team")
    assert (library.asked["profile"], library.asked["anon"]) == ("team", False)
    library.open("s3://bucket?anonymous=true")
    assert (library.asked["profile"], library.asked["anon"]) == (None, True)


def test_a_parameter_that_only_a_profile_can_hold_is_not_ignored(library: Library) -> None:
    with pytest.raises(
        StackError, match=r"with fips, role in PULUMI_BACKEND_URL: set use_fips_endpoint, role_arn in a"
    ):
        library.open("s3://bucket?role=arn:aws:iam::1:role/x&fips=true")


@pytest.mark.parametrize(
    ("scheme", "environment", "asked"),
    [
        ("gs", {}, {"protocol": "gcs"}),
        (
            "azblob",
            {"AZURE_STORAGE_ACCOUNT": "team", "AZURE_STORAGE_KEY": "k", "AZURE_STORAGE_SAS_TOKEN": ""},
            {"protocol": "abfs", "account_name": "team", "account_key": "k"},
        ),
    ],
)
def test_other_stores_are_read_through_the_same_door(
    library: Library, scheme: str, environment: Mapping[str, str], asked: Mapping[str, str]
) -> None:
    files = library.open(f"{scheme}://bucket/team/", **environment)
    assert library.asked == {"use_listings_cache": False, **asked}
    assert (files.names(), files.read("one")) == (["one"], b"1")
    assert files.place("one") == f"{scheme}://bucket/team/x/one"


@pytest.mark.parametrize(
    ("scheme", "command"), [("s3", "bin/bootstrap s3"), ("gs", ".fondation/venv/bin/python -m pip install gcsfs")]
)
def test_without_its_library_the_message_says_what_installs_it(scheme: str, command: str) -> None:
    def load(name: str) -> object:
        raise ModuleNotFoundError(name)

    with pytest.raises(StackError, match=f"is not installed: `{command}` does that"):
        open_store(f"{scheme}://bucket", "x", load=load)


def test_an_unknown_backend_is_named() -> None:
    with pytest.raises(StackError, match=r"cannot be read from postgres://: .* know file://, s3://, gs://, azblob://"):
        open_files("postgres://host/db", "x")
