"""The configuration keys as the README's table; `python -m components.configuration_table` prints it."""

import sys
from collections.abc import Iterator

from pydantic_core import PydanticUndefined

from components.configuration import StackConfiguration
from components.stack_names import NAMESPACE


def configuration_table() -> str:
    """Return a Markdown table: one row per key, in the order of the model."""
    return "\n".join(_rows()) + "\n"


def _rows() -> Iterator[str]:
    yield "| key | default | meaning |"
    yield "|---|---|---|"
    for field in StackConfiguration.model_fields.values():
        if field.default is PydanticUndefined:
            default = "required"
        elif field.default in {None, ""}:
            default = "none"
        else:
            default = f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`"
        yield f"| `{NAMESPACE}:{field.alias}` | {default} | {field.description} |"


if __name__ == "__main__":
    sys.stdout.write(configuration_table())
