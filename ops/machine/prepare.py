"""What has to be on the machine before Pulumi can plan: Pulumi itself, Docker, OS base, wheels, npm files, keys.

Everything is made once and found again; what takes longest starts first. The parts can also be made one by one.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final

from components.machine import MachineFolders
from components.npm_files import NpmPinError, needed_pins
from ops.context import Context, Line
from ops.errors import DownloadError, NotFoundError
from ops.machine.daemon import daemon_architecture, ensure_daemon
from ops.machine.facts import Machine, require_space, require_writable
from ops.machine.keys import backend_key_file, ensure_key
from ops.machine.npm import claude_pin, ensure_npm_files
from ops.machine.os_base import ensure_bases
from ops.machine.pulumi_cli import ensure_pulumi
from ops.machine.tasks import Task, run_tasks
from ops.machine.testing import ensure_test_programs
from ops.machine.wheels import LOCKS, NODE, ensure_wheels

if TYPE_CHECKING:
    from components.configuration import StackKeys

PARTS: Final = ("pulumi", "docker", "os", "wheels", "npm", "keys")
TESTS: Final = "tests"
"""The part that only the tests need."""


def prepare(
    context: Context,
    machine: Machine,
    *,
    parts: Sequence[str] = PARTS,
    clock: Callable[[], float] = time.monotonic,
) -> dict[str, str]:
    """Make the named parts and those they need; return a sentence about each.

    Raises:
        NotFoundError: There is no such part.
        OperatorNeededError: The home or the cache cannot be written.
        OpsError: The first part that could not be made, after the others have ended.
    """
    folders = context.folders
    require_writable(folders.home, purpose="the project's state", variable="FONDATION_HOME")
    require_writable(folders.cache, purpose="the cache", variable="XDG_CACHE_HOME")
    if any(part in parts for part in ("pulumi", "os", "wheels", "npm")):
        for folder, purpose in ((folders.cache, "the cache"), (folders.home, "the project's state")):
            require_space(folder, purpose=purpose)
    return run_tasks(chosen(tasks(folders, context.keys, machine), parts), report=context.report, clock=clock)


def tasks(folders: MachineFolders, keys: "StackKeys", machine: Machine) -> list[Task]:
    """Return every part as a task, the longest first."""
    return [
        Task(name="pulumi", work=lambda note: ensure_pulumi(folders, note=note)),
        Task(name="docker", work=lambda note: ensure_daemon(machine=machine, home=folders.home, note=note)),
        Task(
            name="os",
            work=lambda note: ensure_bases(folders.checkout, keys, machine=machine, cache=folders.cache, note=note),
            after=("docker",),
        ),
        Task(name="wheels", work=lambda note: _wheels(folders, keys, note), after=("docker",)),
        Task(
            name="npm",
            work=lambda note: _npm(folders, keys, note),
            after=("docker",) if keys.runs_claude_code else (),
        ),
        Task(name="keys", work=lambda _: _keys(folders)),
        # One apt at a time: the others would only wait for its lock.
        Task(
            name=TESTS,
            work=lambda note: ensure_test_programs(machine=machine, note=note),
            after=("docker", "os"),
        ),
    ]


def chosen(every: Sequence[Task], names: Iterable[str]) -> list[Task]:
    """Return the named tasks with those that they need, in their usual order.

    Raises:
        NotFoundError: There is no task of that name.
    """
    by_name = {task.name: task for task in every}
    wanted: set[str] = set()
    queue = list(names)
    while queue:
        name = queue.pop()
        if name not in by_name:
            raise NotFoundError(f"there is no part {name!r} to prepare: name some of {', '.join(by_name)}")
        if name not in wanted:
            wanted.add(name)
            queue += by_name[name].after
    return [task for task in every if task.name in wanted]


def _wheels(folders: MachineFolders, keys: "StackKeys", note: Line) -> str:
    architecture = daemon_architecture()
    locks = [*LOCKS, *([NODE] if keys.cli_bundle else [])]
    made = [
        lock
        for lock in locks
        if ensure_wheels(folders.checkout, lock, cache=folders.cache, architecture=architecture, note=note)
    ]
    return f"downloaded for {', '.join(made)} ({architecture})" if made else f"are there for {len(locks)} locks"


def _npm(folders: MachineFolders, keys: "StackKeys", note: Line) -> str:
    try:
        pins = needed_pins(folders.checkout, keys)
    except NpmPinError as error:
        raise DownloadError(str(error)) from error
    if keys.runs_claude_code:
        pins.append(claude_pin(folders.checkout, keys, daemon_architecture()))
    made = [pin for pin in pins if ensure_npm_files(pin, root=folders.checkout, cache=folders.cache, note=note)]
    names = ", ".join(f"{pin.package} {pin.version}" for pin in made or pins)
    return f"{names} fetched and verified" if made else f"{names} {'is' if len(pins) == 1 else 'are'} there"


def _keys(folders: MachineFolders) -> str:
    file = backend_key_file(folders)
    return f"{file} created" if ensure_key(file) else "the backend key is there"
