"""The official command of Convex, with the project in `convex/`: installed by its lock file, in the user's cache.

Our own files are copied beside the packages each time, so the checkout stays as it is. The key is in the command's
environment alone, as that command wants it.
"""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ops.context import Line
from ops.machine.command import run
from ops.machine.npm import node_and_npm, npm_packages

PROJECT: Final = "convex"
_CLOUD: Final = ".convex.cloud"
_TIMEOUT_S: Final = 600


def deploy(url: str, key: str, *, root: Path, cache: Path, note: Line, dry_run: bool = False) -> str:
    """Deploy the functions of the checkout and return what the command printed.

    Args:
        url: The deployment's address.
        key: Its deploy key, or the admin key of a backend of one's own.
        root: The checkout.
        cache: Where packages are kept.
        note: Receives what the command says.
        dry_run: Change nothing: bundle the functions, and ask the deployment what would change.

    Raises:
        DownloadError: The packages could not be fetched.
        CommandError: The deployment refused, or does not answer.
    """
    arguments = ["deploy", "--yes", "--codegen", "disable", "--typecheck", "disable"]  # both are the tests' part
    return run_command(url, key, [*arguments, *(["--dry-run"] if dry_run else [])], root=root, cache=cache, note=note)


def run_command(url: str, key: str, arguments: Sequence[str], *, root: Path, cache: Path, note: Line) -> str:
    """Run Convex's command on a deployment, with the checkout's functions, and return what it printed.

    Raises:
        DownloadError: The packages could not be fetched.
        CommandError: The deployment refused, or does not answer.
    """
    node, npm = node_and_npm(root, cache, note)
    packages = npm_packages(root / PROJECT, npm, cache=cache, name="convex-deploy", note=note, options=["--omit=dev"])
    with tempfile.TemporaryDirectory(prefix="fondation-convex-") as scratch:
        project = Path(scratch) / PROJECT
        shutil.copytree(root / PROJECT, project, ignore=shutil.ignore_patterns("node_modules", ".env*"))
        (project / "node_modules").symlink_to(packages / "node_modules")
        return run(
            [*node, "node_modules/convex/bin/main.js", *arguments],
            cwd=project,
            env={"HOME": scratch, "CI": "1", **credentials(url, key)},
            timeout_s=_TIMEOUT_S,
            on_line=note,
        )


def credentials(url: str, key: str) -> dict[str, str | None]:
    """Return the variables that tell the command where to deploy; those of Convex Cloud are named in their key."""
    other: dict[str, str | None] = dict.fromkeys(
        ("CONVEX_DEPLOY_KEY", "CONVEX_DEPLOYMENT", "CONVEX_SELF_HOSTED_URL", "CONVEX_SELF_HOSTED_ADMIN_KEY")
    )
    if _CLOUD in url:
        return other | {"CONVEX_DEPLOY_KEY": key}
    return other | {"CONVEX_SELF_HOSTED_URL": url, "CONVEX_SELF_HOSTED_ADMIN_KEY": key}
