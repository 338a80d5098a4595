"""Which Claude Code goes into the images: version, npm packages, integrities, and where the downloaded program is kept.

`requirements/claude.json` pins the default; `fondation:claudeVersion` with `fondation:claudeIntegrity` names another.
Downloading it is the set-up's part; the program only looks. An integrity stands for the content, so a digest never
needs to read the program, which is large.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from components.digest import content_hash, short

PIN_FILE: Final = Path("requirements") / "claude.json"
PROGRAM: Final = "claude"


class ClaudePinError(Exception):
    """The pin file is not what it should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaudeCode:
    """One version of Claude Code.

    Attributes:
        file: The program inside each package.
        packages: npm package by the daemon's architecture, as Docker spells it.
        integrities: sha512 of the package's tarball, as package locks write it, by architecture. One that the
            configuration gives is that of the daemon's own architecture and stands for every one.
    """

    version: str
    file: PurePosixPath
    packages: Mapping[str, str]
    integrities: Mapping[str, str]

    @property
    def description(self) -> bytes:
        """What a digest covers in the program's stead."""
        return json.dumps({"version": self.version, "integrities": dict(sorted(self.integrities.items()))}).encode()

    @property
    def folder(self) -> str:
        """Name of the folder in the npm cache that holds the program; another version or content has another."""
        return f"claude-code-{self.version}-{short(content_hash(self.description))}"

    def place(self, cache: Path) -> Path:
        """Return where the program is kept.

        Args:
            cache: The user's cache folder of the project.
        """
        return cache / "npm" / self.folder / PROGRAM


def claude_code(root: Path, version: str | None = None, integrity: str | None = None) -> ClaudeCode:
    """Return the pinned Claude Code, or the one that the configuration names.

    Args:
        root: The checkout's root.
        version: `fondation:claudeVersion`.
        integrity: `fondation:claudeIntegrity`, which goes with a version.

    Raises:
        ClaudePinError: The pin file cannot be used.
    """
    file = root / PIN_FILE
    try:
        pin = json.loads(file.read_text(encoding="utf-8"))
        packages = {architecture: str(entry["package"]) for architecture, entry in pin["packages"].items()}
        integrities = {architecture: str(entry["integrity"]) for architecture, entry in pin["packages"].items()}
        return ClaudeCode(
            version=version or str(pin["version"]),
            file=PurePosixPath(pin["file"]),
            packages=packages,
            integrities=dict.fromkeys(packages, integrity) if version and integrity else integrities,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ClaudePinError(
            f"{file} cannot be used ({error!r}): restore it with `git checkout -- {PIN_FILE}`"
        ) from error


def integrity_problem(version: str | None, integrity: str | None) -> str | None:
    """Return what is wrong with the two keys together, and how to get what is missing; None when nothing is."""
    if version and not integrity:
        return (
            f"fondation:claudeIntegrity is missing: fondation:claudeVersion {version} needs it; print it with"
            f" `npm view @anthropic-ai/claude-code-linux-x64@{version} dist.integrity` (-arm64 where the Docker daemon"
            " runs on ARM), compare it with a source that you trust, and set it"
        )
    if integrity and not version:
        return "fondation:claudeIntegrity is set without fondation:claudeVersion: they go together, set both or none"
    return None
