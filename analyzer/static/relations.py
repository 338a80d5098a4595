"""Steps 1 to 3 from the map: descriptions, relationships with their evidence, the order with its reasons."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analyzer.code.model import Doc, Kind, Span
from analyzer.graph.links import Link, LinkKind
from analyzer.graph.order import teaching_order
from analyzer.graph.rank import joint
from analyzer.static import docs
from analyzer.static.repository_map import RepositoryMap, Topic
from analyzer.static.text import cite, code, count, listing_more, sentence

PER_TOPIC_MAX = 3
NAMED_MAX = 4
NEIGHBOURS_NAMED = 3
WORDS_FROM = 6
FILES_OF_A_PACKAGE = 4
WEAK_BELOW = 1.0
STRENGTH = {
    LinkKind.CALLS: 1.0,
    LinkKind.CREATES: 1.0,
    LinkKind.INHERITS: 4.0,
    LinkKind.RAISES: 0.3,
    LinkKind.TYPED: 0.7,
    LinkKind.IMPORTS: 0.1,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """One topic's use of another: the most telling links first."""

    source: int
    target: int
    links: tuple[Link, ...]
    strength: float

    @property
    def telling(self) -> Link:
        """The link that says most."""
        return self.links[0]


def relations(repo_map: RepositoryMap) -> list[Relation]:
    """Every dependency between topics, the strongest first."""
    found: list[Relation] = []
    for source in range(len(repo_map.topics)):
        for target in range(len(repo_map.topics)):
            links = repo_map.between(source, target) if source != target else []
            if links:
                strength = sum(STRENGTH[link.kind] for link in links)
                found.append(Relation(source=source, target=target, links=tuple(links), strength=round(strength, 3)))
    return sorted(found, key=lambda relation: (-relation.strength, relation.source, relation.target))


def main_relations(repo_map: RepositoryMap) -> list[Relation]:
    """The relations worth drawing: the strongest few of each topic, and one at least for each that has any."""
    chosen: list[Relation] = []
    everything = relations(repo_map)
    for topic in range(len(repo_map.topics)):
        chosen.extend([relation for relation in everything if relation.source == topic][:PER_TOPIC_MAX])
    for topic in range(len(repo_map.topics)):
        if not any(topic in {relation.source, relation.target} for relation in chosen):
            chosen.extend([relation for relation in everything if topic in {relation.source, relation.target}][:1])
    return sorted(set(chosen), key=lambda relation: (relation.source, -relation.strength, relation.target))


def label(repo_map: RepositoryMap, relation: Relation) -> str:
    """A few words for the relation: `creates Response`, `extends BaseTransport`."""
    return " ".join(verb_and_name(repo_map, relation.telling))


def verb_and_name(repo_map: RepositoryMap, link: Link) -> tuple[str, str]:
    """The link in two parts: `creates` and `Response`; a whole file is named by its last part."""
    target = repo_map.symbol(link.target)
    if target is None:
        return "imports", link.target.rpartition("/")[2]
    verb = {LinkKind.IMPORTS: "imports", LinkKind.TYPED: "refers to"}.get(link.kind, link.kind.value)
    return verb, target.qualname if target.kind in {Kind.METHOD, Kind.PROPERTY} else target.name


def evidence(repo_map: RepositoryMap, link: Link) -> str:
    """The citation of a link's line and the line itself."""
    return f"{cite(link.span)}: {code(repo_map.line(link.span.path, link.span.start))}"


def describe(repo_map: RepositoryMap, topic: Topic) -> str:
    """The abstraction's description: what it says of itself, what it holds, where it lives."""
    parts: list[str] = []
    if said := own_words(repo_map, topic):
        parts.append(sentence(docs.markdown(docs.opening(said.text, 240))))
    symbols = [symbol for symbol in repo_map.top_symbols(topic) if symbol.kind is not Kind.CONSTANT]
    public = [symbol for symbol in symbols if symbol.is_public] or symbols
    if public:
        named = [code(symbol.name) for symbol in public[:NAMED_MAX]]
        parts.append(f"It defines {listing_more(named, len(public), 'definition')}.")
    lines = sum(repo_map.links.modules[path].line_count for path in topic.paths)
    where = listing_more([code(path) for path in topic.paths[:3]], len(topic.paths), "file")
    parts.append(f"It lives in {where} ({count(lines, 'line')} in all).")
    return " ".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Documentation that introduces a topic: whose it is (as Markdown), where it stands, what it says."""

    speaker: str
    is_file: bool
    source: Span
    text: str


def own_words(repo_map: RepositoryMap, topic: Topic) -> Words | None:
    """What the source says of the topic: its main file, where that is this topic's alone, else its definitions."""
    symbols = [symbol for symbol in repo_map.top_symbols(topic) if symbol.kind is not Kind.CONSTANT]
    package = f"{topic.main_path.rpartition('/')[0]}/__init__.py"
    whole = [package] if package in topic.paths and len(topic.paths) > FILES_OF_A_PACKAGE else []
    paths = [*whole, topic.main_path, *(symbol.span.path for symbol in symbols[:1])]
    for path in dict.fromkeys(paths):
        module = repo_map.links.modules[path]
        if module.doc and docs.first_sentence(module.doc.text) and not _split(repo_map, path):
            return Words(speaker=code(path), is_file=True, source=_span(path, module.doc), text=module.doc.text)
    for symbol in symbols[:WORDS_FROM]:
        if symbol.doc and docs.first_sentence(symbol.doc.text):
            return Words(
                speaker=code(symbol.name),
                is_file=False,
                source=_span(symbol.span.path, symbol.doc),
                text=symbol.doc.text,
            )
    return None


def _span(path: str, doc: Doc) -> Span:
    return Span(path=path, start=doc.start, end=doc.end)


def _split(repo_map: RepositoryMap, path: str) -> bool:
    """Whether the file's definitions are spread over several topics."""
    homes = {repo_map.topic_of(symbol.key) for symbol in repo_map.links.modules[path].symbols if not symbol.parent}
    return len(homes) > 1


def order_of(repo_map: RepositoryMap) -> list[int]:
    """Topic numbers in teaching order."""
    needs = {(relation.source, relation.target): relation.strength for relation in relations(repo_map)}
    weights = [joint(repo_map.score(symbol) for symbol in repo_map.top_symbols(topic)) for topic in repo_map.topics]
    return teaching_order(len(repo_map.topics), needs, weights)


def reasons(repo_map: RepositoryMap, order: Sequence[int]) -> list[str]:
    """Why each topic stands where it stands, in teaching order, in plain text."""
    everything = relations(repo_map)
    return [reason(everything, order, number, lambda topic: repo_map.topics[topic].name) for number in order]


def reason(everything: Sequence[Relation], order: Sequence[int], number: int, name: Callable[[int], str]) -> str:
    """What a topic builds on, what will use it, and where the order had to cut a circle; `name` writes a topic."""
    place = {topic: position for position, topic in enumerate(order)}
    strong = [relation for relation in everything if relation.strength >= WEAK_BELOW] or list(everything)
    uses = [relation.target for relation in strong if relation.source == number and relation.target in place]
    users = [relation.source for relation in strong if relation.target == number and relation.source in place]
    earlier = [topic for topic in uses if place[topic] < place[number]]
    ahead = sorted((topic for topic in users if place[topic] > place[number]), key=lambda topic: place[topic])
    circle = [topic for topic in ahead if topic in uses]
    pieces: list[str] = []
    if earlier:
        pieces.append(f"It builds on {_names(earlier, name)}, explained before.")
    if ahead:
        pieces.append(f"{_names(ahead, name)} will use it.")
    if circle:
        pieces.append(f"It also needs {_names(circle, name)}, explained later: they depend on each other.")
    if not earlier and not ahead:
        pieces.append("It stands on its own: no strong link to another chapter was found in the source.")
    return " ".join(pieces)


def _names(topics: Sequence[int], name: Callable[[int], str]) -> str:
    return listing_more([name(topic) for topic in topics[:NEIGHBOURS_NAMED]], len(topics), "chapter")
