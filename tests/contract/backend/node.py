"""The official npm client for the suite: installed once into the user's cache from the lock file beside this module.

Node comes from PATH, or else from the wheel that `requirements/node.txt` pins.
"""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from components.machine import machine_folders
from ops.machine import npm as machine_npm

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
NODE_MIN = 20


def installed_client() -> tuple[str, Path]:
    """Return the node program and the folder with `client.mjs` and its packages."""
    return installed(HERE, "convex-client", options=["--omit=optional"], beside=["client.mjs"])


def installed(project: Path, name: str, *, options: Sequence[str] = (), beside: Sequence[str] = ()) -> tuple[str, Path]:
    """Return the node program and the folder with what a project's lock file names, and with files beside it."""
    node, npm = node_and_npm()
    folder = machine_npm.npm_packages(
        project,
        npm,
        cache=machine_folders(ROOT).cache,
        name=name,
        note=print,
        options=options,
        files=[*machine_npm.PROJECT_FILES, *beside],
    )
    return node, folder


def node_and_npm() -> tuple[str, list[str]]:
    """Return node and npm of PATH, or else of the pinned wheel."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        version = subprocess.run([node, "--version"], check=True, capture_output=True, text=True).stdout
        if int(version.strip().removeprefix("v").partition(".")[0]) >= NODE_MIN:
            return node, [npm]
    (program,), pinned = machine_npm.node_and_npm(ROOT, machine_folders(ROOT).cache, print)
    return program, pinned
