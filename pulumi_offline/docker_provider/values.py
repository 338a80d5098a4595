"""Plain Python values for the engine's property values.

Secrets do not occur here: the provider declares that it does not accept them, so the engine itself unwraps them on
the way in and marks the same properties secret on the way out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from google.protobuf.struct_pb2 import ListValue, Struct, Value  # type: ignore[import-untyped]  # it ships no types

Properties: TypeAlias = dict[str, Any]
"""Property name (as the engine spells it) to None, bool, int, float, str, list, dict or Unknown."""

# How the engine spells "not known before the update", per kind of value (sdk/go/common/resource/plugin/rpc.go).
_UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNKNOWN_SPELLINGS = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        _UNKNOWN_STRING,
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that the engine learns only during the update."""


UNKNOWN = Unknown()


def plain(value: Value) -> object:
    """The plain value: whole numbers become int, the engine's markers become `UNKNOWN`."""
    match value.WhichOneof("kind"):
        case "string_value":
            return UNKNOWN if value.string_value in _UNKNOWN_SPELLINGS else value.string_value
        case "number_value":
            return int(value.number_value) if value.number_value.is_integer() else value.number_value
        case "bool_value":
            return value.bool_value
        case "list_value":
            return [plain(item) for item in value.list_value.values]
        case "struct_value":
            return plain_map(value.struct_value)
        case _:
            return None


def plain_map(values: Struct) -> Properties:
    """A whole property map, without the properties that are null."""
    found = {name: plain(item) for name, item in values.fields.items()}
    return {name: item for name, item in found.items() if item is not None}


def property_value(value: object) -> Value:
    """The engine's value for a plain one."""
    match value:
        case Unknown():
            result = Value(string_value=_UNKNOWN_STRING)
        case bool():
            result = Value(bool_value=value)
        case int() | float():
            result = Value(number_value=value)
        case str():
            result = Value(string_value=value)
        case Mapping():
            result = Value(struct_value=property_map(value))
        case list() | tuple():
            result = Value(list_value=ListValue(values=[property_value(item) for item in value]))
        case _:
            result = Value(null_value=0)
    return result


def property_map(values: Mapping[str, object]) -> Struct:
    """A whole property map for the engine, without the properties that are null."""
    return Struct(fields={name: property_value(item) for name, item in values.items() if item is not None})


def has_unknown(value: object) -> bool:
    """Whether any part of the value is not known yet."""
    if isinstance(value, Unknown):
        return True
    if isinstance(value, Mapping):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(has_unknown(item) for item in value)
    return False


def canonical(value: object) -> str:
    """A text that is equal for equal values: the sort key of lists whose order means nothing."""
    return json.dumps(value, sort_keys=True, default=repr)
