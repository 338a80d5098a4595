"""A stack's history, read from wherever Pulumi keeps it: a self-managed backend's files, or Pulumi Cloud."""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Protocol

from components.machine import MachineFolders
from ops.errors import CommandError, NotFoundError, StackError
from ops.machine.pulumi_cli import Pulumi
from ops.stack.entries import parse_entry, unreadable, with_source, with_state
from ops.stack.half_written import is_whole
from ops.stack.history_files import ContentError, checkpoint_name, history_names, read_json
from ops.stack.locks import PROJECT
from ops.stack.pulumi_output import explained
from ops.stack.release import Release
from ops.stack.state import State, StateError
from ops.stack.state_files import Files, LocalFiles, local_folder, state_files

_READERS: Final = 16


class History(Protocol):
    """The updates of one stack."""

    def updates(self) -> Sequence[Release]:
        """Return all of them, oldest first, without what only their states tell."""

    def state(self, version: int) -> State:
        """Return what was deployed after an update.

        Raises:
            NotFoundError: It cannot be read; the message says why.
        """


class FileHistory:
    """The history in a self-managed backend, one file per update and one for the state after it."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def updates(self) -> Sequence[Release]:
        """See `History`. An entry that cannot be read keeps its number."""
        names = history_names(self._files)
        # Several at once: an object store answers each request late, and many at the same time.
        with ThreadPoolExecutor(max_workers=_READERS) as pool:
            return [*pool.map(self._entry, range(1, len(names) + 1), names)]

    def state(self, version: int) -> State:
        """See `History`."""
        name = checkpoint_name(history_names(self._files)[version - 1])
        try:
            return State.parse(read_json(self._files, name))
        except ContentError as error:
            raise NotFoundError(f"the state of #{version} is not there: {error}") from error
        except StateError as error:
            place = self._files.place(name)
            raise NotFoundError(f"the state of #{version} cannot be used: {place}: {error}") from error

    def _entry(self, number: int, name: str) -> Release:
        try:
            return parse_entry(number, read_json(self._files, name))
        except ContentError as error:
            return unreadable(number, str(error))


class CloudHistory:
    """The history in Pulumi Cloud, through Pulumi's own commands. It does not tell the ciphertext of configuration."""

    def __init__(self, pulumi: Pulumi) -> None:
        self._pulumi = pulumi

    def updates(self) -> Sequence[Release]:
        """See `History`."""
        listed: Sequence[Mapping[str, Any]] = json.loads(self._call(*history_arguments()) or "[]")
        return sorted((parse_entry(int(entry["version"]), entry) for entry in listed), key=lambda item: item.version)

    def state(self, version: int) -> State:
        """See `History`."""
        try:
            return State.parse(json.loads(self._call(*state_arguments(version))))
        except (CommandError, StateError, ValueError) as error:
            raise NotFoundError(f"the state of #{version} is not there: {error}") from error

    def _call(self, *arguments: str) -> str:
        return self._pulumi.run(*arguments, "--stack", self._pulumi.stack)


def history_arguments() -> Sequence[str]:
    """Return how Pulumi is asked for the history; secrets stay hidden."""
    return ("stack", "history", "--json")


def state_arguments(version: int) -> Sequence[str]:
    """Return how Pulumi Cloud is asked for the state after an update; secrets stay encrypted."""
    return ("stack", "export", "--version", str(version))


def open_history(folders: MachineFolders, stack: str) -> History:
    """Return the history of a stack of this checkout.

    Raises:
        StackError: Its backend is one that cannot be read.
    """
    files = state_files(folders, stack, f".pulumi/history/{PROJECT}/{stack.rpartition('/')[2]}")
    return CloudHistory(Pulumi(folders, stack)) if files is None else FileHistory(files)


def updates(history: History) -> Sequence[Release]:
    """Return the updates of a history, oldest first; a rollback has the revision of its source."""
    found = history.updates()
    by_version = {update.version: update for update in found}
    return [with_source(update, by_version) for update in found]


def completed(history: History, update: Release) -> Release:
    """Return an update with its images, where it was a release and its state can be read."""
    if not update.is_good:
        return update
    try:
        return with_state(update, history.state(update.version))
    except NotFoundError:
        return update


def releases(history: History, *, limit: int | None = None) -> Sequence[Release]:
    """Return the newest updates of a history with revision and images, oldest first.

    Args:
        history: Of one stack.
        limit: How many; all by default. Each costs reading one state.
    """
    return [completed(history, update) for update in updates(history)[-limit if limit else 0 :]]


def current_state(pulumi: Pulumi) -> State:
    """Return what is deployed now, as Pulumi records it.

    Raises:
        StackError: Pulumi cannot tell.
    """
    if (whole := _state_in_folder(pulumi)) is not None:
        return whole
    try:
        return State.parse(exported(pulumi))
    except StateError as error:
        raise StackError(f"what is deployed in stack {pulumi.stack} cannot be told: {error}") from error


def exported(pulumi: Pulumi) -> Mapping[str, Any]:
    """Return what Pulumi exports of the stack, interrupted operations included; needs neither lock nor passphrase.

    Raises:
        StackError: Pulumi failed.
    """
    try:
        found: Mapping[str, Any] = json.loads(pulumi.run("stack", "export", "--stack", pulumi.stack))
    except CommandError as error:
        raise explained(error, pulumi.stack) from error
    return found


def _state_in_folder(pulumi: Pulumi) -> State | None:
    """What Pulumi would export of a state in a folder of this machine, without the sixth of a second of asking it.

    None where Pulumi has to be asked: there is no such file, or it is not whole, and Pulumi says why.
    """
    root = local_folder(pulumi.folders, pulumi.stack)
    if root is None:
        return None
    file = root / ".pulumi" / "stacks" / PROJECT / f"{pulumi.stack.rpartition('/')[2]}.json"
    try:
        return State.parse(read_json(LocalFiles(file.parent), file.name)) if is_whole(file) else None
    except (ContentError, StateError):
        return None
