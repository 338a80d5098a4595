"""The table of functions: path → kind, argument validator, handler."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any

from backend.errors import Code, FunctionError
from backend.transaction import Snapshot, Transaction
from backend.validator import Object, Optional, Validator
from backend.values import decode

Args = Mapping[str, Any]


class Kind(StrEnum):
    """What a function may do."""

    QUERY = "query"
    MUTATION = "mutation"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryContext:
    """What a query gets besides its arguments.

    Attributes:
        now: Time in milliseconds.
        authorized: Whether the caller presented the key; secrets are left out of the answer otherwise.
    """

    db: Snapshot
    now: float
    authorized: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MutationContext:
    """What a mutation gets besides its arguments; `now` is in milliseconds."""

    db: Transaction
    now: float
    random: Random


QueryHandler = Callable[[QueryContext, Args], object]
MutationHandler = Callable[[MutationContext, Args], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A function that reads."""

    path: str
    args: Object
    handler: QueryHandler


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """A function that writes, in one transaction."""

    path: str
    args: Object
    handler: MutationHandler


Function = Query | Mutation


def query(path: str, handler: QueryHandler, **fields: Validator | Optional) -> Query:
    """Describe a query; the keyword arguments are the fields of its argument object."""
    return Query(path=path, args=Object(fields), handler=handler)


def mutation(path: str, handler: MutationHandler, **fields: Validator | Optional) -> Mutation:
    """Describe a mutation; the keyword arguments are the fields of its argument object."""
    return Mutation(path=path, args=Object(fields), handler=handler)


class Registry:
    """Looks functions up by the paths that clients send."""

    def __init__(self, functions: Iterable[Function]) -> None:
        self._functions = {function.path: function for function in functions}

    @property
    def functions(self) -> tuple[Function, ...]:
        """All functions, by path."""
        return tuple(self._functions[path] for path in sorted(self._functions))

    def query(self, path: str) -> Query:
        """Return the query of that path, or raise FunctionError."""
        function = self.find(path)
        if not isinstance(function, Query):
            raise _wrong_kind(function, Kind.QUERY)
        return function

    def mutation(self, path: str) -> Mutation:
        """Return the mutation of that path, or raise FunctionError."""
        function = self.find(path)
        if not isinstance(function, Mutation):
            raise _wrong_kind(function, Kind.MUTATION)
        return function

    def is_mutation(self, path: str) -> bool:
        """Whether the function of that path writes, or raise FunctionError."""
        return isinstance(self.find(path), Mutation)

    def find(self, path: str) -> Function:
        """Return the function of that path, or raise FunctionError that names it."""
        canonical = canonical_path(path)
        function = self._functions.get(canonical)
        if function is None:
            module = canonical.partition(":")[0]
            near = [known for known in sorted(self._functions) if known.partition(":")[0] == module]
            hint = f"this module has {', '.join(near)}" if near else "check the module's name"
            raise FunctionError(Code.UNKNOWN_FUNCTION, f"Could not find public function for '{canonical}': {hint}")
        return function


def canonical_path(path: str) -> str:
    """Return `module:function` for the forms that clients send: `module.js:function`, `module` (its default)."""
    module, _, name = path.partition(":")
    return f"{module.removesuffix('.js')}:{name or 'default'}"


def check_args(function: Function, wire_args: object) -> Args:
    """Decode and validate arguments as they came over the wire: an object, or an array that holds one.

    Raises:
        FunctionError: INVALID or TOO_LARGE, naming the field.
    """
    if isinstance(wire_args, list):
        if len(wire_args) != 1:
            raise FunctionError(
                Code.INVALID, f"{function.path}: args: expected one object, got an array of {len(wire_args)}"
            )
        wire_args = wire_args[0]
    where = f"{function.path}: args"
    args = decode(wire_args, where=where)
    function.args.check(args, where)
    checked: Args = args
    return checked


def _wrong_kind(function: Function, wanted: Kind) -> FunctionError:
    actual = Kind.QUERY if isinstance(function, Query) else Kind.MUTATION
    return FunctionError(
        Code.INVALID, f"{function.path} is a {actual}, it was called as a {wanted}: call it as a {actual}"
    )
