"""How a figure is printed, and on which machine it was measured."""

import os
import platform
import statistics
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

_MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured quantity: samples in `unit`, the limit that it must keep, and what it is compared with."""

    name: str
    samples: Sequence[float]
    unit: str
    limit: float | None = None
    peer: str = ""

    def row(self) -> str:
        """Return the figure as a Markdown table row: median, minimum, maximum, limit, verdict, peer."""
        median = statistics.median(self.samples)
        kept = "" if self.limit is None else ("kept" if median <= self.limit else "MISSED")
        limit = "" if self.limit is None else f"{self.limit:g}"
        span = f"{min(self.samples):.3g}-{max(self.samples):.3g}, n={len(self.samples)}"
        return f"| {self.name} | {median:.3g} {self.unit} | {span} | {limit} | {kept} | {self.peer} |"


def timed(action: Callable[[], object]) -> float:
    """Return how long an action took, in seconds."""
    begin = perf_counter()
    action()
    return perf_counter() - begin


def machine() -> str:
    """Return one line on the machine: cores, memory, system, versions."""
    memory_mib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _MIB
    server = subprocess.run(
        ["docker", "version", "--format", "{{.Server.Version}}"], capture_output=True, text=True, check=True
    ).stdout.strip()
    return (
        f"{os.cpu_count()} cores, {memory_mib} MiB, {platform.system()} {platform.release()},"
        f" Python {platform.python_version()}, Docker {server}"
    )


def table(figures: Sequence[Figure]) -> str:
    """Return figures as a Markdown table."""
    head = ["| figure | median | range | limit | | compared with |", "|---|---|---|---|---|---|"]
    return "\n".join([*head, *(figure.row() for figure in figures)])
