import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.processes.backend import BackendProcess
from tests.processes.worker import ANALYZER, MakeRepository, StartWorker, Submissions, WorkerProcess

FAKE_CLI = Path(__file__).with_name("fake_cli.py")
SOURCE = {
    "src/app.py": '"""Adds."""\n\n\ndef add(a: int, b: int) -> int:\n    """Return the sum."""\n    return a + b\n',
    "src/main.py": '"""Entry."""\n\nfrom app import add\n\n\ndef main() -> None:\n    print(add(1, 2))\n',
    "README.md": "# Sums\n\nA program that adds.\n",
}


@pytest.fixture(scope="session")
def backend_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BackendProcess]:
    process = BackendProcess(tmp_path_factory.mktemp("backend"))
    process.start()
    yield process
    process.kill()


@pytest.fixture
def backend(backend_process: BackendProcess) -> Iterator[BackendProcess]:
    """A backend with an empty queue; a test may stop it and start it again."""
    yield backend_process
    if not backend_process.url or not _answers(backend_process.url):
        backend_process.start()
    Submissions(backend_process.url, backend_process.key).cancel_all()


@pytest.fixture
def submissions(backend: BackendProcess) -> Submissions:
    return Submissions(backend.url, backend.key)


@pytest.fixture
def repositories(tmp_path: Path) -> Path:
    folder = tmp_path / "repositories"
    folder.mkdir()
    return folder


@pytest.fixture
def make_repository(tmp_path: Path, repositories: Path) -> MakeRepository:
    """Make `<name>.git` with one commit of these files, on branch `main`; without files it has no commit."""

    def make(name: str = "sums", files: Mapping[str, str | bytes] = SOURCE) -> str:
        work = tmp_path / f"work-{name}"
        _git("init", "--quiet", "--initial-branch=main", str(work))
        for path, content in files.items():
            file = work / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        if files:
            _git("-C", str(work), "add", "--all")
            _git("-C", str(work), "commit", "--quiet", "--message", "Start")
        _git("clone", "--quiet", "--bare", str(work), str(repositories / f"{name}.git"))
        return f"file://{repositories / name}.git"

    return make


@pytest.fixture
def start_worker(tmp_path: Path, backend: BackendProcess, repositories: Path) -> Iterator[StartWorker]:
    """Start a worker; `behaviour` is one of the fake CLI's, None runs the real CLI."""
    with ExitStack() as stack:

        def start(*behaviour: str, name: str = "worker", **settings: str) -> WorkerProcess:
            cli = (sys.executable, str(FAKE_CLI), *behaviour) if behaviour else ANALYZER
            worker = WorkerProcess(
                tmp_path / name,
                url=backend.url,
                key=backend.key,
                cli=cli,
                **{"FONDATION_LOCAL_REPOSITORIES": str(repositories), **settings},
            )
            return stack.enter_context(worker)

        yield start


def _git(*arguments: str) -> None:
    identity = ("-c", "user.name=Tester", "-c", "user.email=tester@example.com")
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "fondation-test", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _answers(url: str) -> bool:
    parts = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((parts.hostname, parts.port)) == 0
