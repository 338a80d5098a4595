"""Where the backend's key comes from: the stack's secret, or in development the file that set-up made."""

from pathlib import Path

from components.configuration import StackConfiguration
from components.image_context import MissingInputError
from components.machine import MachineFolders


def backend_key_file(folders: MachineFolders) -> Path:
    """Return the file of the development key."""
    return folders.home / "keys" / "backend.key"


def backend_key(configuration: StackConfiguration, folders: MachineFolders) -> str:
    """Return the key that writing to the backend takes.

    Raises:
        MissingInputError: Neither the stack nor set-up has one.
    """
    if configuration.backend_key is not None:
        return configuration.backend_key.get_secret_value()
    path = backend_key_file(folders)
    try:
        return path.read_text().strip()
    except FileNotFoundError as error:
        raise MissingInputError(
            f"there is no backend key in {path}: run `make prepare`,"
            " or set one with `pulumi config set --secret fondation:backendKey <key>`"
        ) from error
