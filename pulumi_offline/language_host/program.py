"""Runs one Pulumi program in this process, and shows its errors as its author expects them."""

from __future__ import annotations

import asyncio
import logging
import os
import runpy
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import grpc  # type: ignore[import-untyped]  # it ships no types
import pulumi
from pulumi import log
from pulumi.runtime import reset_options, run_in_stack, set_all_config

if TYPE_CHECKING:
    from collections.abc import Coroutine, Generator, Iterator
    from types import TracebackType

    from pulumi.runtime.proto.language_pb2 import RunRequest

# Files whose frames say nothing about the program.
_NOISE = (str(Path(__file__).parent), str(Path(pulumi.__file__).parent), str(Path(asyncio.__file__).parent), "<frozen")


def run(request: RunRequest, engine_address: str) -> bool:
    """Run the program of the request to its end; False after an error, which the user has then seen."""
    configure(request, engine_address)
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # tasks that die with the program have no reader
    loop = asyncio.new_event_loop()
    loop.set_default_executor(ThreadPoolExecutor(max_workers=max(request.parallel, 1) * 4))
    loop.set_exception_handler(_ignore_engine_loss)
    origins = Origins()
    loop.set_task_factory(origins.task)
    message = None
    try:
        loop.run_until_complete(run_in_stack(lambda: run_file(entry_point(request), Path(request.pwd))))
    except BaseException as error:  # noqa: BLE001  # the program's boundary
        message = explanation(origins.restored(error))
    finally:
        _cancel_tasks(loop)
        loop.close()
        sys.stdout.flush()
        sys.stderr.flush()
    if message is not None:
        log.error(message)
    return message is None


def configure(request: RunRequest, engine_address: str) -> None:
    """Point the SDK at the engine and hand it the stack's configuration."""
    reset_options(
        project=request.project,
        monitor_address=request.monitor_address,
        engine_address=engine_address,
        stack=request.stack,
        parallel=request.parallel,
        preview=request.dryRun,
        organization=request.organization or "organization",
    )
    set_all_config(dict(request.config), list(request.configSecretKeys))


def entry_point(request: RunRequest) -> Path:
    """The file to run: a folder means its `__main__.py`."""
    path = Path(request.info.program_directory or request.pwd) / (request.info.entry_point or request.program)
    return path / "__main__.py" if path.is_dir() else path


def run_file(file: Path, working_directory: Path) -> None:
    """Run the file as `__main__`, with its folder importable, as `python file` does."""
    os.chdir(working_directory)
    sys.path.insert(0, str(file.parent))
    runpy.run_path(str(file), run_name="__main__")


def explanation(error: BaseException) -> str | None:
    """What the user is told; None when there is nothing to tell (a clean exit, or the engine is gone)."""
    if isinstance(error, pulumi.RunError):
        return str(error)
    if isinstance(error, grpc.RpcError):
        gone = error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
        return None if gone else str(error.details())
    if isinstance(error, SystemExit):
        return None if error.code in (None, 0) else f"the program ended with {error.code}"
    return "the program failed:\n" + own_traceback(error)


def own_traceback(error: BaseException) -> str:
    """The traceback without the frames of the SDK, of asyncio and of this host, unless it has no others."""
    report = traceback.TracebackException.from_exception(error)
    for part in _chain(report):
        own = [frame for frame in part.stack if _is_own(frame.filename)]
        part.stack = traceback.StackSummary.from_list(own or part.stack)
    return "".join(report.format()).rstrip()


class Origins:
    """Remembers where the errors of tasks were raised.

    The SDK awaits the tasks of a program in the order of a set. Awaiting one whose error went through several futures
    can leave a traceback of SDK frames only, so the author would not learn which line failed.
    """

    def __init__(self) -> None:
        self._tracebacks: dict[BaseException, TracebackType] = {}

    def task(
        self,
        loop: asyncio.AbstractEventLoop,
        coro: Coroutine[Any, Any, Any] | Generator[Any, None, Any],
    ) -> asyncio.Task[Any]:
        """A task factory."""
        task = asyncio.Task(cast("Coroutine[Any, Any, Any]", coro), loop=loop)
        task.add_done_callback(self._note)
        return task

    def restored(self, error: BaseException) -> BaseException:
        """The error with the traceback that leads to the program's own line, where the SDK lost it."""
        first = self._tracebacks.get(error)
        return error.with_traceback(first) if first is not None and not _has_own(error.__traceback__) else error

    def _note(self, task: asyncio.Task[Any]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and error.__traceback__ is not None and _has_own(error.__traceback__):
            self._tracebacks.setdefault(error, error.__traceback__)


def _has_own(report: TracebackType | None) -> bool:
    return any(_is_own(frame.f_code.co_filename) for frame, _ in traceback.walk_tb(report))


def _is_own(filename: str) -> bool:
    return not filename.startswith(_NOISE)


def _chain(report: traceback.TracebackException | None) -> Iterator[traceback.TracebackException]:
    while report is not None:
        yield report
        report = report.__cause__ or report.__context__


def _ignore_engine_loss(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    if isinstance(context.get("exception"), grpc.RpcError):
        loop.stop()


def _cancel_tasks(loop: asyncio.AbstractEventLoop) -> None:
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
