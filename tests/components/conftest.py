import asyncio
import runpy
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pulumi
import pytest
from pulumi.runtime import mocks as pulumi_mocks

from components.claude_code import claude_code
from components.machine import MachineFolders, machine_folders
from components.npm_files import SERVER, read_pins
from components.wheelhouse import wheel_dir
from tests.components.recording import Recorder

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("analyzer.txt", "worker.txt", "server.txt", "pip.txt")
SOURCES = (
    "analyzer", "backend", "components", "course", "images", "prompts", "requirements", "sandbox", "web", "worker"
)  # fmt: skip


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MachineFolders:
    """A copy of the sources with a home that has a key and a cache in which everything was downloaded."""
    checkout = tmp_path / "checkout"
    for name in SOURCES:
        shutil.copytree(ROOT / name, checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(ROOT / "__main__.py", checkout / "__main__.py")
    monkeypatch.setenv("FONDATION_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folders = machine_folders(checkout)
    (folders.home / "keys").mkdir(parents=True)
    (folders.home / "keys" / "backend.key").write_text("development-key-1\n")
    for lock in LOCKS:
        wheels = wheel_dir(folders.cache, (checkout / "requirements" / lock).read_text())
        wheels.mkdir(parents=True)
        (wheels / f"{lock.removesuffix('.txt')}-1-py3-none-any.whl").write_bytes(b"wheel")
    for pin in read_pins(checkout, SERVER):
        for asset in pin.missing(folders.cache):
            asset.parent.mkdir(parents=True)
            asset.write_text("// asset")
    program = claude_code(checkout).place(folders.cache)
    program.parent.mkdir(parents=True)
    program.write_bytes(b"program")
    return folders


@pytest.fixture
def event_loop() -> Iterator[None]:
    """The loop that Pulumi's test runner expects; another test may have closed the thread's own."""
    try:
        asyncio.get_event_loop_policy().get_event_loop()
    except RuntimeError:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        yield
        loop.close()
        asyncio.set_event_loop(None)
    else:
        yield


@pytest.fixture
def run_program(
    folders: MachineFolders,
    monkeypatch: pytest.MonkeyPatch,
    event_loop: None,  # noqa: ARG001 - needed while the program runs
) -> Callable[[Mapping[str, str]], Recorder]:
    """Run the whole program under recording mocks."""

    def run(configuration: Mapping[str, str], stack: str = "test") -> Recorder:
        recorder = Recorder()
        monkeypatch.setattr(pulumi, "export", recorder.outputs.__setitem__)
        pulumi_mocks.set_mocks(recorder, project="fondation", stack=stack, preview=False)
        pulumi.runtime.set_all_config({f"fondation:{key}": value for key, value in configuration.items()})

        def program() -> None:
            runpy.run_path(str(folders.checkout / "__main__.py"))

        pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]  # the SDK leaves it untyped
        return recorder

    return run
