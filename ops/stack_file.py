"""A stack's configuration file as it is written, before Pulumi reads it.

Set-up needs a few values before there is an engine to ask. Checking them is the program's part.
"""

from pathlib import Path
from typing import Final

import yaml

from ops.errors import StackError

NAMESPACE: Final = "fondation"


def stack_values(root: Path, stack: str) -> dict[str, object]:
    """Return our keys of a stack's configuration file without their namespace; none where there is no file.

    Secrets come as Pulumi wrote them, encrypted.

    Raises:
        StackError: The file is not YAML.
    """
    file = root / f"Pulumi.{stack}.yaml"
    if not file.is_file():
        return {}
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise StackError(f"{file} is not YAML: {error}") from error
    values = content.get("config") if isinstance(content, dict) else None
    prefix = f"{NAMESPACE}:"
    return {key.removeprefix(prefix): value for key, value in (values or {}).items() if key.startswith(prefix)}
