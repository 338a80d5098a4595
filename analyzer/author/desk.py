"""Where questions go: to answers that are kept, else to the model, within the run's budget.

An answer is kept by the hash of its question, the model and its settings, as one file that is put in place in one move:
a run that was killed repeats the one call that it was waiting for.
"""

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from analyzer.claude.transcript import Answer
from analyzer.errors import ModelChangedError, RateLimitedError
from analyzer.output import OutputFolder

CHARACTERS_PER_TOKEN: Final = 3.2  # of code and English together; counted low, so that estimates are high
Ask = Callable[[str], Answer]


class BudgetError(Exception):
    """The next call could cost more than is left; nothing was asked."""


class LimitedError(Exception):
    """The model takes no more requests for now, and the run goes on without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a run may take; None is no limit. `answer_tokens` is what a single answer is reckoned with beforehand."""

    tokens: int | None = None
    usd: float | None = None
    answer_tokens: int = 4_000


@dataclass(slots=True, kw_only=True)
class Spent:
    """What was taken: calls with their tokens and the CLI's estimate of their cost, and answers that were kept."""

    calls: int = 0
    kept: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    usd: float = 0.0

    @property
    def tokens(self) -> int:
        """All tokens."""
        return self.input_tokens + self.output_tokens


@dataclass(slots=True, kw_only=True)
class Desk:
    """Asks and keeps.

    Attributes:
        ask: Asks the model; raises its own errors.
        folder: Where answers are kept.
        settings: Whatever an answer depends on beside the question: model, effort, the system prompt.
        budget: What the run may take.
        model: Who answers; the first answer decides where the settings do not.
        fallback: Who may answer in its place.
        at_once: How many may ask at the same time.
        goes_on: Whether a run goes on without the model once that takes no more requests.
        halt: Ends the calls that run, for a run that ends.
    """

    ask: Ask
    folder: OutputFolder
    settings: Mapping[str, str | None]
    budget: Budget = field(default_factory=Budget)
    model: str = ""
    fallback: Sequence[str] = ()
    at_once: int = 1
    goes_on: bool = False
    halt: Callable[[], None] = lambda: None
    spent: dict[str, Spent] = field(default_factory=dict)
    answered: Counter[str] = field(default_factory=Counter)
    _promised: int = 0
    _limit: RateLimitedError | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, step: str, question: str) -> str:
        """The answer to a question of a step.

        Raises:
            BudgetError: It could cost more than is left.
            LimitedError: The model takes no more requests, and the run goes on without it.
            ModelChangedError: Another model answered than before.
            ModelUnavailableError: There is none.
        """
        with self._lock:
            spent = self.spent.setdefault(step, Spent())
            if (kept := self._kept(question)) is not None:
                spent.kept += 1
                self._is_ours(kept)
                return kept.text
            promised = self._afford(question)
            self._promised += promised
        answer: Answer | None = None
        try:
            answer = self._asked(question)
        finally:
            with self._lock:
                self._promised -= promised
                if answer is not None:
                    spent.calls += 1
                    spent.input_tokens += answer.input_tokens
                    spent.output_tokens += answer.output_tokens
                    spent.usd += answer.cost_usd
                    self._is_ours(answer)
                    if answer.text.strip():  # nothing is no answer: it is asked for again next time
                        self._keep(question, answer)
        return answer.text

    def _asked(self, question: str) -> Answer:
        if self._limit is not None:
            raise LimitedError(str(self._limit)) from self._limit
        try:
            return self.ask(question)
        except RateLimitedError as error:
            if not self.goes_on:
                raise
            self._limit = error
            raise LimitedError(str(error)) from error

    def knows(self, question: str) -> bool:
        """Whether the answer to a question is kept."""
        return self._kept(question) is not None

    def total(self) -> Spent:
        """All steps together."""
        whole = Spent()
        for step in self.spent.values():
            whole.calls += step.calls
            whole.kept += step.kept
            whole.input_tokens += step.input_tokens
            whole.output_tokens += step.output_tokens
            whole.usd += step.usd
        return whole

    def _afford(self, question: str) -> int:
        """Return what the next call is reckoned with, where that can be afforded beside those that run."""
        spent, next_tokens = self.total(), estimated_tokens(question) + self.budget.answer_tokens
        if self.budget.tokens is not None and spent.tokens + self._promised + next_tokens > self.budget.tokens:
            raise BudgetError(f"{spent.tokens} of {self.budget.tokens} tokens are used, the next call takes some "
                              f"{next_tokens}")  # fmt: skip
        if self.budget.usd is not None and spent.usd >= self.budget.usd:
            raise BudgetError(f"{spent.usd:.2f} of {self.budget.usd:.2f} USD are used")
        return next_tokens

    def _is_ours(self, answer: Answer) -> None:
        """Refuse an answer of another model than the one that was named, or that answered before."""
        if self.model and answer.model and answer.model not in {self.model, *self.fallback}:
            raise ModelChangedError(
                f"{answer.model} answered, and {self.model} before it",
                remedy="name the model that is wanted with fondation:claudeModel; nothing of this answer was used",
            )
        self.model = self.model or answer.model
        self.answered[answer.model] += 1

    def _file(self, question: str) -> str:
        parts = json.dumps([question, dict(sorted(self.settings.items()))], ensure_ascii=False)
        return f"{hashlib.sha256(parts.encode()).hexdigest()[:32]}.json"

    def _kept(self, question: str) -> Answer | None:
        """The kept answer; None where there is none that can be read."""
        try:
            content = json.loads(self.folder.read(self._file(question)) or "")
            return Answer(
                text=str(content["text"]),
                input_tokens=int(content["inputTokens"]),
                output_tokens=int(content["outputTokens"]),
                cost_usd=float(content["costUsd"]),
                model=str(content["model"]),
            )
        except (ValueError, KeyError, TypeError, RecursionError):
            return None

    def _keep(self, question: str, answer: Answer) -> None:
        content = {
            "text": answer.text,
            "inputTokens": answer.input_tokens,
            "outputTokens": answer.output_tokens,
            "costUsd": answer.cost_usd,
            "model": answer.model,
        }
        self.folder.write(self._file(question), json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def estimated_tokens(text: str) -> int:
    """About how many tokens a text is, rather more than less."""
    return int(len(text) / CHARACTERS_PER_TOKEN) + 1
