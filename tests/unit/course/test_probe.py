import http.server
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.course.conftest import url_of

PROBE = Path(__file__).resolve().parents[3] / "course" / "probe.py"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-IS", PROBE, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("path", "code"), [("/version", 0), ("/elsewhere", 1)])
def test_only_200_is_healthy(server: http.server.ThreadingHTTPServer, path: str, code: int) -> None:
    assert run(url_of(server).rpartition(":")[2], path).returncode == code


@pytest.mark.parametrize("port", ["1", "no port"])
def test_nobody_there_is_said_so(port: str) -> None:
    done = run(port, "/health")
    assert (done.returncode, done.stderr) == (1, "")
    assert f"nobody answers on port {port}: " in done.stdout


def test_it_loads_little() -> None:
    code = "import sys; sys.path.insert(0, 'course'); import probe; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-IS", "-c", code], capture_output=True, text=True, check=True, cwd=PROBE.parents[1]
    )
    assert set(done.stdout.split()) & {"sqlite3", "asyncio", "starlette", "json", "logging", "re", "course"} == set()
