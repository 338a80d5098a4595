"""When each tag was last touched; shared by the writer's, the reader's and the event loop's thread."""

from collections.abc import Iterable
from threading import Lock
from typing import Final

_MAX_TAGS: Final = 100_000


class TagClock:
    """Remembers the newest commit that touched each tag; forgetting errs on the side of "touched"."""

    def __init__(self, *, max_tags: int = _MAX_TAGS) -> None:
        self._touched: dict[str, int] = {}
        self._floor = 0
        self._max_tags = max_tags
        self._lock = Lock()

    def touch(self, tags: Iterable[str], ts: int) -> None:
        """Note a commit; called before it becomes visible, so a reader never trusts an old value."""
        with self._lock:
            for tag in tags:
                # Removed first, so that the dictionary stays in order of age.
                self._touched.pop(tag, None)
                self._touched[tag] = ts
            if len(self._touched) > self._max_tags:
                self._forget_oldest_half()

    def newest(self, tags: Iterable[str]) -> int:
        """Return the timestamp of the newest commit that may have touched any of these tags."""
        with self._lock:
            return max((self._touched.get(tag, self._floor) for tag in tags), default=0)

    def _forget_oldest_half(self) -> None:
        for tag in list(self._touched)[: len(self._touched) // 2]:
            self._floor = max(self._floor, self._touched.pop(tag))
