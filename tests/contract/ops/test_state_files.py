"""Local files and those of a real S3 server are read through the same door; what is wrong with a bucket is told."""

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ops.errors import StackError
from ops.stack.state_files import open_files
from tests.s3_server import BUCKET, CREDENTIALS, KEY_ID, SECRET_KEY, S3Server, s3_server

FOLDER = ".pulumi/history/fondation/blue"
Put = Callable[[str, bytes], None]


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with s3_server() as running:
        yield running


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Credentials, and nothing of this machine's own or of the test before."""
    importlib.import_module("s3fs").S3FileSystem.clear_instance_cache()
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))


@pytest.fixture(params=["file", "s3"])
def backend(request: pytest.FixtureRequest, server: S3Server, tmp_path: Path) -> tuple[str, Put]:
    """Where Pulumi keeps its state, and how a file gets into it."""
    if request.param == "s3":
        return server.url(f"{BUCKET}/my-team"), lambda name, content: server.put(f"my-team/{name}", content)

    def put(name: str, content: bytes) -> None:
        file = tmp_path / "my state" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)

    return f"file://{tmp_path}/my%20state", put


def test_files_are_listed_and_read_and_new_ones_are_seen_at_once(backend: tuple[str, Put]) -> None:
    url, put = backend
    files = open_files(url, FOLDER)
    assert files.names() == []
    put(f"{FOLDER}/blue-2.history.json", b"two")
    put(f"{FOLDER}/blue-1.history.json", b"one")
    put(".pulumi/history/fondation/blue-too/blue-too-3.history.json", b"three")
    assert files.names() == ["blue-1.history.json", "blue-2.history.json"]
    assert files.read("blue-1.history.json") == b"one"
    put(f"{FOLDER}/blue-3.history.json", b"three")
    assert files.names()[2:] == ["blue-3.history.json"]
    assert files.place("x").startswith(("s3://state/my-team/", "/"))
    with pytest.raises(FileNotFoundError):
        files.read("none")


def unread(url: str, *, read: bool = False) -> str:
    """Return why files cannot be listed or read; no credential is in it."""
    files = open_files(url, FOLDER)
    with pytest.raises(StackError) as caught:
        _ = files.read("blue-1.history.json") if read else files.names()
    text = str(caught.value)
    assert KEY_ID not in text
    assert SECRET_KEY not in text
    return text


def test_a_bucket_that_does_not_exist_is_not_taken_for_an_empty_one(server: S3Server) -> None:
    assert "there is no bucket s3://nowhere: create it, or correct PULUMI_BACKEND_URL" in unread(server.url("nowhere"))


def test_a_bucket_that_denies_access_asks_for_credentials(server: S3Server) -> None:
    with server.denying():
        found = [unread(server.url(), read=read) for read in (False, True)]
    assert all("denied access" in text and "AWS_PROFILE" in text for text in found)


def test_an_endpoint_that_does_not_answer_is_named() -> None:
    nobody = S3Server(address="127.0.0.1:9")
    assert 'Could not connect to the endpoint URL: "http://127.0.0.1:9/state' in unread(nobody.url())


def test_without_credentials_and_with_an_unknown_profile_it_says_so(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "The config profile (nobody) could not be found" in unread(f"{server.url()}&profile=nobody")
    for name in CREDENTIALS:
        monkeypatch.delenv(name)
    assert "Unable to locate credentials" in unread(server.url())


def test_credentials_are_those_of_the_profile_that_pulumi_uses(
    server: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in CREDENTIALS:
        monkeypatch.delenv(name)
    keys = "\n".join(f"{name.lower()} = {value}" for name, value in CREDENTIALS.items())
    (tmp_path / "credentials").write_text(f"[team]\n{keys}\n")
    assert open_files(f"{server.url()}&profile=team", "x").names() == []
    monkeypatch.setenv("AWS_PROFILE", "team")
    assert open_files(server.url(), "x").names() == []
