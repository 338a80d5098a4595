"""Validators for function arguments, after Convex's `v`: exact types, no unknown fields, optional means absent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from backend.errors import Code, FunctionError
from backend.ids import may_name
from backend.values import Int64

_SHOWN_CHARACTERS: Final = 40


class Validator(Protocol):
    """Checks one value."""

    @property
    def expected(self) -> str:
        """What is accepted, for messages."""
        ...

    def check(self, value: object, where: str) -> None:
        """Raise FunctionError(INVALID) that names `where` when the value does not fit."""
        ...


def refuse(where: str, expected: str, value: object) -> FunctionError:
    """Build the error for a value that does not fit."""
    return FunctionError(Code.INVALID, f"ArgumentValidationError: {where}: expected {expected}, got {_shown(value)}")


def _shown(value: object) -> str:
    match value:
        case None:
            text = "null (leave an absent field out)"
        case bool():
            text = f"boolean {str(value).lower()}"
        case Int64():
            text = f"int64 {int(value)} (send a float64 number)"
        case float():
            text = f"number {value:g}"
        case str():
            text = f"string {value[:_SHOWN_CHARACTERS]!r}"
        case list():
            text = f"array of {len(value)}"
        case dict():
            text = f"object with fields {sorted(value)[:10]}"
        case _:
            text = type(value).__name__
    return text


@dataclass(frozen=True, slots=True)
class _Type:
    expected: str
    types: tuple[type, ...]

    def check(self, value: object, where: str) -> None:
        # type(), not isinstance: a bool is an int in Python and an Int64 is not a float64.
        if type(value) not in self.types:
            raise refuse(where, self.expected, value)


def string() -> Validator:
    """Accept any text."""
    return _Type("string", (str,))


def number() -> Validator:
    """Accept any float64."""
    return _Type("number", (float,))


def null() -> Validator:
    """Accept null."""
    return _Type("null", (type(None),))


def boolean() -> Validator:
    """Accept true and false."""
    return _Type("boolean", (bool,))


@dataclass(frozen=True, slots=True)
class Literals:
    """One of some strings."""

    options: tuple[str, ...]

    @property
    def expected(self) -> str:
        """The options."""
        return "one of " + ", ".join(self.options)

    def check(self, value: object, where: str) -> None:
        """Accept exactly one of the options."""
        if value not in self.options:
            raise refuse(where, self.expected, value)


@dataclass(frozen=True, slots=True)
class Id:
    """The id of a row of one table."""

    table: str

    @property
    def expected(self) -> str:
        """The table."""
        return f"id of table {self.table}"

    def check(self, value: object, where: str) -> None:
        """Accept an id of this table; whether the row exists is the function's matter."""
        if not isinstance(value, str) or not may_name(value, self.table):
            raise refuse(where, self.expected, value)


@dataclass(frozen=True, slots=True)
class Array:
    """A list of equal things."""

    item: Validator

    @property
    def expected(self) -> str:
        """The item's type."""
        return f"array of {self.item.expected}"

    def check(self, value: object, where: str) -> None:
        """Accept a list whose every item fits."""
        if not isinstance(value, list):
            raise refuse(where, self.expected, value)
        for index, item in enumerate(value):
            self.item.check(item, f"{where}[{index}]")


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of several types."""

    options: tuple[Validator, ...]

    @property
    def expected(self) -> str:
        """The types."""
        return " or ".join(option.expected for option in self.options)

    def check(self, value: object, where: str) -> None:
        """Accept what any option accepts."""
        for option in self.options:
            try:
                option.check(value, where)
            except FunctionError:
                continue
            return
        raise refuse(where, self.expected, value)


@dataclass(frozen=True, slots=True)
class Optional:
    """Marks a field of an object that may be left out; null is not a way to leave it out."""

    inner: Validator


@dataclass(frozen=True, slots=True)
class Object:
    """An object with exactly these fields."""

    fields: Mapping[str, Validator | Optional]

    @property
    def expected(self) -> str:
        """The field names."""
        return "object {" + ", ".join(self.fields) + "}"

    def check(self, value: object, where: str) -> None:
        """Accept an object with all required fields, some optional ones and no other."""
        if not isinstance(value, dict):
            raise refuse(where, self.expected, value)
        fields: dict[str, Any] = value
        for name in fields:
            if name not in self.fields:
                raise FunctionError(
                    Code.INVALID,
                    f"ArgumentValidationError: {where} has an unknown field `{name}`: "
                    f"allowed are {', '.join(self.fields) or 'none'}",
                )
        for name, validator in self.fields.items():
            if name in fields:
                inner = validator.inner if isinstance(validator, Optional) else validator
                inner.check(fields[name], f"{where}.{name}")
            elif not isinstance(validator, Optional):
                raise FunctionError(
                    Code.INVALID,
                    f"ArgumentValidationError: {where} is missing the required field `{name}` ({validator.expected})",
                )
