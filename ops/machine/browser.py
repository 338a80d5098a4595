"""The browser that the tests use: one that is there, wherever it is, and proved to start."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ops.errors import CommandError, OperatorNeededError
from ops.machine.command import run

# Playwright's own variable comes first.
VARIABLES: Final = ("PLAYWRIGHT_CHROMIUM_EXECUTABLE_PATH", "CHROME_BIN", "CHROME_PATH")
PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_START_TIMEOUT_S: Final = 60


def browser(environment: Mapping[str, str] | None = None) -> str | None:
    """Return the path of this machine's Chromium or Chrome, None where there is none.

    Args:
        environment: Variables that may name it, and PATH; the process's own by default.

    Raises:
        OperatorNeededError: A variable names a file that is no program.
    """
    variables = os.environ if environment is None else environment
    for name in VARIABLES:
        if path := variables.get(name):
            if Path(path).is_file() and os.access(path, os.X_OK):
                return path
            raise OperatorNeededError(f"{name} is {path!r}: that is no program; correct it, or unset it")
    found = (shutil.which(program, path=variables.get("PATH")) for program in PROGRAMS)
    return next(filter(None, found), None)


def require_start(path: str) -> str:
    """Return the browser's name and version once it has shown an empty page.

    Raises:
        OperatorNeededError: It does not start; the message has its own words.
    """
    remedy = f"install another one and name it in {VARIABLES[0]}; then run the command again"
    try:
        run([path, "--headless", *ARGUMENTS, "--dump-dom", "about:blank"], timeout_s=_START_TIMEOUT_S, remedy=remedy)
        return run([path, "--version"], timeout_s=_START_TIMEOUT_S).strip()
    except CommandError as error:
        raise OperatorNeededError(f"the browser {path} does not start: {error}") from error
