import hashlib
import io
import os
import tarfile
from pathlib import Path

import pytest
from docker.utils.build import PatternMatcher
from hypothesis import given
from hypothesis import strategies as st

from pulumi_offline.docker_provider.context import BuildContext, ContextError
from pulumi_offline.docker_provider.dockerignore import IgnoreRules


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make(tmp_path / "one")


def make(folder: Path) -> Path:
    (folder / "sub").mkdir(parents=True)
    (folder / "Dockerfile").write_text("FROM x\n")
    (folder / "sub" / "file").write_text("content\n")
    (folder / "link").symlink_to("sub/file")
    for path in (folder / "Dockerfile", folder / "sub" / "file"):
        path.chmod(0o644)
    (folder / "sub").chmod(0o755)
    return folder


def digest(folder: Path, dockerfile: str | None = None) -> str:
    return BuildContext.open(str(folder), dockerfile).digest()


def test_digest_is_the_same_for_another_path_time_and_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a checkout elsewhere, that is: a program names its contexts relative to itself."""
    make(tmp_path / "a" / "context")
    other = tmp_path / "b" / "context"
    (other / "sub").mkdir(parents=True)
    (other / "link").symlink_to("sub/file")
    make_again = {"sub/file": "content\n", "Dockerfile": "FROM x\n"}
    for name, text in make_again.items():
        (other / name).write_text(text)
        (other / name).chmod(0o644)
        os.utime(other / name, (1, 1))
    digests = set()
    for checkout in ("a", "b"):
        monkeypatch.chdir(tmp_path / checkout)
        digests.add(digest(Path("context")))
    assert len(digests) == 1


def test_digest_is_that_of_pulumis_own_provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Computed here from its definition: name, mode as Go writes it, SHA-256, a zero byte; folder by folder."""
    monkeypatch.chdir(tmp_path)
    context = make(Path("context"))
    (context / "sub.txt").write_text("sorts before sub/file, and comes after it")
    (context / "sub.txt").chmod(0o4755)

    def entry(name: str, mode: str, content: bytes) -> bytes:
        return name.encode() + mode.encode() + hashlib.sha256(content).digest() + b"\0"

    expected = hashlib.sha256(
        entry("Dockerfile", "----------", b"FROM x\n")
        + entry("Dockerfile", "-rw-r--r--", b"FROM x\n")
        + entry("link", "Lrwxrwxrwx", b"context/sub/file")
        + entry("sub/file", "-rw-r--r--", b"content\n")
        + entry("sub.txt", "urwxr-xr-x", (context / "sub.txt").read_bytes())
    )
    assert digest(context) == expected.hexdigest()


def test_digest_differs_for_content_name_mode_link_and_dockerfile(folder: Path) -> None:
    seen = {digest(folder)}
    (folder / "sub" / "file").write_text("changed\n")
    seen.add(digest(folder))
    (folder / "sub" / "file").chmod(0o600)
    seen.add(digest(folder))
    (folder / "sub" / "file").rename(folder / "sub" / "renamed")
    seen.add(digest(folder))
    (folder / "link").unlink()
    (folder / "link").symlink_to("elsewhere")
    seen.add(digest(folder))
    (folder / "Dockerfile").write_text("FROM y\n")
    seen.add(digest(folder))
    (folder / "Other").write_text("FROM z\n")
    seen.add(digest(folder))
    seen.add(digest(folder, str(folder / "Other")))
    assert len(seen) == 8


def test_ignored_files_do_not_count_and_are_not_sent(folder: Path) -> None:
    (folder / ".dockerignore").write_text("# notes\nsub\n!sub/kept\nDockerfile\n")
    (folder / "sub" / "kept").write_text("kept")
    before = digest(folder)
    (folder / "sub" / "file").write_text("ignored")
    assert digest(folder) == before
    assert BuildContext.open(str(folder), None).entries() == [".dockerignore", "Dockerfile", "link", "sub/kept"]


def test_archive_belongs_to_root_and_carries_a_dockerfile_from_outside(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "Dockerfile.outside"
    outside.write_text("FROM outside\n")
    context = BuildContext.open(str(folder), str(outside))
    assert context.dockerfile_name == "../Dockerfile.outside"
    buffer = io.BytesIO()
    context.write_archive(buffer)
    buffer.seek(0)
    with tarfile.open(fileobj=buffer) as tar:
        assert sorted(tar.getnames()) == [context.name_in_archive, "Dockerfile", "link", "sub", "sub/file"]
        assert {(item.uid, item.gid, item.uname) for item in tar.getmembers()} == {(0, 0, "")}
        member = tar.extractfile(context.name_in_archive)
        assert member is not None
        assert member.read() == b"FROM outside\n"


def test_missing_folder_or_dockerfile_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContextError, match=f"{tmp_path}/nowhere is not a folder"):
        BuildContext.open(str(tmp_path / "nowhere"), None)
    with pytest.raises(ContextError, match=f"Dockerfile {tmp_path}/Dockerfile does not exist"):
        BuildContext.open(str(tmp_path), None)


PATTERNS = st.lists(
    st.tuples(
        st.sampled_from(["", "!"]),
        st.lists(st.sampled_from(["a", "b", "a.txt", "*", "**", "?", "*.txt", "[ab]", "a*"]), min_size=1, max_size=3),
    ),
    max_size=4,
)
PATHS = st.lists(st.sampled_from(["a", "b", "c", "a.txt", "ab"]), min_size=1, max_size=4)


@given(patterns=PATTERNS, parts=PATHS)
def test_ignore_rules_agree_with_the_docker_sdk(patterns: list[tuple[str, list[str]]], parts: list[str]) -> None:
    lines = [mark + "/".join(pieces) for mark, pieces in patterns]
    # What a pattern names takes along all below it. The SDK has that from its walk through the folders: by itself its
    # matcher looks at one parent only, and with `**` at the wrong one.
    paths = ["/".join(parts[:depth]) for depth in range(1, len(parts) + 1)]
    expected = False
    for pattern in PatternMatcher(lines).patterns:
        if any(pattern.match(path) for path in paths):
            expected = not pattern.exclusion
    assert IgnoreRules.parse(lines).ignores(paths[-1]) == expected


@pytest.mark.parametrize(
    ("line", "path", "ignored"),
    [
        ("**/__pycache__", "a/b/__pycache__/x.pyc", True),
        ("**/__pycache__", "__pycache__", True),
        ("*.py", "a/b.py", False),
        ("/a/", "a/b", True),
        ("a\\*", "a*", True),
        ("a\\*", "ab", False),
        ("[!a]", "b", True),
        ("[^a]", "a", False),
        ("# comment", "# comment", False),
        (".", "a", False),
    ],
)
def test_ignore_rules(line: str, path: str, *, ignored: bool) -> None:
    assert IgnoreRules.parse([line]).ignores(path) is ignored
