"""The engine `static`: each step is a pure function of the repository's text and the files of the steps before."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analyzer.plan import Abstraction, CoursePlan, OrderEntry, Relationship, Relationships
from analyzer.source.snapshot import Snapshot
from analyzer.static import overview
from analyzer.static.chapter import write_chapter
from analyzer.static.course import Course
from analyzer.static.relations import describe, evidence, label, main_relations, order_of, reasons
from analyzer.static.repository_map import RepositoryMap, map_repository
from analyzer.static.review import review_chapter
from analyzer.static.tutorial import write_tutorial


@dataclass(slots=True)
class StaticEngine:
    """Writes a course with no model, no network, no clock."""

    repo_map: RepositoryMap
    _guide: Course | None = None

    @classmethod
    def of(
        cls, snapshot: Snapshot, *, processes: int = 1, progress: Callable[[int, int], None] | None = None
    ) -> "StaticEngine":
        """Read the repository into a map; everything else follows from it."""
        return cls(map_repository(snapshot, processes=processes, progress=progress))

    def extract(self) -> Sequence[Abstraction]:
        """Groups of definitions that belong together, the most important first."""
        return [
            Abstraction(name=topic.name, description=describe(self.repo_map, topic), file_paths=topic.paths)
            for topic in self.repo_map.topics
        ]

    def relate(self, abstractions: Sequence[Abstraction]) -> Relationships:
        """Links between the groups, each with the line that proves it."""
        known = {item.name: position for position, item in enumerate(abstractions)}
        items: list[Relationship] = []
        for relation in main_relations(self.repo_map):
            source = known.get(self.repo_map.topics[relation.source].name)
            target = known.get(self.repo_map.topics[relation.target].name)
            if source is not None and target is not None:
                items.append(
                    Relationship(
                        source=source,
                        target=target,
                        label=label(self.repo_map, relation),
                        evidence=evidence(self.repo_map, relation.telling),
                    )
                )
        items.extend(overview.lonely(self.repo_map, abstractions, items))
        return Relationships(summary=overview.summary(self.repo_map), items=tuple(items))

    def order(self, abstractions: Sequence[Abstraction], relationships: Relationships) -> Sequence[OrderEntry]:
        """Foundations first; abstractions added by hand come last."""
        del relationships  # the map knows more than the few that are drawn
        order = order_of(self.repo_map)
        names = [item.name for item in abstractions]
        told = [
            (self.repo_map.topics[number].name, reason)
            for number, reason in zip(order, reasons(self.repo_map, order), strict=True)
            if self.repo_map.topics[number].name in names
        ]
        told += [(name, "It was added by hand.") for name in names if name not in {known for known, _ in told}]
        return [OrderEntry(index=index, name=name, reasoning=reason) for index, (name, reason) in enumerate(told)]

    def chapter(self, plan: CoursePlan, entry: OrderEntry) -> str:
        """The chapter's first version."""
        return write_chapter(self.course(plan), entry)

    def review(self, plan: CoursePlan, entry: OrderEntry, chapter: str) -> str:
        """The chapter with everything checked, what failed mended, and a report."""
        return review_chapter(self.course(plan), entry, chapter)

    def tutorial(self, plan: CoursePlan, entry: OrderEntry, reviewed: str) -> str:
        """Exercises on the chapter's own code."""
        del reviewed  # the exercises come from the code, as the chapter does
        return write_tutorial(self.course(plan), entry)

    def course(self, plan: CoursePlan) -> Course:
        """The course for a plan, made once."""
        if self._guide is None or (self._guide.plan is not plan and self._guide.plan != plan):
            self._guide = Course.of(self.repo_map, plan)
        return self._guide
