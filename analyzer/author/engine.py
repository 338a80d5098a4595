"""The engine `claude`: a language model writes, code gives it the material, checks the answer and puts in all code.

Grounded in the static engine, which reads the repository and writes each chapter that the model fails at. The model has
no tools and no files: it gets one prompt a call and answers with text.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from analyzer.author import answers
from analyzer.author.answers import Chosen, FaultyAnswerError
from analyzer.author.chapters import review, write_chapter
from analyzer.author.conversation import Conversation
from analyzer.author.desk import BudgetError, Desk, LimitedError
from analyzer.author.estimate import estimate_of
from analyzer.author.outline import candidates_of, candidates_told, head_of, merged, uses_of
from analyzer.author.tutorials import write_tutorial
from analyzer.errors import CutAnswerError, RefusalError, UsageError
from analyzer.markup import cite, code, escape
from analyzer.plan import Abstraction, CoursePlan, OrderEntry, Relationship, Relationships
from analyzer.static.course import Course
from analyzer.static.engine import StaticEngine
from analyzer.static.mapping import with_concepts
from analyzer.static.relations import relations
from analyzer.static.review import problems_of, review_chapter
from course.layout import REVIEWED_DIR, chapter_file
from course.steps import Language, Step

CONCEPTS_MIN: Final = 3
Made = TypeVar("Made")
# What a course goes on after, with the static engine's text in that place; everything else ends the run.
PASSING: Final = (FaultyAnswerError, BudgetError, LimitedError, RefusalError, CutAnswerError)


@dataclass(slots=True, kw_only=True)
class ClaudeEngine:
    """Writes a course with a language model.

    Attributes:
        base: The static engine with the repository's own map.
        desk: Where questions go.
        language: Language of the course.
        say: Takes a line for whoever watches.
        replaced: Chapters and tutorials that the static engine wrote, with the reason.
    """

    base: StaticEngine
    desk: Desk
    language: Language = "en"
    say: Callable[[str], None] = lambda _: None
    replaced: dict[str, str] = field(default_factory=dict)
    _grounded: StaticEngine | None = None
    _described: dict[str, str] = field(default_factory=dict)
    _talk: Conversation | None = None
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def at_once(self) -> int:
        """How many texts may be asked for at the same time."""
        return self.desk.at_once

    def halt(self) -> None:
        """End the calls that run."""
        self.desk.halt()

    def extract(self) -> Sequence[Abstraction]:
        """The concepts that the model chose, with the evidence that code has for them."""
        found = self.grounded.extract()
        return [replace(item, description=self._described.get(item.name) or item.description) for item in found]

    @property
    def grounded(self) -> StaticEngine:
        """The static engine on the concepts that the model chose; on its own where the model gave none."""
        with self._lock:
            if self._grounded is None:
                self._grounded = self._chosen()
            return self._grounded

    def _course(self, plan: CoursePlan) -> Course:
        """The course of a plan, whose examples are run once, by whichever text comes first."""
        with self._lock:
            return self.grounded.course(plan)

    def _chosen(self) -> StaticEngine:
        repo_map = self.base.repo_map
        known = candidates_of(repo_map)
        most = max(len(repo_map.concepts), CONCEPTS_MIN)
        least = min(len(known), max(CONCEPTS_MIN, most // 2))

        def read(text: str) -> list[Chosen]:
            return answers.read_concepts(text, [candidate.words for candidate in known], least=least, most=most)

        given = {"least": least, "most": most, "candidates": candidates_told(repo_map)}
        self._announce(given)
        chosen = self._passing("concepts", lambda: self.talk.asked(Step.EXTRACT, "1-concepts", read, **given))
        if chosen is None:
            return self.base
        concepts = tuple(merged(item.name, [known[place].concept for place in item.candidates]) for item in chosen)
        taken = {place for item in chosen for place in item.candidates}
        further = tuple(candidate.concept for place, candidate in enumerate(known) if place not in taken)
        self._described = {item.name: escape(item.description) for item in chosen}
        base = self.base
        return StaticEngine(with_concepts(repo_map, concepts, further), base.words, base.runner, base.say)

    def relate(self, abstractions: Sequence[Abstraction]) -> Relationships:
        """Uses that code found, chosen and named by the model; what it leaves out of touch, code links."""
        repo_map = self.grounded.repo_map
        uses = relations(repo_map)
        found = self._passing(
            "relations",
            lambda: self.talk.asked(
                Step.ANALYZE,
                "2-relations",
                lambda text: answers.read_relations(text, len(uses)),
                concepts=_listed(abstractions),
                uses=uses_of(repo_map, uses),
            ),
        )
        by_code = self.grounded.relate(abstractions)
        if found is None:
            return by_code
        summary, chosen = found
        place = {item.name: number for number, item in enumerate(abstractions)}
        items: list[Relationship] = []
        for number, label in chosen:
            use = uses[number]
            source, target = (place.get(repo_map.concepts[end].title) for end in (use.source, use.target))
            if source is not None and target is not None:
                line = code(repo_map.line(use.span.path, use.span.start))
                items.append(
                    Relationship(source=source, target=target, label=label, evidence=f"{cite(use.span)}: {line}")
                )
        touched = {number for item in items for number in (item.source, item.target)}
        items += [item for item in by_code.items if item.source not in touched or item.target not in touched]
        told_by = self.base.words("by-model-summary", model=code(self.talk.model))
        plain = "\n\n".join(escape(part) for part in summary.split("\n\n") if part.strip())
        return Relationships(summary=f"{plain}\n\n{told_by}\n\n{by_code.summary}", items=tuple(items))

    def order(self, abstractions: Sequence[Abstraction], relationships: Relationships) -> Sequence[OrderEntry]:
        """The order in which the model teaches the concepts, with its reasons."""
        by_code = self.grounded.order(abstractions, relationships)
        names = [item.name for item in abstractions]
        found = self._passing(
            "order",
            lambda: self.talk.asked(
                Step.ORDER,
                "3-order",
                lambda text: answers.read_order(text, names),
                concepts=_listed(abstractions),
                relations="\n".join(
                    f"- {names[item.source]} {item.label} {names[item.target]}" for item in relationships.items
                ),
                documented=", ".join(entry.name for entry in by_code),
            ),
        )
        if found is None:
            return by_code
        return [OrderEntry(index=number, name=name, reasoning=why) for number, (name, why) in enumerate(found)]

    def chapter(self, plan: CoursePlan, entry: OrderEntry) -> str:
        """One chapter; the static engine's where the model gives none that holds."""
        written = self._passing(
            f"chapter {entry.index + 1}", lambda: write_chapter(self.talk, self._course(plan), entry)
        )
        if written is not None:
            return written
        return self._instead(plan, entry, self.replaced[f"chapter {entry.index + 1}"])

    def review(self, plan: CoursePlan, entry: OrderEntry, chapter: str) -> str:
        """The chapter, checked by code, then read sentence by sentence by a second call."""
        course = self._course(plan)
        name = f"chapter {entry.index + 1}"
        checked = review_chapter(course, entry, chapter)
        if self.base.words("instead", reason="\0").partition("\0")[0] in chapter:
            return checked
        text = checked.rpartition(f"\n## {course.words('review')}\n")[0]
        found = self._passing(f"{name}, review", lambda: review(self.talk, course, entry, text))
        if found is None:
            return review_chapter(course, entry, self._instead(plan, entry, self.replaced[f"{name}, review"]))
        text, author = found
        reviewed = review_chapter(course, entry, text, author=author)
        if open_ := problems_of(course, reviewed, f"{REVIEWED_DIR}/{chapter_file(entry.index, entry.name)}"):
            self.say(f"{name}: without the model ({open_[0]})")
            return review_chapter(course, entry, self._instead(plan, entry, open_[0]))
        return reviewed

    def _instead(self, plan: CoursePlan, entry: OrderEntry, reason: str) -> str:
        first, _, rest = self.grounded.chapter(plan, entry).partition("\n")
        return f"{first}\n\n{self.base.words('instead', reason=escape(reason))}\n{rest}"

    def tutorial(self, plan: CoursePlan, entry: OrderEntry, reviewed: str) -> str:
        """The exercise; the static engine's where the model gives none that holds."""
        course, runner = self._course(plan), self.base.runner
        written = self._passing(f"tutorial {entry.index + 1}", lambda: write_tutorial(self.talk, course, entry, runner))
        return written if written is not None else self.grounded.tutorial(plan, entry, reviewed)

    def _announce(self, given: Mapping[str, object]) -> None:
        """Say what the course will take, before the first call.

        Raises:
            UsageError: It is more than the run may take.
        """
        if self.desk.knows(self.talk.question("1-concepts", **given)):
            return
        expected = estimate_of(self.base.repo_map)
        limit = self.desk.budget.tokens
        self.say(str(expected))
        if limit is not None and expected.tokens > limit:
            raise UsageError(
                f"the course would take about {expected.tokens} tokens, and at most {limit} are allowed",
                remedy="raise fondation:claudeTokensMax (FONDATION_CLAUDE_TOKENS_MAX), or use the engine static",
            )

    def _passing(self, name: str, write: Callable[[], Made]) -> Made | None:
        """What the model gave; None, with the reason kept, where the course goes on without it."""
        try:
            return write()
        except PASSING as error:
            self.replaced[name] = str(error)
            self.say(f"{name}: without the model ({error})")
            return None

    @property
    def talk(self) -> Conversation:
        """The conversation about this repository."""
        if self._talk is None:
            head = head_of(self.base.repo_map)
            self._talk = Conversation(desk=self.desk, head=head, language=self.language, say=self.say)
        return self._talk


def _listed(abstractions: Sequence[Abstraction]) -> str:
    return "\n".join(f"- {item.name} — {item.description}" for item in abstractions)
