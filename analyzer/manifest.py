"""What has been written, for which commit, by which engine: the checkpoints of a run.

The manifest lies in the course folder and is never published. It is rewritten after every file, so a run that was
killed repeats at most the unit that it was working on.
"""

import hashlib
import json
from dataclasses import dataclass, field, replace
from enum import StrEnum
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from analyzer import __version__
from course.steps import Step

MANIFEST_FILE: Final = "manifest.json"
SCHEMA: Final = 2
IDENTITY_KEYS: Final = ("commit", "source", "engine", "version", "language")
MANIFEST_MAX_BYTES: Final = 4 << 20


class StepStatus(StrEnum):
    """How far a step has come."""

    PARTIAL = "partial"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a course depends on: the same identity gives the same bytes."""

    commit: str
    source: str
    engine: str
    version: str
    language: str = "en"
    runs_examples: bool = False

    def same_but_for_the_commit(self, other: "Identity") -> bool:
        """Whether another course differs in nothing but what it was made from."""
        return replace(self, commit=other.commit, source=other.source) == other


@dataclass(slots=True)
class StepRecord:
    """The files of one step with the SHA-256 of their content."""

    status: StepStatus = StepStatus.PARTIAL
    files: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Manifest:
    """The checkpoints of one course folder."""

    identity: Identity
    steps: dict[Step, StepRecord] = field(default_factory=dict)

    def to_json(self) -> str:
        """The manifest file's text; stable for equal content."""
        content = {
            "schema": SCHEMA,
            "commit": self.identity.commit,
            "source": self.identity.source,
            "engine": self.identity.engine,
            "version": self.identity.version,
            "language": self.identity.language,
            "runsExamples": self.identity.runs_examples,
            "steps": {
                step: {"status": record.status, "files": dict(sorted(record.files.items()))}
                for step, record in sorted(self.steps.items(), key=lambda item: list(Step).index(item[0]))
            },
        }
        return json.dumps(content, indent=2, ensure_ascii=False) + "\n"

    def record(self, step: Step) -> StepRecord:
        """The step's record, made on first use."""
        return self.steps.setdefault(step, StepRecord())


def parse_manifest(text: str) -> Manifest | None:
    """Read a manifest; None when it is not one of ours, whatever is wrong with it."""
    try:
        content = json.loads(text)
        if content["schema"] != SCHEMA:
            return None
        identity = Identity(
            **{key: str(content[key]) for key in IDENTITY_KEYS}, runs_examples=bool(content.get("runsExamples"))
        )
        steps = {
            Step(name): StepRecord(
                status=StepStatus(record["status"]),
                files={str(file): str(digest) for file, digest in record["files"].items()},
            )
            for name, record in content["steps"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return Manifest(identity=identity, steps=steps)


def digest_of(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def generator_version(*, asks_model: bool = False) -> str:
    """The release and a digest of the analyzer's own code, so that a course written by other code is never kept.

    The prompts are part of it where a model is asked; elsewhere they need not be there.
    """
    digest = hashlib.sha256()
    for package in ("analyzer", "course", "sandbox", *(("prompts",) if asks_model else ())):
        for name, content in sorted(_sources(resources.files(package), package)):
            digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return f"{__version__}+{digest.hexdigest()[:12]}"


def _sources(folder: Traversable, name: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found.extend(_sources(entry, f"{name}/{entry.name}"))
        elif entry.name.endswith((".py", ".md", ".scm")):
            found.append((f"{name}/{entry.name}", entry.read_bytes()))
    return found
