"""A real web process for tests of what uses one."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).resolve().parents[2]
_START_TIMEOUT_S: Final = 20.0
_STOP_TIMEOUT_S: Final = 15.0
_LISTENING: Final = re.compile(r"listening on (http://[0-9.]+:\d+)")


@contextmanager
def running_web(
    folder: Path,
    *,
    convex_url: str,
    backend_key: str = "test-key",
    token: str | None = None,
    local_repositories: str | None = "/srv/repositories",
    mermaid: Path | None = None,
    extra: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Run `python -m web` on a free port of 127.0.0.1 for the length of the block; yields its URL.

    Without a token it runs open, as in development. `extra` adds to the environment or overrides it.
    """
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(_ROOT),
        "CONVEX_URL": convex_url,
        "NODE_ENV": "development" if token is None else "production",
        "FONDATION_BACKEND_KEY_FILE": _file(folder / "web-backend.key", backend_key),
        "FONDATION_HOST": "127.0.0.1",
        "FONDATION_PORT": "0",
        **({} if token is None else {"FONDATION_TOKEN_FILE": _file(folder / "web.token", token)}),
        **({} if local_repositories is None else {"FONDATION_LOCAL_REPOSITORIES": local_repositories}),
        **({} if mermaid is None else {"FONDATION_MERMAID": str(mermaid)}),
        **(extra or {}),
    }
    log_file = folder / "web.log"
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "web"], env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
    try:
        yield _url(process, log_file)
    finally:
        process.terminate()
        try:
            process.wait(timeout=_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def _url(process: subprocess.Popen[bytes], log_file: Path) -> str:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while True:
        text = log_file.read_text(encoding="utf-8", errors="replace")
        if found := _LISTENING.search(text):
            return found[1]
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the web application did not start:\n{text}")
        time.sleep(0.02)


def _file(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return str(path)
