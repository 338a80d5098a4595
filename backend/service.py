"""The backend without a network: functions, store, subscriptions and the timer, behind one object."""

import asyncio
import logging
import time
from dataclasses import dataclass
from random import Random
from typing import Final

from backend import backups, shown_text
from backend.database import Database
from backend.errors import Code, FunctionError
from backend.evaluation import Answer, Call, Evaluator, encode_result, prepare
from backend.functions import queue
from backend.metrics import Metrics
from backend.registry import MutationContext, Registry, check_args
from backend.settings import Settings
from backend.store import Clock, Outcome, Store
from backend.sync.hub import Hub
from backend.transaction import Snapshot, Transaction, state_tag

TICK_S: Final = 0.25
_REPLAY_WINDOW: Final = 256
_REPLAY_AGE_MS: Final = 24 * 3_600_000.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestId:
    """Names a mutation of a session, so that sending it again after a reconnect does not apply it again."""

    session: str
    number: int


class Service:
    """Runs functions. `start` and `stop` on the event loop."""

    def __init__(
        self, *, settings: Settings, registry: Registry, database: Database, clock: Clock, random: Random
    ) -> None:
        self.settings = settings
        self.registry = registry
        self.store = Store(database, clock=clock, random=random)
        self.hub = Hub(self.store.tags)
        self.metrics = Metrics(self.store, settings.database, clock=clock, monotonic_s=time.monotonic)
        self._evaluator = Evaluator(self.store.tags, clock)
        self._clock = clock
        self._tasks: list[asyncio.Task[None]] = []
        self._last_tick = clock()

    async def start(self) -> None:
        """Start the store and the timer; whatever expired while the process was down is reclaimed first."""
        self.store.start(self.hub.committed)
        await self.tick()
        self._tasks = [asyncio.create_task(self._tick_for_ever())]
        if hours := self.settings.backup_hours:
            schedule = backups.Schedule(every_s=hours * 3600, kept=self.settings.backups_kept)
            self._tasks.append(asyncio.create_task(backups.keep_backing_up(self.settings.database, schedule)))

    async def stop(self) -> None:
        """Finish what was accepted and close the database."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.store.stop()

    def prepare(self, path: str, wire_args: object, *, authorized: bool) -> Call:
        """Check a query call, or raise FunctionError."""
        if not authorized and not self.settings.open_reads:
            raise FunctionError(Code.UNAUTHORIZED, "this backend's reads need the key: send it as admin key")
        return prepare(self.registry, path, wire_args, authorized=authorized)

    async def query(self, call: Call) -> Answer:
        """Run a query now."""
        return (await self.store.read(lambda snapshot, ts: self._evaluator.fresh(call, snapshot, ts))).value

    def answers(self, calls: list[Call]) -> "asyncio.Future[Outcome[list[Answer]]]":
        """Answer several queries at one point in time, shared with other subscribers."""
        return self.store.read(
            lambda snapshot, ts: [self._evaluator.answer(call, snapshot, ts) for call in calls],
        )

    def mutate(
        self, path: str, wire_args: object, *, request: RequestId | None = None
    ) -> "asyncio.Future[Outcome[str]]":
        """Submit a mutation; the future holds the result as JSON text. Raises FunctionError for bad arguments."""
        function = self.registry.mutation(path)
        args = check_args(function, wire_args)

        def call(transaction: Transaction) -> str:
            if request is not None and (answered := _recall(transaction, request)) is not None:
                return answered
            context = MutationContext(db=transaction, now=transaction.now, random=transaction.random)
            result = encode_result(function.path, function.handler(context, args))
            if request is not None and transaction.touched:
                _remember(transaction, request, result)
            return result

        return self.store.write(call)

    async def tick(self) -> None:
        """Reclaim expired leases and wake subscribers of jobs whose `runAt` came."""
        now = self._clock()
        due = await self.store.read(
            lambda snapshot, _ts: (
                _is_due(snapshot, since=self._last_tick, now=now),
                shown_text.is_compaction_due(snapshot),
            )
        )
        self._last_tick = now
        is_due, is_compaction_due = due.value
        if is_due:
            await self.store.write(_sweep)
        if is_compaction_due:  # what was deleted for good is overwritten in steps, between which others write
            await self.store.write(shown_text.compact)

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            try:
                await self.tick()
            except Exception:
                # The timer must outlive a full disk: leases are reclaimed as soon as it can write again.
                log.exception("the timer's round failed; it is tried again in %s s", TICK_S)


def _is_due(snapshot: Snapshot, *, since: float, now: float) -> bool:
    ((due,),) = snapshot.scalars(
        "SELECT EXISTS (SELECT 1 FROM jobs WHERE leaseUntil <= ?1) "
        "OR EXISTS (SELECT 1 FROM jobs WHERE status = 'pending' AND runAt > ?2 AND runAt <= ?1) "
        "OR EXISTS (SELECT 1 FROM sessionRequests WHERE createdAt < ?3)",
        (now, since, now - _REPLAY_AGE_MS),
        tag="",
    )
    return bool(due)


def _sweep(transaction: Transaction) -> None:
    queue.reclaim_expired(transaction)
    transaction.execute("DELETE FROM sessionRequests WHERE createdAt < ?", (transaction.now - _REPLAY_AGE_MS,))
    # A job that became due changed no row, but its waiting workers must hear of it.
    transaction.execute("UPDATE commitClock SET ts = ts")
    transaction.touch(state_tag("jobs"))


def _recall(transaction: Transaction, request: RequestId) -> str | None:
    row = transaction.execute(
        "SELECT result FROM sessionRequests WHERE sessionId = ? AND requestId = ?", (request.session, request.number)
    ).fetchone()
    return None if row is None else str(row["result"])


def _remember(transaction: Transaction, request: RequestId, result: str) -> None:
    transaction.execute(
        "INSERT INTO sessionRequests VALUES (?, ?, ?, ?)",
        (request.session, request.number, result, transaction.now),
    )
    # What lies this far back has been answered long ago: a client does not send it again.
    transaction.execute(
        "DELETE FROM sessionRequests WHERE sessionId = ? AND requestId < ?",
        (request.session, request.number - _REPLAY_WINDOW),
    )
