"""The engine `static`: each step is a pure function of the repository's text and the files of the steps before."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analyzer.concepts.model import Concept, Ground
from analyzer.execution.runner import Runner
from analyzer.markup import cite, code
from analyzer.plan import Abstraction, CoursePlan, Evidence, OrderEntry, Relationship, Relationships
from analyzer.source.snapshot import Snapshot
from analyzer.static import overview
from analyzer.static.catalogue import Words
from analyzer.static.chapter import write_chapter
from analyzer.static.course import Course
from analyzer.static.mapping import map_repository
from analyzer.static.relations import relations
from analyzer.static.repository_map import RepositoryMap
from analyzer.static.review import review_chapter
from analyzer.static.runs import Runs, run_course
from analyzer.static.tutorial import write_tutorial
from course.steps import Language


@dataclass(slots=True)
class StaticEngine:
    """Writes a course with no model, no network, no clock."""

    repo_map: RepositoryMap
    words: Words
    runner: Runner | None = None
    say: Callable[[str], None] = lambda _: None
    _runs: Runs | None = None
    _course: Course | None = None

    @classmethod
    def of(
        cls,
        snapshot: Snapshot,
        *,
        language: Language = "en",
        processes: int = 1,
        progress: Callable[[int, int], None] | None = None,
        runner: Runner | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> "StaticEngine":
        """Read the repository into a map; everything else follows from it.

        Args:
            snapshot: The repository.
            language: Language of our own sentences.
            processes: Processes for parsing.
            progress: Told how many files of how many are parsed.
            runner: What examples are run by; None runs none.
            say: Takes a line for whoever watches.
        """
        words = Words(language)
        return cls(map_repository(snapshot, words, processes=processes, progress=progress), words, runner, say)

    @property
    def at_once(self) -> int:
        """One text at a time: nothing is waited for."""
        return 1

    def halt(self) -> None:
        """Do nothing: nothing runs beside."""

    def extract(self) -> Sequence[Abstraction]:
        """The concepts, each with the evidence for it."""
        return [
            Abstraction(
                name=concept.title,
                description=overview.first_words(self.repo_map, concept) or self._described(concept),
                file_paths=concept.paths,
                evidence=tuple(
                    Evidence(kind=reason.ground.value, citation=reason.span.label, says=reason.says)
                    for reason in concept.reasons
                ),
            )
            for concept in self.repo_map.concepts
        ]

    def _described(self, concept: Concept) -> str:
        return self.words("described", paths=", ".join(code(path) for path in concept.paths[:3]))

    def relate(self, abstractions: Sequence[Abstraction]) -> Relationships:
        """Uses of one concept by another, each with the line that proves it; every concept takes part."""
        known = {item.name: position for position, item in enumerate(abstractions)}
        items: list[Relationship] = []
        for relation in relations(self.repo_map):
            source = known.get(self.repo_map.concepts[relation.source].title)
            target = known.get(self.repo_map.concepts[relation.target].title)
            if source is not None and target is not None:
                line = self.repo_map.line(relation.span.path, relation.span.start)
                items.append(
                    Relationship(
                        source=source,
                        target=target,
                        label=self.words(relation.verb, name=relation.target_symbol.name),
                        evidence=f"{cite(relation.span)}: {code(line)}",
                    )
                )
        items.extend(self._lonely(abstractions, items))
        return Relationships(summary=overview.summary(self.repo_map, self.words), items=tuple(items))

    def _lonely(self, abstractions: Sequence[Abstraction], items: Sequence[Relationship]) -> list[Relationship]:
        """A relationship for each abstraction that no other touches, to the one before or after it."""
        touched = {number for item in items for number in (item.source, item.target)}
        found: list[Relationship] = []
        for position, item in enumerate(abstractions):
            if position in touched or len(abstractions) < 2 or not item.file_paths:  # noqa: PLR2004
                continue
            other = position - 1 if position else position + 1
            paths = [
                path
                for path in (item.file_paths[0], *abstractions[other].file_paths[:1])
                if path in self.repo_map.snapshot.files
            ]
            cites = ", ".join(f"`{path}#L1`" for path in paths)
            found.append(
                Relationship(
                    source=position,
                    target=other,
                    label=self.words("beside"),
                    evidence=self.words("beside-evidence", cites=cites),
                )
            )
        return found

    def order(self, abstractions: Sequence[Abstraction], relationships: Relationships) -> Sequence[OrderEntry]:
        """A newcomer's journey; abstractions added by hand come last."""
        del relationships  # the map knows more than the few that are written down
        names = [item.name for item in abstractions]
        told = [(concept.title, self._reason(concept)) for concept in self.repo_map.concepts]
        known = [(name, reason) for name, reason in told if name in names]
        seen = {name for name, _ in known}
        rest = [(name, "") for name in names if name not in seen]
        return [
            OrderEntry(index=index, name=name, reasoning=reason) for index, (name, reason) in enumerate([*known, *rest])
        ]

    def _reason(self, concept: Concept) -> str:
        first = concept.reasons[0] if concept.reasons else None
        if first is None:
            return ""
        where = cite(first.span)
        if concept.is_start:
            return self.words("order-entries" if first.ground is Ground.ENTRY else "order-start", cite=where)
        if concept.main is not None:
            return self.words("order-docs", cite=f"`{concept.main.path}#L{concept.main.start}`")
        if first.ground is Ground.DOMAIN:
            return self.words("order-domain", cite=where)
        if first.ground in {Ground.FOLDER, Ground.PACKAGE, Ground.ENTRY}:
            return self.words("order-code", cite=where)
        return self.words("order-use", name=code(concept.title), cite=where)

    def chapter(self, plan: CoursePlan, entry: OrderEntry) -> str:
        """A chapter from its concept."""
        return write_chapter(self.course(plan), entry)

    def review(self, plan: CoursePlan, entry: OrderEntry, chapter: str) -> str:
        """The chapter, checked against the repository."""
        return review_chapter(self.course(plan), entry, chapter)

    def tutorial(self, plan: CoursePlan, entry: OrderEntry, reviewed: str) -> str:
        """An exercise on the chapter's own code."""
        del reviewed  # the exercise is on the source, not on the chapter's words
        return write_tutorial(self.course(plan), entry)

    def course(self, plan: CoursePlan) -> Course:
        """The course for a plan, made once."""
        if self._course is None or self._course.plan != plan:
            self._course = Course.of(self.repo_map, plan, self.words, self._run())
        return self._course

    def _run(self) -> Runs:
        """What was run, once."""
        if self._runs is None:
            self._runs = run_course(self.repo_map, self.runner)
            if self._runs.why_not:
                self.say(f"Examples were not run: {self._runs.why_not}")
            elif self._runs.was_asked:
                self.say(f"{len(self._runs.results)} examples and checks were run")
        return self._runs
