"""Drives the real engine on a small program in a folder of its own, and reads what it did from its event log."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi_offline.locate import Engine

ROOT = Path(__file__).resolve().parents[3]
STACK = "test"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"  # how the engine spells a value that it does not know yet
_TIMEOUT_S = 120
_HEADER = "import pulumi\nimport pulumi_docker as docker\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One engine command: exit code, everything it printed, and its events."""

    code: int
    text: str
    events: Sequence[dict[str, Any]]

    @property
    def steps(self) -> list[tuple[str, str]]:
        """Resource name and operation, in order; without what stayed the same and without stacks and providers."""
        found = []
        for event in self.events:
            metadata = event.get("resourcePreEvent", {}).get("metadata")
            if metadata and "pulumi:" not in metadata["type"] and metadata["op"] not in ("same", "refresh"):
                found.append((metadata["urn"].rpartition("::")[2], metadata["op"]))
        return found

    @property
    def changes(self) -> dict[str, str]:
        """Resource name to what happens to it: create, update, replace or delete."""
        found: dict[str, str] = {}
        for name, operation in self.steps:
            kind = "replace" if "replace" in operation else operation
            found[name] = "replace" if found.get(name) == "replace" else kind
        return found

    def inputs(self, name: str) -> dict[str, Any]:
        """The last inputs that the engine announced for a resource."""
        found: dict[str, Any] = {}
        for event in self.events:
            metadata = event.get("resourcePreEvent", {}).get("metadata")
            if metadata and metadata["urn"].endswith(f"::{name}") and metadata.get("new"):
                found = metadata["new"]["inputs"]
        return found

    @property
    def diagnostics(self) -> list[str]:
        """Warnings and errors."""
        found = (event.get("diagnosticEvent", {}) for event in self.events)
        return [item["message"] for item in found if item.get("severity") in ("warning", "error")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A folder with a program, on an engine, with state and plugins of the test session."""

    folder: Path
    engine: Engine
    environment: Mapping[str, str]
    runtime: str = "runtime: python\n"
    counter: list[int] = field(default_factory=list)

    def write(self, program: str) -> None:
        """Set the program; imports are there already."""
        self.folder.mkdir(exist_ok=True)
        (self.folder / "Pulumi.yaml").write_text(f"name: {self.folder.name}\n{self.runtime}")
        (self.folder / "__main__.py").write_text(_HEADER + program)

    def up(self, *options: str, environment: Mapping[str, str] | None = None) -> Outcome:
        """Update without a preview."""
        return self._run("up", "--yes", "--skip-preview", *options, environment=environment)

    def preview(self, *options: str, environment: Mapping[str, str] | None = None) -> Outcome:
        """Preview."""
        return self._run("preview", *options, environment=environment)

    def destroy(self) -> Outcome:
        """Destroy what is there."""
        return self._run("destroy", "--yes", "--skip-preview")

    def resources(self) -> dict[str, dict[str, Any]]:
        """Resource name to recorded state."""
        exported = json.loads(self.command("stack", "export").stdout)
        return {item["urn"].rpartition("::")[2]: item for item in exported["deployment"].get("resources", [])}

    def recorded(self, text: str) -> list[str]:
        """The files of the state, its history and its backups that hold a text."""
        state = Path(self.environment["PULUMI_BACKEND_URL"].removeprefix("file://"))
        files = [path for path in state.rglob("*") if path.is_file()]
        assert any(path.name.endswith(".checkpoint.json") and self.folder.name in str(path) for path in files)
        return [str(path) for path in files if text.encode() in path.read_bytes()]

    def command(
        self, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run the engine's command line."""
        return subprocess.run(
            [str(self.engine.pulumi), *arguments, "--non-interactive"],
            cwd=self.folder,
            env={**os.environ, **self.environment, **(environment or {})},
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )

    def _run(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Outcome:
        self.counter.append(1)
        log = self.folder / f"events-{len(self.counter)}.jsonl"
        done = self.command(*arguments, "--event-log", str(log), "--stack", STACK, environment=environment)
        events = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        return Outcome(code=done.returncode, text=done.stdout + done.stderr, events=events)


def session_environment(folder: Path) -> dict[str, str]:
    """What the engine runs with: nothing of the user's own Pulumi."""
    (folder / "state").mkdir(parents=True, exist_ok=True)
    return {
        "FONDATION_PYTHON": sys.executable,
        "FONDATION_ROOT": str(ROOT),
        "GOGC": "400",
        "PULUMI_BACKEND_URL": f"file://{folder}/state",
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_DEBUG_COMMANDS": "true",
        "PULUMI_HOME": str(folder / "pulumi"),
        "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_STACK": STACK,
    }


def docker(*arguments: str, check: bool = True) -> str:
    """Run the Docker command; its standard output."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=check)
    return done.stdout.strip()


def inspect(kind: str, name: str) -> dict[str, Any]:
    """What the daemon says of an object."""
    found: list[dict[str, Any]] = json.loads(docker(kind, "inspect", name))
    return found[0]


def remove_all(kinds: Iterable[tuple[str, ...]], prefix: str) -> None:
    """Remove every object whose name has the prefix, whatever a failed test left behind."""
    for listing, removal in ((kind[:-1], kind[-1]) for kind in kinds):
        names = docker(*listing).split()
        mine = [name for name in names if name.startswith(prefix)]
        if mine:
            docker(*removal.split(), *mine, check=False)
