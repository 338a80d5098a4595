"""One course being written: the map, the plan, the language, and the ways from chapter to chapter."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from analyzer.concepts.model import Concept
from analyzer.markup import escape
from analyzer.plan import CoursePlan, OrderEntry
from analyzer.static.catalogue import Words
from analyzer.static.relations import Relation, relations
from analyzer.static.repository_map import RepositoryMap
from analyzer.static.runs import Runs, candidates
from analyzer.static.script import Script
from course.layout import chapter_file, tutorial_file


@dataclass(slots=True, kw_only=True)
class Course:
    """Answers for one plan; chapters are known by their entry in the order.

    `runs` is what was executed, `scripts` the Python program that a concept's tutorial practises on, by its title.
    """

    repo_map: RepositoryMap
    plan: CoursePlan
    words: Words
    runs: Runs = field(default_factory=Runs)
    relations: tuple[Relation, ...] = ()
    scripts: Mapping[str, Script] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, repo_map: RepositoryMap, plan: CoursePlan, words: Words, runs: Runs) -> "Course":
        """A course for a plan; concepts are matched by name, so a plan edited by hand keeps its own order."""
        course = cls(repo_map=repo_map, plan=plan, words=words, runs=runs, relations=tuple(relations(repo_map)))
        course.scripts = _assigned(repo_map, runs)
        course._numbers = {concept.title: number for number, concept in enumerate(repo_map.concepts)}
        return course

    def number(self, entry: OrderEntry) -> int | None:
        """The concept's number, or None for an abstraction that somebody wrote by hand."""
        return self._numbers.get(entry.name)

    def concept(self, entry: OrderEntry) -> Concept:
        """The chapter's concept; for an abstraction written by hand, one made of its files."""
        if (number := self.number(entry)) is not None:
            return self.repo_map.concepts[number]
        links = self.repo_map.links
        paths = tuple(path for path in self.plan.abstraction(entry).file_paths if path in links.modules)
        symbols = [symbol for path in paths for symbol in links.modules[path].symbols if not symbol.parent]
        symbols.sort(key=lambda symbol: (-self.repo_map.score(symbol), symbol.span.path, symbol.span.start))
        return Concept(
            title=entry.name,
            term="",
            main=None,
            sections=(),
            symbols=tuple(symbol.key for symbol in symbols[:12]),
            paths=paths,
            reasons=(),
            position=(),
        )

    def entry(self, number: int) -> OrderEntry | None:
        """The chapter of a concept, when the plan has one."""
        name = self.repo_map.concepts[number].title
        return next((entry for entry in self.plan.order if entry.name == name), None)

    def link(self, entry: OrderEntry) -> str:
        """A Markdown link to a chapter in the same folder."""
        return f"[{escape(entry.name)}]({chapter_file(entry.index, entry.name)})"

    def tutorial_link(self, entry: OrderEntry) -> str:
        """A Markdown link from a chapter to its tutorial."""
        return f"[{escape(entry.name)}](../tutorials/{tutorial_file(entry.index, entry.name)})"

    def needs(self, entry: OrderEntry) -> tuple[list[OrderEntry], list[OrderEntry]]:
        """Chapters that this one uses: those before it, and those that come later."""
        number = self.number(entry)
        before: list[OrderEntry] = []
        later: list[OrderEntry] = []
        for relation in self.relations:
            other = self.entry(relation.target) if relation.source == number else None
            if other is not None and not self.repo_map.concepts[relation.target].is_start:
                (before if self.position(other) < self.position(entry) else later).append(other)
        return before, later

    def position(self, entry: OrderEntry) -> int:
        """Place in teaching order, from 0."""
        return self.plan.order.index(entry)

    def neighbour(self, entry: OrderEntry, step: int) -> OrderEntry | None:
        """The chapter before (-1) or after (+1)."""
        place = self.position(entry) + step
        return self.plan.order[place] if 0 <= place < len(self.plan.order) else None


def _assigned(repo_map: RepositoryMap, runs: Runs) -> dict[str, Script]:
    """A script for each concept that has one, no test twice; where anything was run, only what was seen to hold."""
    taken: set[str] = set()
    found: dict[str, Script] = {}
    for concept in repo_map.concepts:
        for script in candidates(repo_map, concept):
            place = script.snippet.span.label
            if place not in taken and (not runs.results or runs.holds(script)):
                taken.add(place)
                found[concept.title] = script
                break
    return found
