"""What a resource accepts, as data: kind, default and what a change of each property does.

The tables live with the resources; this module reads them. A property that is not in a table is refused, so nothing
that a program sets is silently ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from pulumi_offline.docker_provider.values import Properties, Unknown, canonical, has_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFAULTED = "__defaults"
"""The input that lists the properties the provider filled in; the engine hides names that begin with `__`."""


class Kind(StrEnum):
    """The form of a property's value."""

    TEXT = "a string"
    INTEGER = "a whole number"
    FLAG = "true or false"
    TEXTS = "a list of strings"
    MAPPING = "a map of strings"
    OBJECT = "an object"
    OBJECTS = "a list of objects"


class Change(StrEnum):
    """What the engine has to do when a property differs."""

    REPLACE = "replace"
    UPDATE = "update"


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One row of a table."""

    kind: Kind = Kind.TEXT
    on_change: Change = Change.REPLACE
    default: bool | int | str | None = None
    required: bool = False
    unordered: bool = False
    fields: Mapping[str, Property] = field(default_factory=dict)
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A property that cannot be accepted; `path` is spelled as in the program's state."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A top-level property whose value differs, with both values."""

    name: str
    old: object
    new: object
    change: Change


Schema = Mapping[str, Property]


def failures(schema: Schema, inputs: Properties, *, path: str = "") -> Iterator[Failure]:
    """Everything in the inputs that the table does not allow, all at once."""
    for name, value in inputs.items():
        here = f"{path}.{name}" if path else name
        row = schema.get(name)
        if name.startswith("__"):
            continue
        if row is None:
            yield Failure(path=here, reason=_unsupported(here))
        elif value is not None and not isinstance(value, Unknown):
            yield from _value_failures(row, value, here)
    for name, row in schema.items():
        if row.required and inputs.get(name) is None:
            here = f"{path}.{name}" if path else name
            yield Failure(path=here, reason=f"{here} is required: set it to {row.kind}")


def _unsupported(path: str) -> str:
    return (
        f"property {path} is not supported by this project's Docker provider: remove it, "
        "or use a machine that can download the official engine"
    )


def _value_failures(row: Property, value: object, path: str) -> Iterator[Failure]:
    if not _fits(row.kind, value):
        yield Failure(path=path, reason=f"{path} must be {row.kind}, not {type(value).__name__}")
    elif row.allowed and value not in row.allowed:
        yield Failure(path=path, reason=f"{path} is {value!r}; this provider supports {', '.join(row.allowed)}")
    elif row.kind is Kind.OBJECT and isinstance(value, dict):
        yield from failures(row.fields, value, path=path)
    elif row.kind is Kind.OBJECTS and isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, dict):
                yield from failures(row.fields, item, path=f"{path}[{index}]")


def _fits(kind: Kind, value: object) -> bool:
    if isinstance(value, list):
        item: type = str if kind is Kind.TEXTS else dict
        return kind in (Kind.TEXTS, Kind.OBJECTS) and all(isinstance(each, item | Unknown) for each in value)
    if isinstance(value, dict):
        texts = all(isinstance(each, str | Unknown) for each in value.values())
        return kind is Kind.OBJECT or (kind is Kind.MAPPING and texts)
    plain = {Kind.TEXT: str, Kind.FLAG: bool, Kind.INTEGER: int}.get(kind)
    return plain is not None and isinstance(value, plain) and (kind is Kind.FLAG or not isinstance(value, bool))


def with_defaults(schema: Schema, inputs: Properties) -> Properties:
    """The inputs with the table's defaults filled in, nested ones too; `__defaults` names the top-level ones."""
    filled = _filled(schema, inputs)
    defaulted = sorted(name for name in filled if name not in inputs)
    return {**filled, DEFAULTED: defaulted} if defaulted else filled


def _filled(schema: Schema, inputs: Properties) -> Properties:
    result = {name: _filled_value(schema[name], value) if name in schema else value for name, value in inputs.items()}
    for name, row in schema.items():
        if row.default is not None and result.get(name) is None:
            result[name] = row.default
    return result


def _filled_value(row: Property, value: object) -> object:
    if row.kind is Kind.OBJECT and isinstance(value, dict):
        return _filled(row.fields, value)
    if row.kind is Kind.OBJECTS and isinstance(value, list):
        return [_filled(row.fields, item) if isinstance(item, dict) else item for item in value]
    return value


def differences(schema: Schema, old: Properties, new: Properties) -> list[Difference]:
    """The properties of the table that differ; an unknown value always does.

    Unset and empty are the same, and so are unset and the default: a state may be older than the default.
    """
    found = []
    filled_old, filled_new = _filled(schema, old), _filled(schema, new)
    for name, row in schema.items():
        before, after = filled_old.get(name), filled_new.get(name)
        if has_unknown(after) or comparable(row, before) != comparable(row, after):
            found.append(Difference(name=name, old=before, new=after, change=row.on_change))
    return found


def comparable(row: Property, value: object) -> object:
    """The value in the form in which two of them are compared."""
    if value in (None, "", 0, False, [], {}):
        return None
    if isinstance(value, dict):
        return {name: _comparable_field(row, name, item) for name, item in value.items() if _set(row, name, item)}
    if isinstance(value, list):
        items = [comparable(row, item) if isinstance(item, dict) else item for item in value]
        return sorted(items, key=canonical) if row.unordered else items
    return value


def _comparable_field(row: Property, name: str, value: object) -> object:
    return comparable(row.fields[name], value) if name in row.fields else value


def _set(row: Property, name: str, value: object) -> bool:
    return _comparable_field(row, name, value) is not None
