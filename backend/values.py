"""Convex values on the wire, and the limits on them.

Numbers are float64 throughout, as in Convex. Values of ours hold no int64, bytes, NaN or infinity; they are
decoded so that a validator can name them, and refused there.
"""

import base64
import binascii
import json
import math
import struct
from typing import Any, Final

from backend.errors import Code, FunctionError
from course import limits

_NUMBER_BYTES: Final = 9
_CONTAINER_BYTES: Final = 2


class Int64(int):
    """A Convex int64; kept apart from float64."""


def parse_json(text: str | bytes) -> Any:  # noqa: ANN401 - JSON is any value
    """Parse JSON with every number as a float; NaN and Infinity are refused with ValueError."""
    return json.loads(text, parse_int=float, parse_constant=_refuse_constant)


def to_json(value: object) -> str:
    """Return compact JSON.

    Raises:
        ValueError: The value holds NaN or an infinity.
    """
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def decode(value: Any, *, where: str, limit_bytes: int = limits.ARGS_MAX_BYTES) -> Any:  # noqa: ANN401
    """Turn wire JSON into a value and check every limit on the way.

    Args:
        value: What `parse_json` returned.
        where: Names the value in messages, for instance `jobs:create: args`.
        limit_bytes: Largest size allowed for the whole value.
    """
    decoded, size_bytes = _decode(value, where, depth=0)
    check_size(size_bytes, limit_bytes, where)
    return decoded


def check_size(size_bytes: int, limit_bytes: int, where: str) -> None:
    """Refuse a value that is larger than the limit."""
    if size_bytes > limit_bytes:
        raise FunctionError(Code.TOO_LARGE, f"{where}: {size_bytes} bytes, the limit is {limit_bytes}")


def size_of(value: object) -> int:
    """Return the size in bytes as Convex counts it (documentation, "data types")."""
    match value:
        case None | bool():
            return 1
        case int() | float():
            return _NUMBER_BYTES
        case str():
            return _string_bytes(value)
        case list() | tuple():
            return _CONTAINER_BYTES + sum(size_of(item) for item in value)
        case dict():
            return _CONTAINER_BYTES + sum(_string_bytes(name) + size_of(item) for name, item in value.items())
        case _:
            raise TypeError(f"{type(value).__name__} is not a Convex value")


def _string_bytes(text: str) -> int:
    # isascii is answered without a copy, and most text of ours is ASCII.
    return (len(text) if text.isascii() else len(text.encode(errors="surrogatepass"))) + 2


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON: send numbers as finite decimals")


def _decode(value: Any, where: str, depth: int) -> tuple[Any, int]:  # noqa: ANN401
    if isinstance(value, str):
        return _checked_text(value, where), _string_bytes(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise FunctionError(Code.INVALID, f"{where}: the number is outside float64's range")
        return value, _NUMBER_BYTES
    if value is None or isinstance(value, bool):
        return value, 1
    if depth == limits.NESTING_MAX:
        raise FunctionError(Code.TOO_LARGE, f"{where}: nested deeper than the limit of {limits.NESTING_MAX} levels")
    if isinstance(value, list):
        return _decode_array(value, where, depth)
    return _decode_object(value, where, depth)


def _decode_array(value: list[Any], where: str, depth: int) -> tuple[list[Any], int]:
    if len(value) > limits.ARRAY_MAX_ITEMS:
        raise FunctionError(Code.TOO_LARGE, f"{where}: {len(value)} array items, the limit is {limits.ARRAY_MAX_ITEMS}")
    items: list[Any] = []
    size_bytes = _CONTAINER_BYTES
    for index, item in enumerate(value):
        decoded, item_bytes = _decode(item, f"{where}[{index}]", depth + 1)
        items.append(decoded)
        size_bytes += item_bytes
    return items, size_bytes


def _decode_object(value: dict[str, Any], where: str, depth: int) -> tuple[Any, int]:
    if len(value) == 1 and (special := _decode_special(value, where)) is not None:
        return special, _NUMBER_BYTES
    if len(value) > limits.OBJECT_MAX_FIELDS:
        raise FunctionError(Code.TOO_LARGE, f"{where}: {len(value)} fields, the limit is {limits.OBJECT_MAX_FIELDS}")
    fields: dict[str, Any] = {}
    size_bytes = _CONTAINER_BYTES
    for name, item in value.items():
        if not name or name.startswith("$") or not name.isascii() or not name.isprintable():
            raise FunctionError(
                Code.INVALID, f"{where}: field name {name!r}: use printable ASCII that does not start with $"
            )
        fields[name], item_bytes = _decode(item, f"{where}.{name}", depth + 1)
        size_bytes += _string_bytes(name) + item_bytes
    return fields, size_bytes


def _decode_special(value: dict[str, Any], where: str) -> object:
    """Decode `{"$integer": …}` and its like; None when the object is an ordinary one."""
    ((name, encoded),) = value.items()
    if name not in {"$integer", "$float", "$bytes"}:
        return None
    try:
        raw = base64.b64decode(encoded, validate=True)
        if name == "$integer":
            return Int64(struct.unpack("<q", raw)[0])
        if name == "$bytes":
            return raw
        number: float = struct.unpack("<d", raw)[0]
    except (TypeError, ValueError, binascii.Error, struct.error) as error:
        raise FunctionError(Code.INVALID, f"{where}: {name} holds no valid base64 of that type") from error
    if not math.isfinite(number):
        raise FunctionError(Code.INVALID, f"{where}: {number} is not accepted here: send a finite number")
    return number


def _checked_text(text: str, where: str) -> str:
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise FunctionError(
                Code.INVALID, f"{where}: the text holds a lone surrogate: send valid Unicode"
            ) from error
    return text
