"""A stack's configuration file, `Pulumi.<stack>.yaml`, as it is written: for whoever needs it before Pulumi runs.

Each key is read as the program reads it, but alone: whether the whole is complete and consistent is said by
`components.configuration` when the program runs. Secrets are encrypted there and are not told.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml

from components.configuration import UNTOLD, ConfigurationError, StackKeys, parse_keys
from components.stack_names import NAMESPACE, StackNames

# What Pulumi reads of such a file; it says nothing of other keys.
_SECTIONS: Final = ("config", "encryptedkey", "encryptionsalt", "environment", "secretsprovider")
_CACHED: Final = 16


def stack_file(checkout: Path, stack: str) -> Path:
    """Return where a stack's configuration is."""
    return StackNames(stack=stack.rpartition("/")[2]).file(checkout)


def read_keys(checkout: Path, stack: str) -> StackKeys:
    """Return a stack's keys; all defaults where it has no file. Read again only when the file's text has changed.

    Raises:
        ConfigurationError: The file is not a stack's configuration, or a key in it is unknown or malformed.
    """
    file = stack_file(checkout, stack)
    return _keys(file, _text(file))


def read_values(checkout: Path, stack: str) -> dict[str, str]:
    """Return a stack's values as Pulumi hands them to the program, by full key; a secret is `UNTOLD`.

    A key without a namespace is ours, as Pulumi has it. A path is that of the file itself, wherever the caller works.

    Raises:
        ConfigurationError: The file is not a stack's configuration.
    """
    file = stack_file(checkout, stack)
    return _values(file, _text(file))


@lru_cache(maxsize=_CACHED)
def _keys(file: Path, text: str) -> StackKeys:
    own = {key: value for key, value in _values(file, text).items() if key.startswith(f"{NAMESPACE}:")}
    try:
        return parse_keys(own)
    except ConfigurationError as error:
        raise ConfigurationError(f"{file}: {error}") from error


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8") if file.is_file() else ""
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{file} is not YAML: {error}") from error


def _values(file: Path, text: str) -> dict[str, str]:
    config = _config(file, _content(file, text).get("config") or {})
    values = {}
    for key, value in config.items():
        namespace, _, name = key.rpartition(":")
        values[f"{namespace or NAMESPACE}:{name}"] = _as_text(value)
    bundle = f"{NAMESPACE}:caBundle"
    if bundle in values:
        values[bundle] = str(file.parent / values[bundle])
    return values


def _as_text(value: object) -> str:
    if isinstance(value, dict) and "secure" in value:
        return UNTOLD
    return str(value).lower() if isinstance(value, bool) else str(value)


def _content(file: Path, text: str) -> dict[Any, Any]:
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{file} is not YAML: {error}") from error
    if content is not None and not isinstance(content, dict):
        raise ConfigurationError(
            f"{file} is one value, {content!r:.40}: expected `config:` and the keys of the stack below it"
        )
    unknown = [str(key) for key in content or {} if key not in _SECTIONS]
    if unknown:
        raise ConfigurationError(
            f"{file} has {', '.join(unknown)} at its top level, which Pulumi would ignore: it knows"
            f" {', '.join(_SECTIONS)}; keys of the stack go below `config:` as `{NAMESPACE}:<key>`; move or remove it"
        )
    return content or {}


def _config(file: Path, config: object) -> dict[str, object]:
    if not isinstance(config, dict):
        raise ConfigurationError(
            f"`config` in {file} is {config!r:.40}: expected lines such as `{NAMESPACE}:webPort: 8420`"
        )
    wrong = [repr(key) for key in config if not isinstance(key, str)]
    if wrong:
        raise ConfigurationError(
            f"`config` in {file} has {', '.join(wrong)}: expected keys such as `{NAMESPACE}:webPort`"
        )
    return config
