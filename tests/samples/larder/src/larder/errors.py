"""Everything that larder raises."""


class LarderError(Exception):
    """The base of all errors of larder."""


class BadKeyError(LarderError):
    """A key is no text, is empty, or cannot be made of the arguments of a function."""


class TooLargeError(LarderError):
    """A value is heavier than the whole room of its cache."""

    def __init__(self, key: str, weight: float, room: float) -> None:
        super().__init__(f"{key!r} weighs {weight:g}, and the whole room is {room:g}")
        self.key = key
        self.weight = weight
        self.room = room


class NotStorableError(LarderError):
    """A serializer cannot turn a value into bytes."""


class StoreError(LarderError):
    """A store cannot write: its disk is full, its folder is gone."""


def require_key(key: object) -> str:
    """Return a key that can be used as one.

    Raises:
        BadKeyError: It is no text, or an empty one.
    """
    if not isinstance(key, str):
        raise BadKeyError(f"a key is a text, not {type(key).__name__}")
    if not key:
        raise BadKeyError("a key is not empty")
    return key
