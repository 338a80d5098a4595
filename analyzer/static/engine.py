"""The engine `static`: each step is a pure function of the repository's text and the files of the steps before."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analyzer.plan import Abstraction, CoursePlan, OrderEntry, Relationship, Relationships
from analyzer.source.snapshot import Snapshot
from analyzer.static import overview
from analyzer.static.atlas import Atlas, chart
from analyzer.static.chapter import write_chapter
from analyzer.static.guide import Guide
from analyzer.static.relations import describe, evidence, label, main_relations, order_of, reasons
from analyzer.static.review import review_chapter
from analyzer.static.tutorial import write_tutorial


@dataclass(slots=True)
class StaticEngine:
    """Writes a course with no model, no network, no clock."""

    atlas: Atlas
    _guide: Guide | None = None

    @classmethod
    def of(
        cls, snapshot: Snapshot, *, processes: int = 1, progress: Callable[[int, int], None] | None = None
    ) -> "StaticEngine":
        """Read the repository into an atlas; everything else follows from it."""
        return cls(chart(snapshot, processes=processes, progress=progress))

    def extract(self) -> Sequence[Abstraction]:
        """Groups of definitions that belong together, the most important first."""
        return [
            Abstraction(name=topic.name, description=describe(self.atlas, topic), file_paths=topic.paths)
            for topic in self.atlas.topics
        ]

    def relate(self, abstractions: Sequence[Abstraction]) -> Relationships:
        """Links between the groups, each with the line that proves it."""
        known = {item.name: position for position, item in enumerate(abstractions)}
        items: list[Relationship] = []
        for relation in main_relations(self.atlas):
            source = known.get(self.atlas.topics[relation.source].name)
            target = known.get(self.atlas.topics[relation.target].name)
            if source is not None and target is not None:
                items.append(
                    Relationship(
                        source=source,
                        target=target,
                        label=label(self.atlas, relation),
                        evidence=evidence(self.atlas, relation.telling),
                    )
                )
        items.extend(overview.lonely(self.atlas, abstractions, items))
        return Relationships(summary=overview.summary(self.atlas), items=tuple(items))

    def order(self, abstractions: Sequence[Abstraction], relationships: Relationships) -> Sequence[OrderEntry]:
        """Foundations first; abstractions added by hand come last."""
        del relationships  # the atlas knows more than the few that are drawn
        order = order_of(self.atlas)
        names = [item.name for item in abstractions]
        told = [
            (self.atlas.topics[number].name, reason)
            for number, reason in zip(order, reasons(self.atlas, order), strict=True)
            if self.atlas.topics[number].name in names
        ]
        told += [(name, "It was added by hand.") for name in names if name not in {known for known, _ in told}]
        return [OrderEntry(index=index, name=name, reasoning=reason) for index, (name, reason) in enumerate(told)]

    def chapter(self, plan: CoursePlan, entry: OrderEntry) -> str:
        """The chapter's first version."""
        return write_chapter(self.guide(plan), entry)

    def review(self, plan: CoursePlan, entry: OrderEntry, chapter: str) -> str:
        """The chapter with everything checked, what failed mended, and a report."""
        return review_chapter(self.guide(plan), entry, chapter)

    def tutorial(self, plan: CoursePlan, entry: OrderEntry, reviewed: str) -> str:
        """Exercises on the chapter's own code."""
        del reviewed  # the exercises come from the code, as the chapter does
        return write_tutorial(self.guide(plan), entry)

    def guide(self, plan: CoursePlan) -> Guide:
        """The guide for a plan, made once."""
        if self._guide is None or (self._guide.plan is not plan and self._guide.plan != plan):
            self._guide = Guide.of(self.atlas, plan)
        return self._guide
