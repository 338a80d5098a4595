import hashlib
import os
import shutil
import subprocess
import tarfile
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from playwright.sync_api import Browser

from tests.browser import running_browser
from tests.processes.backend import running_backend
from tests.processes.web import running_web

KEY: Final = "test-key"
WORKER: Final = "worker:test"
_MERMAID: Final = "mermaid-11.17.2"
_MERMAID_SHA512: Final = "V6K3C8EBdEsPFZXSKMJe6ppQOENxuHARr9GvHX4hh47lAbhMRD9qf4oEK7LoaRQxULMa80/qt5gHO73aCleBBg=="


@dataclass(frozen=True)
class Worker:
    """Plays a worker's part against the real backend."""

    url: str

    def call(self, kind: str, path: str, **arguments: Any) -> Any:  # noqa: ANN401 - JSON
        headers = {"Authorization": f"Convex {KEY}"}
        body = {"path": path, "args": arguments, "format": "json"}
        reply = httpx.post(f"{self.url}/api/{kind}", json=body, headers=headers, timeout=20).json()
        assert reply["status"] == "success", reply
        return reply.get("value")

    def claim(self) -> dict[str, Any]:
        job: dict[str, Any] = self.call("mutation", "queue:claimOne", workerId=WORKER, leaseMs=120_000)
        assert job is not None
        return job

    def heartbeat(self, job_id: str, **fields: Any) -> None:  # noqa: ANN401 - JSON
        self.call("mutation", "queue:heartbeat", jobId=job_id, workerId=WORKER, leaseMs=120_000, **fields)

    def finish(self, job: dict[str, Any], files: list[dict[str, Any]]) -> None:
        self.heartbeat(job["id"], status="gathering", currentStep=6)
        summary = {"chaptersCount": 1, "tutorialsCount": 1, "generatedAt": 1_800_000_000_000}
        self.call(
            "mutation",
            "docs:upsertFromJob",
            jobId=job["id"],
            repositoryId=job["repositoryId"],
            runId=WORKER,
            files=files,
            summary=summary,
        )
        self.call(
            "mutation",
            "queue:complete",
            jobId=job["id"],
            workerId=WORKER,
            result={"success": True},
            docsCount=len(files),
        )


@pytest.fixture(scope="module")
def backend_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_backend(tmp_path_factory.mktemp("backend"), key=KEY) as url:
        yield url


@pytest.fixture(scope="module")
def worker(backend_url: str) -> Worker:
    return Worker(backend_url)


@pytest.fixture(scope="module")
def web_url(backend_url: str, mermaid: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("web")
    with running_web(folder, convex_url=backend_url, backend_key=KEY, mermaid=mermaid) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as running:
        yield running


@pytest.fixture(scope="session")
def mermaid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The diagram library from the user's cache, fetched with npm where it is not there yet."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fondation" / "npm"
    archive = cache / f"{_MERMAID}.tgz"
    if not archive.exists():
        cache.mkdir(parents=True, exist_ok=True)
        npm = shutil.which("npm")
        assert npm, "no npm on PATH: apt-get install -y npm"
        made = tmp_path_factory.mktemp("npm")
        subprocess.run([npm, "pack", _MERMAID.replace("-", "@"), "--pack-destination", str(made)], check=True)
        shutil.move(made / archive.name, archive)
    digest = b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    assert digest == _MERMAID_SHA512, f"{archive} is not what was published: remove it"
    file = tmp_path_factory.mktemp("mermaid") / "mermaid.min.js"
    with tarfile.open(archive) as package:
        member = package.extractfile("package/dist/mermaid.min.js")
        assert member is not None
        file.write_bytes(member.read())
    return file
