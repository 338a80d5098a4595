"""The stack's settings as they were at a release: a file that Pulumi reads instead of `Pulumi.<stack>.yaml`.

Secrets are in it as ciphertext only, those of the state beside those of the configuration: the engine decrypts both
with the stack's own secrets manager, so the key never passes through here.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from components.configuration import UNTOLD, ConfigurationError, parse_configuration
from ops.errors import CommandError, RollbackError
from ops.machine.pulumi_cli import Pulumi
from ops.stack.pulumi_output import explained
from ops.stack.release import REPLAY_NAMESPACE, Release, Secret
from ops.stack.state import State, ciphertexts


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of a release.

    Attributes:
        file: Where they are written.
        secrets: Configuration key by ciphertext of the state.
    """

    file: Path
    secrets: Mapping[str, str]


@contextmanager
def written_settings(folder: Path, stack: str, target: Release, state: State, current: State) -> Iterator[Settings]:
    """Write the settings of a release into a folder of generated files; the file goes away at the end.

    Raises:
        RollbackError: Its secrets were encrypted with another key than the stack has now.
    """
    if current.secrets and state.secrets != current.secrets:
        raise RollbackError(
            f"#{target.version} cannot be applied again: its secrets were encrypted with another key, and the stack's"
            " passphrase or secrets provider was changed since; deploy the wanted revision with `bin/pulumi up`"
        )
    keys = {text: f"{REPLAY_NAMESPACE}:s{number}" for number, text in enumerate(ciphertexts(state))}
    values: dict[str, Any] = {}
    for key, value in target.configuration.items():
        if not isinstance(value, Secret):
            values[key] = value
        elif value.ciphertext is not None:
            values[key] = {"secure": value.ciphertext}
    values |= {key: {"secure": text} for text, key in keys.items()}
    folder.mkdir(parents=True, exist_ok=True)
    # Two operators at once write two files; which of them goes on is decided by the stack's lock.
    file = folder / f"{stack.rpartition('/')[2]}-{os.getpid()}.yaml"
    try:
        file.write_text(yaml.safe_dump(_secrets_provider(state.secrets) | {"config": values}), encoding="utf-8")
        yield Settings(file=file, secrets=keys)
    finally:
        file.unlink(missing_ok=True)


def require_usable(pulumi_: Pulumi, target: Release, settings: Settings) -> None:
    """Check that the settings can be decrypted and that the configuration among them is still valid.

    Raises:
        StackError: The passphrase is wrong.
        RollbackError: The configuration is no longer valid.
    """
    try:
        printed = pulumi_.run(
            "config", "--json", "--show-secrets", "--config-file", str(settings.file), "--stack", pulumi_.stack
        )
    except CommandError as error:
        raise explained(error, pulumi_.stack) from error
    values = {key: str(entry.get("value", "")) for key, entry in json.loads(printed).items()}
    # Pulumi Cloud keeps the ciphertext of a secret value to itself; that there is one is known.
    values |= {
        key: UNTOLD
        for key, value in target.configuration.items()
        if isinstance(value, Secret) and value.ciphertext is None
    }
    try:
        parse_configuration(values)
    except ConfigurationError as error:
        raise RollbackError(
            f"#{target.version} cannot be applied again, because its configuration is no longer valid: {error}\n"
            "Nothing was touched. Choose another release (`bin/fondation history`), or deploy the wanted revision with"
            " a corrected configuration: `bin/pulumi up`"
        ) from error


def _secrets_provider(recorded: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entries of a stack file that name the secrets manager."""
    state = recorded.get("state") or {}
    match recorded.get("type"):
        case "passphrase":
            return {"encryptionsalt": state["salt"]}
        case "cloud":
            return {"secretsprovider": state["url"], "encryptedkey": state["encryptedkey"]}
        case _:
            return {}
