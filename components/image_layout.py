"""Where things are in the images."""

from typing import Final

PYTHON: Final = "/opt/fondation/venv/bin/python"
CODE: Final = "/opt/fondation/app"
"""The packages of the project."""
SECRET: Final = "value"  # noqa: S105 - a file name
"""Name of the file that holds a secret, in a folder of its purpose."""
_SECRETS: Final = "/run/fondation"


def secret_folder(purpose: str) -> str:
    """Return the folder inside a container that holds the secret of a purpose."""
    return f"{_SECRETS}/{purpose}"


def secret_path(purpose: str) -> str:
    """Return the path of the secret itself."""
    return f"{secret_folder(purpose)}/{SECRET}"
