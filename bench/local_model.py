"""The real Claude Code against a local service, on a copy of a sample project."""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from components.configuration import parse_keys
from components.machine import machine_folders
from ops.machine.npm import claude_pin, ensure_npm_files
from tests.examples import SAMPLES
from tests.messages_api import MessagesApi, running_messages_api
from tests.trial import ROOT

TOKEN: Final = "sk-ant-oat01-for-the-bench"  # noqa: S105 - of the local service
_ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalModel:
    """A folder with a project, and what asks a service about it."""

    api: MessagesApi
    folder: Path
    project: Path
    environment: dict[str, str]

    def analyze(self, output: Path, **variables: str) -> "subprocess.Popen[str]":
        """Start a course in a process group of its own; what it says is on its stderr."""
        command = [sys.executable, "-m", "analyzer", "analyze", str(self.project), "-o", str(output)]
        return subprocess.Popen(
            [*command, "--engine", "claude"],
            env=self.environment | variables,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )


@contextmanager
def local_model(sample: str) -> Iterator[LocalModel]:
    """Provide one for a sample, with Claude Code from the user's cache, fetched where it is not there."""
    cache = machine_folders(ROOT).cache
    pin = claude_pin(ROOT, parse_keys({"fondation:engine": "claude"}), _ARCHITECTURES[platform.machine()])
    ensure_npm_files(pin, root=ROOT, cache=cache, note=lambda _: None)
    with tempfile.TemporaryDirectory(prefix="fondation-model-") as scratch, running_messages_api(TOKEN) as api:
        folder, project, token = Path(scratch), Path(scratch) / sample, Path(scratch) / "token"
        shutil.copytree(SAMPLES / sample, project)
        token.touch(0o600)
        token.write_text(TOKEN)
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "FONDATION_CLAUDE_PROGRAM": str(pin.place(cache) / "claude"),
            "FONDATION_CLAUDE_BASE_URL": api.url,
            "FONDATION_CLAUDE_TOKEN_FILE": str(token),
        }
        yield LocalModel(api=api, folder=folder, project=project, environment=environment)
