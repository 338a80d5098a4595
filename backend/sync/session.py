"""One client's session: what it subscribed to, what it was shown, what it still has to be told.

No socket here: `receive` takes a frame, `frames` returns those to send next. State is pushed, not events: a client that
reads slowly skips intermediate values. What is kept for it is bounded: one answer per mutation in flight (at most
IN_FLIGHT_MAX; then nothing more is read from it) and a digest per query.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from backend.errors import Code, FunctionError, StorageError
from backend.evaluation import Answer, Call
from backend.service import RequestId, Service
from backend.sync import messages
from backend.sync.messages import Message, ProtocolError, Version

IN_FLIGHT_MAX: Final = 64
QUERIES_MAX: Final = 1024
_THREAD_CHARACTERS: Final = 256 << 10

if TYPE_CHECKING:
    from backend.store import Outcome


@dataclass(slots=True)
class _Subscription:
    path: str
    wire_args: object
    call: Call | None = None
    digest: bytes = b""


class Session:
    """The protocol's state machine for one connection."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._session_id: str | None = None
        self._authorized = False
        self._refusal = "no key was presented"
        self._shown = Version()
        self._query_set = 0
        self._identity = 0
        self._subscriptions: dict[int, _Subscription] = {}
        self._removed: list[int] = []
        self._dirty = False
        self._outbox: deque[str] = deque()
        self._room = asyncio.Semaphore(IN_FLIGHT_MAX)
        self._taken = 0
        self._awake = asyncio.Event()

    def wake(self) -> None:
        """Note that an answer may have changed; the hub calls it."""
        self._dirty = True
        self._awake.set()

    def close(self) -> None:
        """Stop watching."""
        self._service.hub.leave(self)

    async def receive(self, text: str) -> None:
        """Handle one frame of the client.

        Raises:
            ProtocolError: The client broke the protocol; the session must end.
        """
        parse = partial(Message.parse, text)
        message = await asyncio.to_thread(parse) if len(text) > _THREAD_CHARACTERS else parse()
        if self._session_id is None and message.type != "Connect":
            raise ProtocolError(f"{message.type} came before Connect")
        match message.type:
            case "Connect":
                self._connect(message)
            case "Authenticate":
                self._authenticate(message)
            case "ModifyQuerySet":
                self._modify_query_set(message)
            case "Mutation":
                await self._room.acquire()
                self._mutate(message)
            case "Action":
                await self._room.acquire()
                error = FunctionError(Code.UNKNOWN_FUNCTION, f"{message.text('udfPath')}: this backend has no actions")
                self._refuse("ActionResponse", message.number("requestId"), error)
            case "Event":
                pass
            case other:
                raise ProtocolError(f"unknown message type {other[:40]!r}")

    async def ready(self, timeout_s: float) -> bool:
        """Wait until there may be something to send; false when the time ran out."""
        try:
            await asyncio.wait_for(self._awake.wait(), timeout_s)
        except TimeoutError:
            return False
        return True

    async def frames(self) -> list[str]:
        """Return what to send now: answers to mutations first, then the Transition that makes them visible."""
        self._awake.clear()
        frames = list(self._outbox)
        self._taken += len(frames)
        self._outbox.clear()
        # Official clients settle an answered mutation, refused ones included, at the Transition that follows it.
        transition = await self._transition(owed=bool(frames))
        return frames if transition is None else [*frames, transition]

    def sent(self) -> None:
        """Note that what `frames` returned has left; as many new requests may be read."""
        for _ in range(self._taken):
            self._room.release()
        self._taken = 0

    def _connect(self, message: Message) -> None:
        if self._session_id is not None:
            raise ProtocolError("Connect came twice")
        self._session_id = message.text("sessionId")
        if message.fields.get("maxObservedTimestamp") is not None:
            # Timestamps never go back here, so whatever the client saw is behind the next Transition.
            messages.decode_ts(message.text("maxObservedTimestamp"))

    def _authenticate(self, message: Message) -> None:
        self._check_base("Authenticate", message.number("baseVersion"), self._identity)
        kind = message.text("tokenType")
        # A wrong key does not end the session: official clients would reconnect with it for ever and never say why.
        # Whatever needs the key is refused with the reason instead.
        self._authorized = kind == "Admin" and self._service.settings.key.matches(message.text("value"))
        self._refusal = {
            "Admin": "the key presented is not this backend's",
            "User": "user tokens are not accepted here",
        }.get(kind, "no key was presented")
        self._identity += 1
        for subscription in self._subscriptions.values():
            subscription.call = None
        self.wake()

    def _modify_query_set(self, message: Message) -> None:
        self._check_base("ModifyQuerySet", message.number("baseVersion"), self._query_set)
        for modification in message.items("modifications"):
            query_id = modification.number("queryId")
            match modification.type:
                case "Add":
                    path = modification.text("udfPath")
                    self._subscriptions[query_id] = _Subscription(path, modification.fields.get("args", [{}]))
                case "Remove":
                    self._subscriptions.pop(query_id, None)
                    self._removed.append(query_id)
                case other:
                    raise ProtocolError(f"ModifyQuerySet: unknown modification {other[:40]!r}")
        if len(self._subscriptions) > QUERIES_MAX:
            raise ProtocolError(f"{len(self._subscriptions)} subscribed queries, the limit is {QUERIES_MAX}")
        self._query_set = message.number("newVersion")
        self.wake()

    def _mutate(self, message: Message) -> None:
        number = message.number("requestId")
        path = message.text("udfPath")
        if not self._authorized:
            error = FunctionError(Code.UNAUTHORIZED, f"{path} needs the key: {self._refusal}; set it as admin key")
            self._refuse("MutationResponse", number, error)
            return
        try:
            request = RequestId(session=self._session_id or "", number=number)
            future = self._service.mutate(path, message.fields.get("args", [{}]), request=request)
        except (FunctionError, StorageError) as refused:
            self._refuse("MutationResponse", number, refused)
            return
        future.add_done_callback(partial(self._answer, number))

    def _answer(self, number: int, future: "asyncio.Future[Outcome[str]]") -> None:
        if future.cancelled():
            return
        error = future.exception()
        if isinstance(error, FunctionError | StorageError):
            self._refuse("MutationResponse", number, error)
            return
        outcome = future.result()
        self._outbox.append(messages.mutation_succeeded(number, outcome.value, outcome.ts))
        self._awake.set()

    def _refuse(self, kind: str, number: int, error: FunctionError | StorageError) -> None:
        self._outbox.append(messages.request_failed(kind, number, str(error), error.data))
        self._awake.set()

    async def _transition(self, *, owed: bool) -> str | None:
        """Bring the client's view up to date, or return None when nothing that it can see changed."""
        start = self._shown
        end = Version(query_set=self._query_set, identity=self._identity, ts=start.ts)
        removed, dirty = self._removed, self._dirty
        self._removed, self._dirty = [], False
        modifications = [messages.query_removed(query_id) for query_id in removed]
        # Every commit delivered so far woke those whose queries it touched: who is not dirty is up to date.
        ts = self._service.store.delivered_ts
        if dirty:
            ts, changed = await self._changed_answers()
            modifications += changed
        if not (owed or modifications or end != start):
            return None
        self._shown = end.at(ts=max(ts, start.ts))
        return messages.transition(start, self._shown, modifications)

    async def _changed_answers(self) -> tuple[int, list[str]]:
        subscriptions = dict(self._subscriptions)
        failed: dict[int, Answer] = {}
        for query_id, subscription in subscriptions.items():
            try:
                subscription.call = subscription.call or self._service.prepare(
                    subscription.path, subscription.wire_args, authorized=self._authorized
                )
            except FunctionError as error:
                failed[query_id] = Answer.refused(error)
        calls = {query_id: one.call for query_id, one in subscriptions.items() if one.call and query_id not in failed}
        outcome = await self._service.answers(list(calls.values()))
        answers = failed | dict(zip(calls, outcome.value, strict=True))
        tags = frozenset[str]().union(*(answer.tags for answer in answers.values()))
        self._service.hub.watch(self, tags, ts=outcome.ts)
        changed: list[str] = []
        for query_id, answer in sorted(answers.items()):
            if subscriptions[query_id].digest != answer.digest:
                subscriptions[query_id].digest = answer.digest
                changed.append(messages.query_answered(query_id, answer))
        return outcome.ts, changed

    @staticmethod
    def _check_base(kind: str, base: int, current: int) -> None:
        if base != current:
            raise ProtocolError(f"{kind}: base version {base} is not the current version {current}")
