"""What the environment says about the model: who writes, how much it may take, where its answers are kept."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

from analyzer.author.desk import Budget, Desk
from analyzer.author.prompts import template
from analyzer.claude.session import session_of
from analyzer.engine import no_model_engine
from analyzer.errors import OutputNotWritableError, UsageError
from analyzer.output import OutputFolder

ANSWERS_DIR: Final = "answers"
LIMIT_MAX: Final = 10**12
PARALLEL_DEFAULT: Final = 1
PARALLEL: Final = {str(number): number for number in range(1, 17)}
WHEN_LIMITED: Final = {"wait": False, "static": True}
Number = TypeVar("Number", int, float)
Known = TypeVar("Known")


def desk_of(environment: Mapping[str, str], folder: Path) -> Desk:
    """Where a run's questions go.

    Args:
        environment: This process's variables.
        folder: Where answers are kept; made where it is missing.

    Raises:
        UsageError: A value is not what it should be.
        NoModelEngineError: There is no Claude Code.
        OutputNotWritableError: The folder cannot be made.
    """
    session = session_of(environment)
    if not session.program.is_file():
        raise no_model_engine("--engine claude")
    session = replace(session, system_prompt=template("system").template.strip())
    budget = Budget(
        tokens=_limit(environment, "FONDATION_CLAUDE_TOKENS_MAX", int),
        usd=_limit(environment, "FONDATION_CLAUDE_BUDGET_USD", float),
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputNotWritableError(
            f"{folder} cannot be made: {error.strerror or error}", remedy="name another folder with --answers"
        ) from error
    return Desk(
        ask=lambda question: session.ask(question, environment),
        folder=OutputFolder(root=folder),
        settings={"model": session.model, "effort": session.effort, "system": session.system_prompt},
        budget=budget,
        model=session.model or "",
        fallback=session.fallback,
        at_once=_one_of(environment, "FONDATION_CLAUDE_PARALLEL", PARALLEL, str(PARALLEL_DEFAULT)),
        goes_on=_one_of(environment, "FONDATION_CLAUDE_WHEN_LIMITED", WHEN_LIMITED, "wait"),
        halt=session.halted.set,
    )


def _one_of(environment: Mapping[str, str], name: str, known: Mapping[str, Known], default: str) -> Known:
    """The value that a variable's word stands for."""
    text = environment.get(name) or default
    if text not in known:
        raise UsageError(f"{name} is {text!r}", remedy=f"give one of {', '.join(known)}")
    return known[text]


def _limit(environment: Mapping[str, str], name: str, kind: Callable[[str], Number]) -> Number | None:
    """A limit; None where none is set."""
    text = environment.get(name, "")
    if not text:
        return None
    try:
        value = kind(text)
    except ValueError:
        value = kind("0")
    if not 0 < value < LIMIT_MAX:
        raise UsageError(f"{name} is {text!r}", remedy="give a number that is more than 0")
    return value


def model_settings(environment: Mapping[str, str]) -> str:
    """What a text depends on beside its repository, as a short word: another model writes another course."""
    names = ("FONDATION_CLAUDE_MODEL", "FONDATION_CLAUDE_EFFORT")
    parts = json.dumps([environment.get(name, "") for name in names])
    return hashlib.sha256(parts.encode()).hexdigest()[:8]
