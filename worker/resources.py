"""What the worker uses of what it may use: memory of its control group, disk of its data folder.

Read anew for each scrape; what this system does not tell is left out. Decides nothing about it.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

CGROUPS: Final = Path("/sys/fs/cgroup")
# A control group without a limit says `max` (version 2) or the largest multiple of a page (version 1).
_UNLIMITED_BYTES: Final = 1 << 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Memory of a control group in bytes; `used` leaves out the file cache that the kernel takes back on demand."""

    used_bytes: int
    limit_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """Where a version of control groups keeps its figures."""

    folder: str
    usage: str
    limit: str
    cache: str


_LAYOUTS: Final = (
    _Layout(folder="", usage="memory.current", limit="memory.max", cache="inactive_file"),
    _Layout(folder="memory", usage="memory.usage_in_bytes", limit="memory.limit_in_bytes", cache="total_inactive_file"),
)


def read_memory(cgroups: Path = CGROUPS) -> Memory | None:
    """Return the memory of this process's control group, or None where the system does not show it."""
    for layout in _LAYOUTS:
        folder = cgroups / layout.folder
        try:
            usage = int((folder / layout.usage).read_text())
            limit = (folder / layout.limit).read_text().strip()
            statistics = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
        except (OSError, ValueError):
            continue
        limit_bytes = int(limit) if limit.isdecimal() and int(limit) < _UNLIMITED_BYTES else None
        return Memory(used_bytes=max(0, usage - int(statistics.get(layout.cache, 0))), limit_bytes=limit_bytes)
    return None


class Resources(Collector):
    """Gives the figures to Prometheus.

    Args:
        data: The folder whose disk counts.
        cgroups: Where control groups are mounted.
    """

    def __init__(self, data: Path, *, cgroups: Path = CGROUPS) -> None:
        self._data = data
        self._cgroups = cgroups

    def collect(self) -> Iterator[Metric]:
        """Yield one gauge for each figure that can be had."""
        memory = read_memory(self._cgroups)
        if memory is not None:
            yield _gauge("memory_usage", "Memory of the container without reclaimable file cache.", memory.used_bytes)
            if memory.limit_bytes is not None:
                yield _gauge("memory_limit", "Memory that the container may use.", memory.limit_bytes)
        try:
            disk = shutil.disk_usage(self._data)
        except OSError:
            return
        yield _gauge("disk_free", "Free space of the data folder's disk.", disk.free)
        yield _gauge("disk_size", "Size of the data folder's disk.", disk.total)


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"fondation_{name}_bytes", meaning, value=value)
