"""Runs transactions: one writer thread with group commit, one reader thread on snapshots.

The event loop never waits for the disk. A result is delivered to the loop after its commit is on the disk; all results
of one commit come in one call, after the listener was told what the commit touched.
"""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from random import Random
from threading import Thread
from typing import Any, Final, Generic, TypeVar

from backend.database import Database, table_numbers
from backend.errors import BackendError, Code, FunctionError, StorageError
from backend.tags import TagClock
from backend.transaction import Snapshot, Transaction

MAX_BATCH: Final = 64
Clock = Callable[[], float]
Listener = Callable[[int, frozenset[str]], None]
T = TypeVar("T")
log = logging.getLogger(__name__)


def now_ms() -> float:
    """Return the time as Convex shows it: milliseconds since 1970."""
    return time.time() * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Generic[T]):
    """A transaction's result and the timestamp at which it holds."""

    value: T
    ts: int


@dataclass(slots=True)
class _Work:
    call: Callable[..., Any]
    future: "asyncio.Future[Outcome[Any]]"
    reads_only: bool = False
    value: Any = None
    error: BaseException | None = None


class Store:
    """The database behind an asyncio face. `start` before use, `stop` after; both on the event loop's thread."""

    def __init__(self, database: Database, *, clock: Clock, random: Random) -> None:
        self.tags = TagClock()
        self._database = database
        self._clock = clock
        self._random = random
        self._writes: SimpleQueue[_Work | None] = SimpleQueue()
        self._reads: SimpleQueue[_Work | None] = SimpleQueue()
        self._threads: list[Thread] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listener: Listener | None = None
        self._numbers = table_numbers(database.writer)
        self._last_ts: int = database.writer.execute("SELECT ts FROM commitClock").fetchone()[0]
        # The newest commit that the event loop knows of; the listener has heard of it and of all before it.
        self.delivered_ts = self._last_ts

    def start(self, listener: Listener) -> None:
        """Start the threads; the listener hears of every commit, on the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._listener = listener
        self._threads = [Thread(target=self._run_writer, name="writer", daemon=True)]
        if self._database.reader is not None:
            self._threads.append(
                Thread(target=self._run_reader, args=(self._database.reader,), name="reader", daemon=True)
            )
        for thread in self._threads:
            thread.start()

    async def stop(self) -> None:
        """Finish what was submitted, then close the database."""
        self._writes.put(None)
        self._reads.put(None)
        for thread in self._threads:
            await asyncio.to_thread(thread.join)
        self._threads = []
        self._database.close()

    def write(self, call: Callable[[Transaction], T]) -> "asyncio.Future[Outcome[T]]":
        """Submit a transaction; calls are applied in the order of submission.

        The future fails with FunctionError as raised by `call`, or with StorageError. Then nothing of it was kept.
        """
        return self._submit(self._writes, _Work(call=call, future=asyncio.get_running_loop().create_future()))

    def read(self, call: Callable[[Snapshot, int], T]) -> "asyncio.Future[Outcome[T]]":
        """Run a call on a snapshot that holds everything acknowledged so far; it gets the snapshot's timestamp too."""
        queue = self._writes if self._database.reader is None else self._reads
        work = _Work(call=call, future=asyncio.get_running_loop().create_future(), reads_only=True)
        return self._submit(queue, work)

    def _submit(self, queue: "SimpleQueue[_Work | None]", work: _Work) -> "asyncio.Future[Outcome[Any]]":
        if not self._threads:
            raise StorageError("the backend is stopping: try again in a moment")
        queue.put(work)
        return work.future

    def _run_writer(self) -> None:
        while batch := _next_batch(self._writes):
            self._apply(batch)

    def _apply(self, batch: list[_Work]) -> None:
        """Run a batch in one transaction, each call in its own savepoint, and commit once."""
        connection = self._database.writer
        ts = max(self._last_ts + 1, int(self._clock() * 1e6))
        touched: set[str] = set()
        try:
            connection.execute("BEGIN IMMEDIATE")
            changes = connection.total_changes
            for work in batch:
                if work.reads_only:
                    _run_read(connection, work, ts if touched else self._last_ts)
                else:
                    self._run_write(connection, work, touched)
                    self.tags.touch(touched, ts)
            if connection.total_changes > changes:
                connection.execute("UPDATE commitClock SET ts = ?", (ts,))
                connection.execute("COMMIT")
                self._last_ts = ts
            else:
                connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            log.exception("a commit of %d calls failed", len(batch))
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            touched.clear()
            for work in batch:
                work.error = StorageError(
                    f"the database cannot be written ({error}): nothing was kept, free space or try again"
                )
        self._post(batch, self._last_ts, frozenset(touched))

    def _run_write(self, connection: sqlite3.Connection, work: _Work, touched: set[str]) -> None:
        transaction = Transaction(connection, now=self._clock(), random=self._random, numbers=self._numbers)
        connection.execute("SAVEPOINT call")
        try:
            work.value = work.call(transaction)
        except sqlite3.IntegrityError as error:
            connection.execute("ROLLBACK TO call")
            work.error = _as_function_error(error)
        except sqlite3.Error:
            # The transaction as a whole is in doubt: `_apply` rolls it back.
            raise
        except Exception as error:  # noqa: BLE001 - the boundary of a call: the writer outlives a faulty function
            connection.execute("ROLLBACK TO call")
            work.error = _as_function_error(error)
        else:
            touched |= transaction.touched
        connection.execute("RELEASE call")

    def _run_reader(self, connection: sqlite3.Connection) -> None:
        while (work := self._reads.get()) is not None:
            ts = 0
            try:
                connection.execute("BEGIN")
                ts = connection.execute("SELECT ts FROM commitClock").fetchone()[0]
                _run_read(connection, work, ts)
            except sqlite3.Error as error:
                log.exception("a read failed")
                work.error = StorageError(f"the database cannot be read ({error}): try again")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            self._post([work], ts, frozenset())

    def _post(self, batch: list[_Work], ts: int, touched: frozenset[str]) -> None:
        assert self._loop is not None  # noqa: S101 - threads run between start and stop only
        try:
            self._loop.call_soon_threadsafe(self._deliver, batch, ts, touched)
        except RuntimeError:
            log.warning("the event loop is closed: %d results were not delivered", len(batch))

    def _deliver(self, batch: list[_Work], ts: int, touched: frozenset[str]) -> None:
        self.delivered_ts = max(self.delivered_ts, ts if not all(work.reads_only for work in batch) else 0)
        if touched and self._listener is not None:
            self._listener(ts, touched)
        for work in batch:
            if work.future.done():
                continue
            if work.error is not None:
                work.future.set_exception(work.error)
            else:
                work.future.set_result(Outcome(value=work.value, ts=ts))


def _next_batch(queue: "SimpleQueue[_Work | None]") -> list[_Work]:
    """Wait for work, then take what else is there; an empty list means stop."""
    batch: list[_Work] = []
    work = queue.get()
    while work is not None:
        batch.append(work)
        if len(batch) == MAX_BATCH:
            return batch
        try:
            work = queue.get_nowait()
        except Empty:
            return batch
    if batch:
        queue.put(None)
    return batch


def _run_read(connection: sqlite3.Connection, work: _Work, ts: int) -> None:
    try:
        work.value = work.call(Snapshot(connection), ts)
    except sqlite3.Error:
        raise
    except Exception as error:  # noqa: BLE001 - the boundary of a call: the reader outlives a faulty function
        work.error = _as_function_error(error)


def _as_function_error(error: Exception) -> Exception:
    if isinstance(error, BackendError):
        return error
    log.error("a function failed", exc_info=error)
    return FunctionError(Code.INTERNAL, f"Server Error: {type(error).__name__}; the backend's log has the details")
