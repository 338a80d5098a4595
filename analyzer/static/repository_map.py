"""The map that all chapters are written from: the repository's text, its links, its topics."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from analyzer.code.model import Kind, Module, Role, Span, Symbol
from analyzer.code.repository import Repository, parse_repository
from analyzer.graph.groups import Group, group
from analyzer.graph.links import Link, LinkKind, Links, link, path_of
from analyzer.graph.naming import names_of
from analyzer.graph.parts import parts
from analyzer.graph.rank import exported_keys, importance
from analyzer.source.snapshot import Snapshot
from analyzer.static.text import one_line

PROJECT_NAME_MAX_CHARS = 60
TELLING = {
    LinkKind.INHERITS: 0,
    LinkKind.CREATES: 1,
    LinkKind.CALLS: 2,
    LinkKind.RAISES: 3,
    LinkKind.TYPED: 4,
}
EVIDENCE_ROLES = (Role.TEST, Role.EXAMPLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What one chapter is about. `tops` are keys of top-level definitions, by file and line."""

    name: str
    paths: tuple[str, ...]
    tops: tuple[str, ...]
    main_path: str


@dataclass(slots=True, kw_only=True)
class RepositoryMap:
    """Read-only after construction."""

    snapshot: Snapshot
    links: Links
    scores: Mapping[str, float]
    exported: frozenset[str]
    project: str
    topics: tuple[Topic, ...]
    topic_by_key: dict[str, int] = field(default_factory=dict)
    links_between: dict[tuple[int, int], list[Link]] = field(default_factory=dict)

    @property
    def repository(self) -> Repository:
        """All parsed modules."""
        return self.links.repository

    def module(self, path: str) -> Module | None:
        """The module of that path."""
        return self.links.modules.get(path)

    def symbol(self, key: str) -> Symbol | None:
        """The definition of that key."""
        return self.links.symbols.get(key)

    def lines(self, span: Span) -> Sequence[str]:
        """The source lines of a span."""
        return self.snapshot.files[span.path][span.start - 1 : span.end]

    def line(self, path: str, number: int) -> str:
        """One source line, stripped."""
        return self.snapshot.files[path][number - 1].strip()

    def topic_of(self, key: str) -> int | None:
        """The topic that a definition or file belongs to."""
        path, separator, qualname = key.partition("::")
        top = path + separator + qualname.partition(".")[0].partition(" ")[0]
        found = self.topic_by_key.get(top)
        return found if found is not None else self.topic_by_key.get(path_of(key))

    def score(self, symbol: Symbol) -> float:
        """How much the definition matters."""
        return self.scores.get(symbol.key, 0.0)

    def members(self, symbol: Symbol) -> list[Symbol]:
        """A class's own members in source order."""
        module = self.links.modules[symbol.span.path]
        return [member for member in module.symbols if member.parent == symbol.qualname]

    def top_symbols(self, topic: Topic) -> list[Symbol]:
        """The topic's top-level definitions, the most important first."""
        symbols = [self.links.symbols[key] for key in topic.tops if key in self.links.symbols]
        return sorted(symbols, key=lambda symbol: (-self.score(symbol), symbol.span.path, symbol.span.start))

    def functions(self, topic: Topic) -> list[Symbol]:
        """Every function and method of the topic, in order of file and line."""
        found: list[Symbol] = []
        for top in self.top_symbols(topic):
            found.append(top)
            if top.kind is Kind.CLASS:
                found.extend(self.members(top))
        wanted = {Kind.FUNCTION, Kind.METHOD, Kind.PROPERTY}
        return sorted((s for s in found if s.kind in wanted), key=lambda s: (s.span.path, s.span.start))

    def public_name(self, symbol: Symbol) -> str:
        """How a user of the package imports the definition: `httpx.Client`, or its full dotted name."""
        module = self.links.modules[symbol.span.path]
        if symbol.key in self.exported:
            package = module.name.split(".")[0]
            home = self.links.names.by_name.get(package)
            if home is not None and self.links.names.top(home, symbol.name) is symbol:
                return f"{package}.{symbol.name}"
        return f"{module.name}.{symbol.qualname}" if module.name else symbol.qualname

    def between(self, source: int, target: int) -> Sequence[Link]:
        """Links from one topic's source code to another's, the most telling first."""
        return self.links_between.get((source, target), ())

    def sort_links(self) -> None:
        """Sort every link under its pair of topics, once the topics are known."""
        for known in self.links.all:
            source, target = self.topic_of(known.source), self.topic_of(known.target)
            subject = self.links.modules[known.span.path].role is self.repository.subject
            if subject and source is not None and target is not None and source != target:
                self.links_between.setdefault((source, target), []).append(known)
        for found in self.links_between.values():
            found.sort(
                key=lambda link: (
                    TELLING.get(link.kind, len(TELLING)),
                    -self.scores.get(link.target, 0.0),
                    link.span.path,
                    link.span.start,
                )
            )


def map_repository(
    snapshot: Snapshot, *, processes: int = 1, progress: Callable[[int, int], None] | None = None
) -> RepositoryMap:
    """Parse, link, rank, group and name: the whole map of a repository."""
    parsed = parse_repository(snapshot, processes=processes, progress=progress)
    links = link(parsed)
    prose = {path: lines for path, lines in snapshot.files.items() if is_readme(path)}
    scores = importance(links, prose)
    project = project_name(snapshot, parsed)
    groups = group(links, parts(links, scores))
    names = names_of(links, groups, scores, project)
    topics = tuple(_topic(links, name, found) for name, found in zip(names, groups, strict=True))
    repo_map = RepositoryMap(
        snapshot=snapshot,
        links=links,
        scores=scores,
        exported=frozenset(exported_keys(links)),
        project=project,
        topics=topics,
    )
    for number, topic in enumerate(topics):
        for key in topic.tops:
            repo_map.topic_by_key.setdefault(key, number)
    for number, topic in enumerate(topics):
        for path in topic.paths:
            repo_map.topic_by_key.setdefault(path, number)
    repo_map.sort_links()
    return repo_map


def _topic(links: Links, name: str, group: Group) -> Topic:
    tops: list[str] = []
    for part in group.parts:
        if part.tops:
            tops.extend(part.tops)
        else:
            tops.extend(s.key for path in part.paths for s in links.modules[path].symbols if not s.parent)
    main = max(group.parts[0].paths, key=lambda path: (links.modules[path].line_count, path))
    return Topic(name=name, paths=group.paths, tops=tuple(dict.fromkeys(tops)), main_path=main)


def is_readme(path: str) -> bool:
    """Whether the file is the repository's README."""
    return "/" not in path and path.lower().startswith("readme")


def project_name(snapshot: Snapshot, parsed: Repository) -> str:
    """What the project calls itself: in pyproject.toml or package.json, by its only package, in the README's title."""
    for path, mark in (("pyproject.toml", "name"), ("setup.cfg", "name"), ("package.json", '"name"')):
        for line in snapshot.files.get(path, ()):
            key, separator, value = line.replace('":', '"=').partition("=")
            if separator and key.strip() == mark and (name := value.strip().strip("\",'")):
                return name
    packages = sorted({module.name.split(".")[0] for module in parsed.subjects if "." in module.name})
    if len(packages) == 1:
        return packages[0]
    # Never the folder's name: two clones of one commit must give the same bytes.
    titles = [module.title for module in parsed.modules if is_readme(module.path) and module.title]
    return one_line(titles[0])[:PROJECT_NAME_MAX_CHARS] if titles else "the project"
