"""Requests to the web page while a deployment replaces what serves it: how many fail, and for how long.

The page's port belongs to its container, so the old one has to go before the new one comes: there is a gap, and this
measures it. A deployment that does not touch the page must lose nothing.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from time import monotonic

import httpx

from bench.report import Figure
from tests.trial import Trial

RATE_PER_S = 20
_TIMEOUT_S = 5.0
_SETTLE_S = 2.0
_RUNS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Requests at a steady rate: when each was due, in seconds, and whether it succeeded."""

    due_s: tuple[float, ...]
    succeeded: tuple[bool, ...]

    @property
    def failed(self) -> int:
        """How many did not succeed."""
        return self.succeeded.count(False)

    @property
    def gap_s(self) -> float:
        """From the first failed request to the first good one after the last failed."""
        wrong = [index for index, good in enumerate(self.succeeded) if not good]
        if not wrong:
            return 0.0
        after = min(wrong[-1] + 1, len(self.due_s) - 1)
        return self.due_s[after] - self.due_s[wrong[0]]


def measure(trial: Trial) -> Iterator[Figure]:
    """Yield the figures of a deployed stack; each deployment changes one line."""
    url = trial.outputs()["webUrl"]
    page = [during(url, partial(_change, trial, "web", number)) for number in range(_RUNS)]
    yield Figure(
        name=f"page replaced, {RATE_PER_S} requests/s: failed requests",
        samples=[load.failed for load in page],
        unit=f"of about {len(page[0].due_s)}",
        peer="the port belongs to the container: a gap is stated, not hidden",
    )
    yield Figure(
        name="page replaced: gap",
        samples=[load.gap_s for load in page],
        unit="s",
        limit=18,
        peer="Coolify, every rolling update: 18-31 s",
    )
    worker = during(url, lambda: _change(trial, "worker", 0))
    yield Figure(
        name=f"worker replaced, {RATE_PER_S} requests/s to the page: failed requests",
        samples=[worker.failed],
        unit=f"of {len(worker.due_s)}",
        limit=0,
    )


def during(url: str, deployment: Callable[[], object]) -> Load:
    """Return what became of requests that were sent at a steady rate while a deployment ran."""
    ended = threading.Event()
    due: list[float] = []
    with (
        httpx.Client(timeout=_TIMEOUT_S, trust_env=False) as http,
        ThreadPoolExecutor(max_workers=int(RATE_PER_S * _TIMEOUT_S)) as pool,
    ):
        answers = []

        def send() -> None:
            begin = monotonic()
            while not ended.wait(max(0.0, begin + len(due) / RATE_PER_S - monotonic())):
                due.append(monotonic() - begin)
                answers.append(pool.submit(_succeeds, http, url))

        sender = threading.Thread(target=send)
        sender.start()
        try:
            deployment()
        finally:
            ended.wait(_SETTLE_S)
            ended.set()
            sender.join()
        return Load(due_s=tuple(due), succeeded=tuple(answer.result() for answer in answers))


def _succeeds(http: httpx.Client, url: str) -> bool:
    try:
        return http.get(url).is_success
    except httpx.HTTPError:
        return False


def _change(trial: Trial, package: str, number: int) -> None:
    module = trial.checkout / package / "__init__.py"
    module.write_text(f"{module.read_text()}\n# change {number}\n")
    trial.pulumi("up", "--yes", "--skip-preview")
