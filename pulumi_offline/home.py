"""What ties an engine to a checkout: the environment, the record of the chosen engine, and the provider plugin."""

from __future__ import annotations

import filecmp
import getpass
import os
import platform
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from pulumi_offline.errors import InstallError
from pulumi_offline.versions import DOCKER_PROVIDER_VERSION

if TYPE_CHECKING:
    from pulumi_offline.locate import Engine

_INSTALL_TIMEOUT_S = 120.0
_DEV_STACK = "dev"
_DEV_PASSPHRASE = "fondation-dev"  # noqa: S105  # documented: it protects nothing but keeps the dev stack promptless


def environment(root: Path, home: Path, stack: str) -> dict[str, str]:
    """The variables with which `bin/pulumi` runs the engine, for a stack.

    Existing values of the backend and of a passphrase are respected; the documented passphrase is for the dev stack.
    """
    python = (root / ".fondation" / "venv").resolve() / "bin" / "python"
    variables = {
        "FONDATION_HOME": str(home),
        "FONDATION_PYTHON": str(python if python.exists() else home / "venv" / "bin" / "python"),
        "FONDATION_ROOT": str(root),
        # Commands last a second or a few: tidying up memory that soon goes anyway would take a twelfth of it.
        "GOGC": os.environ.get("GOGC") or "400",
        "PULUMI_BACKEND_URL": os.environ.get("PULUMI_BACKEND_URL") or f"file://{home}/state",
        "PULUMI_HOME": str(home / "pulumi"),
        "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
        "PULUMI_OPTION_EXEC_AGENT": os.environ.get("PULUMI_OPTION_EXEC_AGENT") or operator(),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_STACK": stack,
        # Compiled Python belongs into the ignored folder, whatever the caller wants of their own.
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(root / ".fondation" / "pycache"),
    }
    given = os.environ.keys() & {"PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"}
    if stack == _DEV_STACK and not given:
        variables["PULUMI_CONFIG_PASSPHRASE"] = _DEV_PASSPHRASE
    return variables


def operator() -> str:
    """Who runs the engine, as `<user>@<host>`: goes into the stack's history, which has no other place for it."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"{user}@{platform.node()}"


def record(engine: Engine, home: Path) -> Path:
    """Make `<home>/engine` a link to the executable, which `bin/pulumi` runs; also makes the local state's folder."""
    (home / "state").mkdir(parents=True, exist_ok=True)
    link, fresh = home / "engine", home / f".engine.{os.getpid()}"
    try:
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(engine.pulumi)
        fresh.replace(link)
    except OSError as error:
        raise InstallError(f"the engine could not be recorded in {link}: {error}: make {home} writable") from error
    return link


def install_provider(engine: Engine, pulumi_home: Path) -> None:
    """Put this project's Docker provider where the engine looks for it; nothing to do when it is there already.

    A downloaded or installed engine fetches the official provider itself; where that cannot be reached, it gets ours.

    Raises:
        InstallError: the engine refused; the message has its output.
    """
    folder = pulumi_home / "plugins" / f"resource-docker-v{DOCKER_PROVIDER_VERSION}"
    script = Path(__file__).with_name("pulumi-resource-docker")
    installed = folder / script.name
    ours = engine.kind == "built"
    if installed.exists() and (not ours or filecmp.cmp(installed, script, shallow=False)):
        return
    base = [str(engine.pulumi), "plugin", "install", "resource", "docker", DOCKER_PROVIDER_VERSION, "--reinstall"]
    if not ours and _run(base, pulumi_home) is None:
        return
    problem = _run([*base, "--file", str(script)], pulumi_home)
    if problem is not None:
        raise InstallError(f"the Docker provider could not be installed into {pulumi_home}: {problem}")


def _run(argv: list[str], pulumi_home: Path) -> str | None:
    """None when the command succeeded, else its output."""
    pulumi_home.mkdir(parents=True, exist_ok=True)
    variables = {**os.environ, "PULUMI_HOME": str(pulumi_home), "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        done = subprocess.run(
            argv, env=variables, capture_output=True, text=True, timeout=_INSTALL_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    return None if done.returncode == 0 else (done.stderr or done.stdout).strip()
