"""What a run says: lines for people on stderr, JSON lines for programs on stdout. One place, so that neither drifts."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TextIO

from analyzer.errors import AnalyzerError, RateLimitedError
from course.steps import TOTAL_STEPS, Step, step_number, step_title

COUNT_EVERY_S = 1.0


@dataclass(slots=True)
class Console:
    """Writes progress; `clock` returns seconds since the epoch. `level`: -1 quiet, 0 normal, 1 verbose."""

    people: TextIO
    programs: TextIO | None
    clock: Callable[[], float]
    level: int = 0
    _counted_at: float = field(default=0.0)
    _counting_since: float = field(default=0.0)

    def step(self, step: Step) -> None:
        """Announce a step: `[n/6] Title…` and its JSON line."""
        number, title = step_number(step), step_title(step)
        self._say(f"[{number}/{TOTAL_STEPS}] {title}…")
        self._emit("info", f"[FONDATION_STEP_{number}/{TOTAL_STEPS}] {title}", step=number, totalSteps=TOTAL_STEPS)

    def info(self, message: str) -> None:
        """Say something worth knowing."""
        self._say(message)
        self._emit("info", message)

    def note(self, message: str) -> None:
        """Say something that belongs into a job's log, too."""
        self._say(message)
        self._emit("info", message, note=True)

    def detail(self, message: str) -> None:
        """Say something for those who asked for more."""
        if self.level > 0:
            self._say(message)

    def count(self, what: str, done: int, total: int) -> None:
        """Show how far a long piece of work is, at most once a second, and never for a short one."""
        now = self.clock()
        if done == 1 or not self._counted_at:
            self._counted_at = self._counting_since = now
        if now - self._counted_at >= COUNT_EVERY_S and done < total:
            self._counted_at = now
            left_s = (now - self._counting_since) * (total - done) / done
            self._say(f"      {done} of {total} {what}, about {max(1, round(left_s))} s left")

    def answer(self, text: str, **fields: object) -> None:
        """Give a model's answer to the program that reads us."""
        self._emit("info", text, **fields)

    def taken(self, message: str, **fields: object) -> None:
        """Tell what a model's answers took."""
        self._say(message)
        self._emit("info", message, taken=fields)

    def expected(self, message: str, **fields: object) -> None:
        """Tell what a model's answers are expected to take."""
        self._say(message)
        self._emit("info", message, expected=fields)

    def failure(self, error: AnalyzerError) -> None:
        """Report the error that ends the run: what happened, and what to do."""
        remedy = f"\nWhat to do: {error.remedy}" if error.remedy else ""
        print(f"Error: {error}{remedy}", file=self.people, flush=True)
        details: dict[str, object] = {"code": error.code, "remedy": error.remedy}
        if isinstance(error, RateLimitedError):
            details["retryAfterS"] = round(error.retry_after_s)
        self._emit("error", str(error), error=details)

    def _say(self, message: str) -> None:
        if self.level >= 0:
            print(message, file=self.people, flush=True)

    def _emit(self, level: str, message: str, **fields: object) -> None:
        if self.programs is not None:
            line = {"level": level, "time": int(self.clock() * 1000), "context": "analyze", "msg": message, **fields}
            print(json.dumps(line, ensure_ascii=False), file=self.programs, flush=True)
