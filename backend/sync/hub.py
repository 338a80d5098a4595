"""Knows which sessions read which tags, and wakes them when a commit touches one. Event loop only."""

from collections import defaultdict
from typing import Protocol

from backend.tags import TagClock


class Watcher(Protocol):
    """Somebody who wants to know that what they read may have changed."""

    def wake(self) -> None:
        """Look again soon; called on the event loop, must not block."""
        ...


class Hub:
    """Who watches what."""

    def __init__(self, tags: TagClock) -> None:
        self._tags = tags
        self._watchers: defaultdict[str, set[Watcher]] = defaultdict(set)
        self._watched: dict[Watcher, frozenset[str]] = {}

    def watch(self, watcher: Watcher, tags: frozenset[str], *, ts: int) -> None:
        """Replace what the watcher watches; it is woken at once if any of it changed after `ts`."""
        before = self._watched.get(watcher, frozenset())
        for tag in before - tags:
            self._drop(tag, watcher)
        for tag in tags - before:
            self._watchers[tag].add(watcher)
        self._watched[watcher] = tags
        if self._tags.newest(tags) > ts:
            watcher.wake()

    def leave(self, watcher: Watcher) -> None:
        """Forget the watcher."""
        for tag in self._watched.pop(watcher, frozenset()):
            self._drop(tag, watcher)

    def committed(self, _ts: int, touched: frozenset[str]) -> None:
        """Wake everybody who watches something that was touched."""
        for tag in touched & self._watchers.keys():
            for watcher in self._watchers[tag]:
                watcher.wake()

    @property
    def watcher_count(self) -> int:
        """How many watch something."""
        return len(self._watched)

    def _drop(self, tag: str, watcher: Watcher) -> None:
        self._watchers[tag].discard(watcher)
        if not self._watchers[tag]:
            del self._watchers[tag]
