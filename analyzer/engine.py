"""The seam between the six steps and whoever writes the text: the static engine or a language model.

An engine returns values and Markdown. It writes no file and checks nothing: the pipeline does both for every engine.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from analyzer.errors import NoModelEngineError
from analyzer.plan import Abstraction, CoursePlan, OrderEntry, Relationships


class EngineName(StrEnum):
    """The engines that can be named on the command line."""

    STATIC = "static"
    CLAUDE = "claude"


class Engine(Protocol):
    """One method per step; each is called at most once per run, or once per chapter."""

    @property
    def at_once(self) -> int:
        """How many texts of a step may be made at the same time, each in a thread of its own."""
        ...

    def halt(self) -> None:
        """End what runs in those threads: the run is over."""
        ...

    def extract(self) -> Sequence[Abstraction]:
        """Step 1: the main ideas, the most important first."""
        ...

    def relate(self, abstractions: Sequence[Abstraction]) -> Relationships:
        """Step 2: how they depend on each other."""
        ...

    def order(self, abstractions: Sequence[Abstraction], relationships: Relationships) -> Sequence[OrderEntry]:
        """Step 3: the order to teach them in."""
        ...

    def chapter(self, plan: CoursePlan, entry: OrderEntry) -> str:
        """Step 4: one chapter."""
        ...

    def review(self, plan: CoursePlan, entry: OrderEntry, chapter: str) -> str:
        """Step 5: the chapter, checked and mended, with its review section."""
        ...

    def tutorial(self, plan: CoursePlan, entry: OrderEntry, reviewed: str) -> str:
        """Step 6: the exercise that belongs to the chapter."""
        ...


def no_model_engine(wanted: str) -> NoModelEngineError:
    """The error for a request that only a language model can answer."""
    return NoModelEngineError(
        f"{wanted} needs a language model, and this installation has none",
        remedy="use `analyze <path> --engine static`, which needs no model; or give the stack a model with "
        "`bin/pulumi config set fondation:engine claude` and `bin/fondation auth login`, and deploy it",
    )
