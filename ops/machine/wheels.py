"""Wheels of the images' lock files, downloaded once per lock into the user's cache.

Chosen for the daemon's architecture and the images' Python, not for this machine. pip checks the hashes; a lock's
folder appears complete or not at all. Where it lies is `components.wheelhouse`'s decision.
"""

import re
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from components.wheelhouse import wheel_dir
from ops.context import Line
from ops.errors import CommandError, DownloadError
from ops.machine.command import run

LOCKS: Final = ("analyzer.txt", "worker.txt", "server.txt", "pip.txt")
NODE: Final = "node.txt"
"""The lock that only the images of a stack with a CLI bundle need."""
IMAGE_PYTHON: Final = "3.11"
# Debian 12 has glibc 2.36; older tags stand for wheels that ask for less (PEP 600).
_GLIBC_MINORS: Final = range(36, 4, -1)
_LEGACY_TAGS: Final = ("manylinux2014", "manylinux2010", "manylinux1", "linux")
_ARCHITECTURES: Final = {"amd64": "x86_64", "x86_64": "x86_64", "arm64": "aarch64", "aarch64": "aarch64"}
_NO_ANSWER: Final = "after connection broken by"
_NO_WHEEL: Final = re.compile(r"No matching distribution found for (\S+)")


def ensure_wheels(root: Path, lock: str, *, cache: Path, architecture: str, note: Line) -> bool:
    """Fill the folder of a lock file unless it is there; return whether it was downloaded.

    Args:
        root: The checkout's root.
        lock: Name of a file in `requirements/`.
        cache: The user's cache folder of the project.
        architecture: The daemon's architecture as Docker spells it.
        note: Receives pip's output.

    Raises:
        DownloadError: A package has no wheel for the images' platform, or the index did not deliver.
    """
    lock_file = root / "requirements" / lock
    folder = wheel_dir(cache, lock_file.read_text(encoding="utf-8"))
    if folder.is_dir():
        return False
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as temporary:
        target = Path(temporary) / "wheels"
        target.mkdir()
        try:
            run(download_argv(lock_file, target, platform_tags(architecture)), on_line=note)
        except CommandError as error:
            raise failure(error, lock_file, architecture) from error
        publish(target, folder)
    return True


def download_argv(lock_file: Path, target: Path, tags: Iterable[str]) -> list[str]:
    """Return the pip command that downloads what a lock file pins, as wheels only."""
    platforms = [part for tag in tags for part in ("--platform", tag)]
    return [
        sys.executable,
        *("-m", "pip", "--disable-pip-version-check", "--no-input", "download"),
        *("--no-deps", "--require-hashes", "--only-binary", ":all:", "--progress-bar", "off"),
        *("--implementation", "cp", "--python-version", IMAGE_PYTHON),
        *("--abi", "cp" + IMAGE_PYTHON.replace(".", ""), "--abi", "abi3", "--abi", "none"),
        *platforms,
        *("--dest", str(target), "--requirement", str(lock_file)),
    ]


def platform_tags(architecture: str) -> Sequence[str]:
    """Return the wheel platforms that the images can run, best first.

    Raises:
        DownloadError: The images are not built for this architecture.
    """
    machine = _ARCHITECTURES.get(architecture)
    if machine is None:
        known = ", ".join(sorted(set(_ARCHITECTURES)))
        raise DownloadError(f"the Docker daemon's architecture is {architecture!r}: images can be built on {known}")
    return [f"manylinux_2_{minor}_{machine}" for minor in _GLIBC_MINORS] + [f"{tag}_{machine}" for tag in _LEGACY_TAGS]


def publish(made: Path, place: Path) -> None:
    """Move a complete folder to its place; of two that were made at once, the first one stays."""
    try:
        made.rename(place)
    except OSError:
        if not place.is_dir():
            raise


def failure(error: CommandError, lock_file: Path, architecture: str) -> DownloadError:
    """Return what a download's failure means and what to do."""
    # Without an answer of the index pip says that there is no such version, too.
    if _NO_ANSWER not in error.tail and (match := _NO_WHEEL.search(error.tail)):
        return DownloadError(
            f"{match[1]} of {lock_file} has no wheel for Python {IMAGE_PYTHON} on Linux {architecture}, or the package"
            f" index does not have it: choose a version that has one (`make lock`)\n{error}"
        )
    return DownloadError(
        f"the wheels of {lock_file} could not be downloaded: check the network and the package index\n{error}"
    )
