"""A cache before a function: the key is made of what the function is called with."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from larder.cache import Cache, Namespace
from larder.errors import BadKeyError

Result = TypeVar("Result")
_PLAIN = (str, int, float, bool, bytes, type(None))


class Cached(Generic[Result]):
    """A function whose results are kept.

    Attributes:
        function: What is called where no result is there.
    """

    def __init__(
        self,
        function: Callable[..., Result],
        cache: Cache,
        *,
        key: Callable[..., object] | None = None,
        early: float = 0.0,
    ) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self._results: Namespace = cache.within(f"{function.__module__}.{function.__qualname__}")
        self._signature = inspect.signature(function)
        self._key = key
        self._early = early

    def __call__(self, *args: Any, **kwargs: Any) -> Result:
        """Return the result for these arguments, from the cache where it is there."""
        made: Result = self._results.fetch(
            self.key_for(*args, **kwargs), lambda: self.function(*args, **kwargs), early=self._early
        )
        return made

    def key_for(self, *args: Any, **kwargs: Any) -> str:
        """Return the key of a call, without the function's own name.

        Raises:
            BadKeyError: An argument is no plain value, and nothing says what the key is made of.
        """
        if self._key is not None:
            return plain(self._key(*args, **kwargs))
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return ",".join(f"{name}={plain(value)}" for name, value in bound.arguments.items()) or "()"

    def forget(self, *args: Any, **kwargs: Any) -> bool:
        """Take the result for these arguments away; return whether there was one."""
        return self._results.remove(self.key_for(*args, **kwargs))

    def forget_all(self) -> int:
        """Take all results of the function away; return how many there were."""
        return self._results.clear()


def cached(
    cache: Cache, *, key: Callable[..., object] | None = None, early: float = 0.0
) -> Callable[[Callable[..., Result]], Cached[Result]]:
    """Keep the results of the function below.

    Args:
        cache: Where they are kept.
        key: Says from the arguments what the key is made of; all of them, when it is left out.
        early: As `Cache.fetch` takes it.
    """

    def decorate(function: Callable[..., Result]) -> Cached[Result]:
        return Cached(function, cache, key=key, early=early)

    return decorate


def plain(value: object) -> str:
    """Return a plain value as a part of a key; values that differ give parts that differ, `1` and `"1"` as well.

    Raises:
        BadKeyError: The value is none that is equal only to its like.
    """
    if isinstance(value, tuple):
        return f"({','.join(plain(part) for part in value)})"
    if isinstance(value, dict):
        return f"{{{','.join(f'{plain(name)}:{plain(part)}' for name, part in sorted(value.items()))}}}"
    if isinstance(value, _PLAIN):
        return repr(value)
    raise BadKeyError(
        f"{type(value).__name__} is no plain value that a key can be made of: say with key= what it is made of"
    )
