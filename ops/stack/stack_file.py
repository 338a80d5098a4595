"""A stack's configuration file as it is written, before Pulumi reads it.

Set-up needs a few values before there is an engine to ask. Checking them is the program's part.
"""

from pathlib import Path
from typing import Any, Final

import yaml

from ops.errors import StackError

NAMESPACE: Final = "fondation"
# What Pulumi reads of such a file; it says nothing of other keys.
_SECTIONS: Final = ("config", "encryptedkey", "encryptionsalt", "environment", "secretsprovider")


def stack_values(root: Path, stack: str) -> dict[str, object]:
    """Return our keys of a stack's configuration file without their namespace; none where there is no file.

    A key without a namespace is ours, as Pulumi has it. Secrets come as Pulumi wrote them, encrypted.

    Raises:
        StackError: The file is not YAML, or not a stack's configuration.
    """
    file = root / f"Pulumi.{stack}.yaml"
    if not file.is_file():
        return {}
    keys = _keys(file, _content(file).get("config") or {})
    own = ((key.rpartition(":"), value) for key, value in keys.items())
    return {name: value for (namespace, _, name), value in own if namespace in {"", NAMESPACE}}


def _content(file: Path) -> dict[Any, Any]:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise StackError(f"{file} is not YAML: {error}") from error
    if content is not None and not isinstance(content, dict):
        raise StackError(f"{file} is one value, {content!r:.40}: expected `config:` and the keys of the stack below it")
    unknown = [str(key) for key in content or {} if key not in _SECTIONS]
    if unknown:
        raise StackError(
            f"{file} has {', '.join(unknown)} at its top level, which Pulumi would ignore: it knows"
            f" {', '.join(_SECTIONS)}; keys of the stack go below `config:` as `{NAMESPACE}:<key>`; move or remove it"
        )
    return content or {}


def _keys(file: Path, config: object) -> dict[str, object]:
    if not isinstance(config, dict):
        raise StackError(f"`config` in {file} is {config!r:.40}: expected lines such as `{NAMESPACE}:webPort: 8420`")
    wrong = [repr(key) for key in config if not isinstance(key, str)]
    if wrong:
        raise StackError(f"`config` in {file} has {', '.join(wrong)}: expected keys such as `{NAMESPACE}:webPort`")
    return config
