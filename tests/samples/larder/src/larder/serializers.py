"""From values to bytes and back, for stores that keep bytes."""

import json
from typing import Any, Protocol

from larder.errors import NotStorableError


class Serializer(Protocol):
    """Turns values into bytes and bytes into values."""

    def dump(self, value: Any) -> bytes:
        """Return a value as bytes.

        Raises:
            NotStorableError: It cannot be turned into bytes that give the same value back.
        """

    def load(self, data: bytes) -> Any:
        """Return the value of some bytes.

        Raises:
            ValueError: They are none that `dump` wrote.
        """


class Json:
    """Values that JSON has: numbers, texts, lists, objects with texts as keys, true, false and nothing."""

    def dump(self, value: Any) -> bytes:
        """Return a value as JSON.

        Raises:
            NotStorableError: JSON has no such value, or would give another one back.
        """
        try:
            data = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        except (TypeError, ValueError, RecursionError) as error:
            raise NotStorableError(f"JSON has no value like this {type(value).__name__}: {error}") from error
        if json.loads(data) != value:
            # A tuple comes back as a list, the key 1 as "1": who puts it in would not get it out.
            raise NotStorableError(f"JSON would give something else back for this {type(value).__name__}")
        return data.encode()

    def load(self, data: bytes) -> Any:
        """Return the value of some JSON.

        Raises:
            ValueError: It is none.
        """
        return json.loads(data.decode())


class Text:
    """Texts alone, as UTF-8: half the size of JSON where values are long lines."""

    def dump(self, value: Any) -> bytes:
        """Return a text as bytes.

        Raises:
            NotStorableError: It is no text.
        """
        if not isinstance(value, str):
            raise NotStorableError(f"this serializer keeps texts, not {type(value).__name__}")
        return value.encode()

    def load(self, data: bytes) -> Any:
        """Return the text.

        Raises:
            ValueError: The bytes are no UTF-8.
        """
        return data.decode()
