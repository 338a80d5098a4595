"""Tasks that run side by side as far as their order allows, with progress that never goes silent.

A task that fails stops those that need it; the others run to their end, since what they make is kept and the next try
is then short. Knows nothing of what the tasks do.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Final

from ops.context import Line, Report
from ops.errors import OpsError

HEARTBEAT_S: Final = 8.0
SHOWN_CHARACTERS: Final = 60

Work = Callable[[Line], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One piece of work; it starts when every task named in `after` has succeeded.

    `work` receives a function that takes its latest news, shown with the next heartbeat, and returns its result in
    a few words.
    """

    name: str
    work: Work
    after: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class _Running:
    task: Task
    began: float
    news: list[str] = field(default_factory=lambda: [""])


def run_tasks(
    tasks: Iterable[Task], *, report: Report, clock: Callable[[], float], heartbeat_s: float = HEARTBEAT_S
) -> dict[str, str]:
    """Run tasks and return their results by name.

    Raises:
        OpsError: The first failure, after everything that could run has ended.
    """
    waiting = list(tasks)
    running: dict[Future[str], _Running] = {}
    done: dict[str, str] = {}
    failures: list[OpsError] = []
    with ThreadPoolExecutor(max_workers=max(1, len(waiting))) as pool:
        while waiting or running:
            ready = [task for task in waiting if all(name in done for name in task.after)]
            waiting = [task for task in waiting if task not in ready]
            for task in ready:
                state = _Running(task=task, began=clock())
                running[pool.submit(_work, state)] = state
            if not running:
                break
            finished, _ = wait(running, timeout=heartbeat_s, return_when=FIRST_COMPLETED)
            if not finished:
                report("still running", ", ".join(_describe(state, clock()) for state in running.values()))
            for future in finished:
                state = running.pop(future)
                try:
                    done[state.task.name] = future.result()
                except OpsError as error:
                    failures.append(error)
                    outcome = f"failed: {str(error).splitlines()[0]}"
                else:
                    outcome = done[state.task.name]
                report(state.task.name, f"{outcome} ({clock() - state.began:.1f} s)")
    for task in waiting:
        report(task.name, f"not started, it needs {' and '.join(name for name in task.after if name not in done)}")
    if failures:
        raise failures[0]
    return done


def _work(state: _Running) -> str:
    def note(news: str) -> None:
        state.news[0] = news

    return state.task.work(note)


def _describe(state: _Running, now: float) -> str:
    news = " ".join(state.news[0].split())[:SHOWN_CHARACTERS]
    return f"{state.task.name} {now - state.began:.0f} s" + (f" ({news})" if news else "")
