"""Evaluates queries on a snapshot, once for all subscribers that ask the same thing.

Runs on the reader's thread. The memory of answers is bounded by bytes; the oldest unused go first.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from backend.errors import Code, FunctionError
from backend.registry import Args, Query, QueryContext, Registry, check_args
from backend.tags import TagClock
from backend.transaction import Snapshot
from backend.values import check_size, size_of, to_json
from course.limits import ARRAY_MAX_ITEMS, RETURN_MAX_BYTES

_CACHE_BYTES: Final = 32 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A query with checked arguments; `key` is equal for equal calls."""

    function: Query
    args: Args
    authorized: bool
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a query returned at `ts`: JSON text, or the error it raised.

    Attributes:
        tags: What it read; the answer holds until one of them is touched.
        digest: Equal for equal answers.
    """

    text: str
    error: FunctionError | None
    tags: frozenset[str]
    ts: int
    digest: bytes

    @classmethod
    def refused(cls, error: FunctionError) -> "Answer":
        """Return the answer to a query that cannot be run at all."""
        return cls(text="", error=error, tags=frozenset(), ts=0, digest=_digest(str(error)))


def prepare(registry: Registry, path: str, wire_args: object, *, authorized: bool) -> Call:
    """Look the query up and check its arguments, or raise FunctionError."""
    function = registry.query(path)
    args = check_args(function, wire_args)
    key = f"{int(authorized)} {function.path} {to_json(dict(sorted(args.items())))}"
    return Call(function=function, args=args, authorized=authorized, key=key)


def encode_result(path: str, value: object) -> str:
    """Return a function's result as JSON text, within the limit."""
    if isinstance(value, list) and len(value) > ARRAY_MAX_ITEMS:
        raise FunctionError(
            Code.TOO_LARGE, f"{path}: the result has {len(value)} items, the limit is {ARRAY_MAX_ITEMS}"
        )
    check_size(size_of(value), RETURN_MAX_BYTES, f"{path}: the result")
    return to_json(value)


class Evaluator:
    """Answers calls, from memory where nothing they read was touched since."""

    def __init__(self, tags: TagClock, clock: Callable[[], float], *, cache_bytes: int = _CACHE_BYTES) -> None:
        self._tags = tags
        self._clock = clock
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._room_bytes = cache_bytes

    def fresh(self, call: Call, snapshot: Snapshot, ts: int) -> Answer:
        """Run the query."""
        branch = snapshot.branch()
        context = QueryContext(db=branch, now=self._clock(), authorized=call.authorized)
        text, error = "", None
        try:
            text = encode_result(call.function.path, call.function.handler(context, call.args))
        except FunctionError as refused:
            error = refused
        digest = _digest(text or str(error))
        return Answer(text=text, error=error, tags=frozenset(branch.tags), ts=ts, digest=digest)

    def answer(self, call: Call, snapshot: Snapshot, ts: int) -> Answer:
        """Return the answer at `ts`, from memory if it still holds."""
        known = self._answers.pop(call.key, None)
        if known is not None:
            self._room_bytes += len(known.text)
            if self._tags.newest(known.tags) <= known.ts:
                self._remember(call.key, known)
                return replace(known, ts=ts)
        answer = self.fresh(call, snapshot, ts)
        self._remember(call.key, answer)
        return answer

    def _remember(self, key: str, answer: Answer) -> None:
        self._answers[key] = answer
        self._room_bytes -= len(answer.text)
        while self._room_bytes < 0:
            _, forgotten = self._answers.popitem(last=False)
            self._room_bytes += len(forgotten.text)


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
