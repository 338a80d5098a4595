"""Wire values and their limits, at the limit and one beyond."""

import base64
import struct

import pytest

from backend.errors import Code, FunctionError
from backend.values import decode, parse_json, size_of, to_json
from course import limits


def refusal(value: object, **more: int) -> FunctionError:
    with pytest.raises(FunctionError) as caught:
        decode(value, where="f: args", **more)
    return caught.value


def nested(levels: int) -> object:
    value: object = 1.0
    for _ in range(levels):
        value = [value]
    return value


def test_every_number_is_a_float() -> None:
    assert parse_json('{"a": 1, "b": 2.5}') == {"a": 1.0, "b": 2.5}
    assert to_json(parse_json("[1]")) == "[1.0]"


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", '{"a": -Infinity}', "{", ""])
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_json(text)


def test_a_number_beyond_float64_is_refused() -> None:
    assert "float64" in str(refusal(parse_json("1" + "0" * 400)))


def test_special_encodings_are_decoded_so_that_validators_can_name_them() -> None:
    integer = base64.b64encode(struct.pack("<q", -7)).decode()
    assert decode({"$integer": integer}, where="x") == -7
    assert decode({"$bytes": "AAE="}, where="x") == b"\x00\x01"
    minus_zero = base64.b64encode(struct.pack("<d", -0.0)).decode()
    assert str(decode({"$float": minus_zero}, where="x")) == "-0.0"


@pytest.mark.parametrize(
    "value", [{"$integer": "!"}, {"$integer": 4.0}, {"$float": "AA=="}, {"$float": "AAAAAAAA8H8="}, {"$new": 1.0}]
)
def test_a_bad_special_encoding_is_refused(value: object) -> None:
    assert refusal(value).code is Code.INVALID


@pytest.mark.parametrize("name", ["", "$a", "é", "a\n"])
def test_a_field_name_is_printable_ascii(name: str) -> None:
    assert refusal({name: 1.0, "other": 1.0}).code is Code.INVALID


def test_a_lone_surrogate_is_refused() -> None:
    assert "surrogate" in str(refusal("\ud800"))


@pytest.mark.parametrize(
    ("fits", "too_much", "limit"),
    [
        ([0.0] * limits.ARRAY_MAX_ITEMS, [0.0] * (limits.ARRAY_MAX_ITEMS + 1), limits.ARRAY_MAX_ITEMS),
        (
            dict.fromkeys(map(str, range(1024)), True),
            dict.fromkeys(map(str, range(1025)), True),
            limits.OBJECT_MAX_FIELDS,
        ),
        (nested(limits.NESTING_MAX), nested(limits.NESTING_MAX + 1), limits.NESTING_MAX),
        ("x" * (limits.ARGS_MAX_BYTES - 2), "x" * (limits.ARGS_MAX_BYTES - 1), limits.ARGS_MAX_BYTES),
    ],
    ids=["array", "fields", "nesting", "bytes"],
)
def test_limits(fits: object, too_much: object, limit: int) -> None:
    assert decode(fits, where="x") == fits
    error = refusal(too_much)
    assert error.code is Code.TOO_LARGE
    assert str(limit) in str(error)
    assert str(error).startswith("f: args")


def test_sizes_are_counted_as_convex_counts_them() -> None:
    assert size_of({"a": "é", "b": [1.0, True, None]}) == 2 + (3 + 4) + (3 + 2 + 9 + 1 + 1)
