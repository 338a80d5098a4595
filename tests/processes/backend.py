"""A real backend process for tests of programs that use one."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).resolve().parents[2]
_START_TIMEOUT_S: Final = 20.0
_STOP_TIMEOUT_S: Final = 15.0
_LISTENING: Final = re.compile(r"listening on (http://[0-9.]+:\d+)")


class BackendProcess:
    """One `python -m backend` on a free port of 127.0.0.1; its data and log lie in the given folder.

    Attributes:
        url: What clients connect to.
        key: The admin key.
        log_file: What the process wrote.
    """

    def __init__(self, folder: Path, *, key: str = "test-key", open_reads: bool = False, port: int = 0) -> None:
        self.key = key
        self.log_file = folder / "backend.log"
        key_file = folder / "backend.key"
        key_file.write_text(key, encoding="utf-8")
        self._environment = {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": str(_ROOT),
            "FONDATION_BACKEND_KEY_FILE": str(key_file),
            "FONDATION_DATABASE": str(folder / "backend.sqlite3"),
            "FONDATION_OPEN_READS": str(open_reads).lower(),
            "FONDATION_HOST": "127.0.0.1",
            "FONDATION_PORT": str(port),
        }
        self.url = ""
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id."""
        return self._running().pid

    def start(self) -> None:
        """Start the process and wait until it listens; a second start takes the same port again."""
        before = self._log_text()
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "backend"],
                env=self._environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        deadline = time.monotonic() + _START_TIMEOUT_S
        while not (found := _LISTENING.search(self._log_text()[len(before) :])):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"the backend did not start:\n{self._log_text()}")
            time.sleep(0.02)
        self.url = found[1]
        self._environment["FONDATION_PORT"] = self.url.rpartition(":")[2]

    def stop(self) -> int:
        """Stop with SIGTERM and return the exit code."""
        process = self._running()
        process.terminate()
        try:
            return process.wait(timeout=_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self) -> None:
        """Kill with SIGKILL."""
        process = self._running()
        process.kill()
        process.wait()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("the backend was not started")
        return self._process

    def _log_text(self) -> str:
        return self.log_file.read_text(encoding="utf-8", errors="replace") if self.log_file.exists() else ""


@contextmanager
def running_backend(folder: Path, *, key: str = "test-key", open_reads: bool = False) -> Iterator[str]:
    """Run a backend for the length of the block; yields its URL."""
    process = BackendProcess(folder, key=key, open_reads=open_reads)
    process.start()
    try:
        yield process.url
    finally:
        process.stop()
