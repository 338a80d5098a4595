"""One course being written: the map, the plan, and the ways from chapter to chapter."""

from dataclasses import dataclass, field

from analyzer.plan import CoursePlan, OrderEntry
from analyzer.static.relations import Relation, main_relations, reason, relations
from analyzer.static.repository_map import RepositoryMap, Topic
from analyzer.static.text import escape
from course.layout import chapter_file


@dataclass(slots=True, kw_only=True)
class Course:
    """Answers for one plan; chapters are known by their entry in the order."""

    repo_map: RepositoryMap
    plan: CoursePlan
    relations: tuple[Relation, ...] = ()
    drawn: tuple[Relation, ...] = ()
    _numbers: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, repo_map: RepositoryMap, plan: CoursePlan) -> "Course":
        """A course for a plan; topics are matched by name, so a plan edited by hand keeps its own order."""
        course = cls(
            repo_map=repo_map, plan=plan, relations=tuple(relations(repo_map)), drawn=tuple(main_relations(repo_map))
        )
        course._numbers = {topic.name: number for number, topic in enumerate(repo_map.topics)}
        return course

    def number(self, entry: OrderEntry) -> int | None:
        """The topic number of a chapter, or None for an abstraction that somebody wrote by hand."""
        return self._numbers.get(entry.name)

    def topic(self, entry: OrderEntry) -> Topic:
        """The chapter's topic; for an abstraction written by hand, the whole of its files."""
        if (number := self.number(entry)) is not None:
            return self.repo_map.topics[number]
        paths = tuple(path for path in self.plan.abstraction(entry).file_paths if path in self.repo_map.links.modules)
        paths = paths or self.repo_map.topics[0].paths[:1]
        tops = tuple(s.key for path in paths for s in self.repo_map.links.modules[path].symbols if not s.parent)
        return Topic(name=entry.name, paths=paths, tops=tops, main_path=paths[0])

    def entry(self, topic: int) -> OrderEntry | None:
        """The chapter of a topic, when the plan has one."""
        name = self.repo_map.topics[topic].name
        return next((entry for entry in self.plan.order if entry.name == name), None)

    def link(self, entry: OrderEntry) -> str:
        """A Markdown link to a chapter in the same folder."""
        return f"[{escape(entry.name)}]({chapter_file(entry.index, entry.name)})"

    def topic_link(self, topic: int) -> str:
        """A link to the topic's chapter, or its name when the plan leaves it out."""
        entry = self.entry(topic)
        return self.link(entry) if entry is not None else escape(self.repo_map.topics[topic].name)

    def standing(self, entry: OrderEntry) -> str:
        """Why the chapter stands where it stands, with links; the plan's own words when somebody wrote them."""
        number = self.number(entry)
        order = [topic for known in self.plan.order if (topic := self.number(known)) is not None]
        if number is None or entry.reasoning != reason(
            self.relations, order, number, lambda topic: self.repo_map.topics[topic].name
        ):
            return escape(entry.reasoning)
        return reason(self.relations, order, number, self.topic_link)

    def position(self, entry: OrderEntry) -> int:
        """Place in teaching order, from 0."""
        return self.plan.order.index(entry)

    def neighbour(self, entry: OrderEntry, step: int) -> OrderEntry | None:
        """The chapter before (-1) or after (+1)."""
        place = self.position(entry) + step
        return self.plan.order[place] if 0 <= place < len(self.plan.order) else None
