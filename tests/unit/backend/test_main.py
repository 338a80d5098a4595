"""The process: help, exit codes, probe, signals."""

import os
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import backend
from backend import errors
from backend.__main__ import listen
from backend.settings import Key, Settings
from tests.processes.backend import BackendProcess

ROOT = Path(backend.__file__).resolve().parent.parent


def run(*arguments: str, module: str = "backend", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.fixture
def key_file(tmp_path: Path) -> str:
    file = tmp_path / "key"
    file.write_text("a-long-random-key")
    return str(file)


@pytest.fixture
def process(tmp_path: Path) -> Iterator[BackendProcess]:
    made = BackendProcess(tmp_path)
    made.start()
    yield made
    made.kill()


def test_help_names_every_variable() -> None:
    answer = run("--help")
    assert answer.returncode == 0
    assert "FONDATION_BACKEND_KEY_FILE" in answer.stdout


def test_an_unknown_argument_is_refused() -> None:
    answer = run("--port=5")
    assert answer.returncode == 64
    assert "--port=5" in answer.stderr


def test_a_bad_configuration_exits_78_with_all_problems() -> None:
    answer = run(FONDATION_PORT="x", FONDATION_OPEN_READS="maybe")
    assert answer.returncode == 78
    assert len(answer.stderr.splitlines()) == 3
    assert "Traceback" not in answer.stderr


def test_a_damaged_database_exits_74(key_file: str, tmp_path: Path) -> None:
    file = tmp_path / "backend.sqlite3"
    file.write_bytes(b"no database" * 500)
    answer = run(FONDATION_BACKEND_KEY_FILE=key_file, FONDATION_DATABASE=str(file), FONDATION_PORT="0")
    assert answer.returncode == 74
    assert "damaged" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_busy_port_exits_69(key_file: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = str(busy.getsockname()[1])
        answer = run(
            FONDATION_BACKEND_KEY_FILE=key_file,
            FONDATION_DATABASE=str(tmp_path / "x.sqlite3"),
            FONDATION_HOST="127.0.0.1",
            FONDATION_PORT=port,
        )
    assert answer.returncode == 69
    assert f"FONDATION_PORT={port}" in answer.stderr
    assert not (tmp_path / "x.sqlite3").exists()


def test_exit_codes_are_unique() -> None:
    codes = [kind.exit_code for kind in errors.StartError.__subclasses__()]
    assert len(codes) == len(set(codes)) == 3


def test_the_version_is_the_projects() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert backend.__version__ == project["version"]


def test_the_probe_tells_a_live_backend_from_none(process: BackendProcess) -> None:
    port = process.url.rpartition(":")[2]

    def probe() -> int:
        argv = [sys.executable, "-IS", str(ROOT / "course" / "probe.py"), port, "/health"]
        return subprocess.run(argv, check=False).returncode

    assert probe() == 0
    process.kill()
    assert probe() == 1


def test_sigterm_ends_the_process_cleanly(process: BackendProcess) -> None:
    assert process.stop() == 0
    log = process.log_file.read_text()
    assert "Traceback" not in log
    assert "test-key" not in log


def test_small_messages_are_sent_at_once() -> None:
    # asyncio sets TCP_NODELAY only on sockets that name TCP; without it every answer waits 40 ms.
    with listen(Settings(key=Key("a-long-random-key"), host="127.0.0.1", port=0)) as listener:
        assert listener.proto == socket.IPPROTO_TCP
