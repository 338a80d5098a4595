"""A check: which item it proves, for which subjects, and the function that judges."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from ops.audit.facts import Kind

OURS: Final = "own"
"""Stands for the benchmark's number in a check that has none there."""

Facts = TypeVar("Facts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Generic[Facts]):
    """One fact that has to hold; `judge` yields a complaint for everything that breaks it."""

    name: str
    item: str
    kinds: frozenset[Kind]
    judge: Callable[[Facts], Iterator[str]]
