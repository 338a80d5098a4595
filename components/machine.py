"""Folders on the operator's machine: the checkout's own state, the shared home and the user's cache."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineFolders:
    """Where things are kept.

    Attributes:
        checkout: The project's root.
        home: Pulumi's state and the development keys; several clones may share it.
        cache: Downloads and builds, shared by everything the user runs.
    """

    checkout: Path
    home: Path
    cache: Path

    @property
    def build(self) -> Path:
        """Staged image contexts, below the checkout."""
        return self.checkout / ".fondation" / "build"


def machine_folders(checkout: Path, environment: Mapping[str, str] | None = None) -> MachineFolders:
    """Return the folders for a checkout.

    Args:
        checkout: The project's root.
        environment: `FONDATION_HOME`, `XDG_CACHE_HOME` and `HOME` are read from it; the process's own by default.
    """
    variables = os.environ if environment is None else environment
    cache = variables.get("XDG_CACHE_HOME") or str(Path(variables.get("HOME") or Path.home()) / ".cache")
    return MachineFolders(
        checkout=checkout,
        home=Path(variables.get("FONDATION_HOME") or checkout / ".fondation"),
        cache=Path(cache) / "fondation",
    )
