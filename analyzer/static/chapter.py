"""A chapter: why the thing exists, where it sits, its ideas in code, what happens inside, who uses it, what to keep."""

from collections.abc import Iterator, Sequence
from typing import Final

from analyzer.code.model import Kind, Span, Symbol
from analyzer.graph.links import path_of
from analyzer.plan import OrderEntry
from analyzer.static import describe, docs, usage, walkthrough
from analyzer.static.course import Course
from analyzer.static.diagram import EDGES_MAX, flowchart, sequence, trace
from analyzer.static.excerpt import excerpt, whole_or_core
from analyzer.static.files import file_ideas
from analyzer.static.main_definitions import main_definitions
from analyzer.static.overview import readme_lead
from analyzer.static.relations import Relation, own_words, verb_and_name
from analyzer.static.repository_map import RepositoryMap, Topic
from analyzer.static.text import cite, code, count, escape, listing, listing_more, said, sentence

OTHERS_MAX: Final = 10
FILES_MIN: Final = 3
FILES_MAX: Final = 12
TRACE_MIN: Final = 3
NEIGHBOURS_MAX: Final = 4


def write_chapter(course: Course, entry: OrderEntry) -> str:
    """The Markdown of one chapter."""
    topic = course.topic(entry)
    number = course.number(entry)
    ideas = main_definitions(course.repo_map, topic)
    sections = [
        f"# Chapter {entry.index + 1}: {escape(entry.name)}",
        *_opening(course, entry, topic),
        *_purpose(course.repo_map, topic, ideas),
        *(_place(course, entry, number) if number is not None else ()),
        *_ideas(course.repo_map, topic, ideas),
        *_inside(course.repo_map, topic),
        *(_uses(course, topic, number, ideas) if number is not None else ()),
        *_summary(course, entry, topic, ideas),
        *_onward(course, entry, number),
    ]
    return "\n\n".join(section.strip("\n") for section in sections if section.strip()) + "\n"


def quote(text: str, label: str) -> str:
    """A block quote with its source below."""
    return f"> {docs.markdown(text)}\n>\n> — `{label}`"


def _opening(course: Course, entry: OrderEntry, topic: Topic) -> Iterator[str]:
    """What the chapter is about; the first one also shows the whole course."""
    before = course.neighbour(entry, -1)
    names = [code(symbol.name) for symbol in main_definitions(course.repo_map, topic)[:3]]
    about = f"This chapter is about {listing(names)}" if names else f"This chapter is about {escape(entry.name)}"
    where = listing_more([code(path) for path in topic.paths[:2]], len(topic.paths), "file")
    yield f"{about}, in {where}. {course.standing(entry)}"
    if before is None:
        yield from _course(course)


def _course(course: Course) -> Iterator[str]:
    repo_map = course.repo_map
    yield "## The whole course at a glance"
    if lead := readme_lead(repo_map):
        yield f"{escape(repo_map.project)} introduces itself like this:"
        yield quote(lead[0], lead[1].label)
    if len(course.plan.order) > 1:
        yield "The chapters, foundations first:"
        yield "\n".join(_contents(course, place, entry) for place, entry in enumerate(course.plan.order, start=1))
    if len(course.plan.order) > 1 and course.drawn:
        yield "The parts, and what each takes from the others (an arrow points to what is used):"
        yield flowchart(repo_map, _strongest(course.drawn, 2 * EDGES_MAX), direction="TD")


def _contents(course: Course, place: int, entry: OrderEntry) -> str:
    """One line of the table of contents: the chapter and the first thing that its source says of itself."""
    words = own_words(course.repo_map, course.topic(entry))
    told = said(docs.markdown(docs.first_sentence(words.text))) if words is not None else ""
    return f"{place}. {course.link(entry)}" + (f": {told}" if told else "")


def _strongest(relations: Sequence[Relation], limit: int) -> list[Relation]:
    chosen = sorted(relations, key=lambda relation: (-relation.strength, relation.source, relation.target))[:limit]
    return sorted(chosen, key=lambda relation: (relation.source, relation.target))


def _purpose(repo_map: RepositoryMap, topic: Topic, ideas: Sequence[Symbol]) -> Iterator[str]:
    yield "## What it is for"
    words = own_words(repo_map, topic)
    if words is not None:
        yield (
            f"{words.speaker} says of itself:"
            if words.is_file
            else f"The source documents {words.speaker} in these words:"
        )
        yield quote(docs.opening(words.text), words.source.label)
    names = [symbol.name for symbol in ideas]
    mention = usage.readme_mention(repo_map, names)
    if mention is not None:
        yield f"The project's own documentation puts it to use ({cite(mention[1])}):"
        yield quote(mention[0], mention[1].label)
    sizes = [f"{code(path)} ({count(repo_map.links.modules[path].line_count, 'line')})" for path in topic.paths[:4]]
    yield f"You find it in {listing_more(sizes, len(topic.paths), 'file')}. {_reach(repo_map, ideas)}".strip()
    yield from _files(repo_map, topic)


def _files(repo_map: RepositoryMap, topic: Topic) -> Iterator[str]:
    """For a topic of many files: what each says it is for."""
    told = [
        f"- {code(path)} ({count(module.line_count, 'line')}): {said(docs.markdown(first))}"
        for path in topic.paths
        if (module := repo_map.links.modules[path]).doc and (first := docs.first_sentence(module.doc.text))
    ]
    if len(told) >= FILES_MIN:
        yield "What its files say of themselves, the most important first:"
        yield "\n".join(told[:FILES_MAX])


def _reach(repo_map: RepositoryMap, ideas: Sequence[Symbol]) -> str:
    exported = [symbol for symbol in ideas if symbol.key in repo_map.exported and symbol.is_public]
    if not exported:
        packages = {_package(repo_map, path_of(key)) for key in repo_map.exported}
        homes = {_package(repo_map, symbol.span.path) for symbol in ideas}
        return "The package exports none of it by name: it serves the rest of the code." if homes & packages else ""
    names = listing([code(repo_map.public_name(symbol)) for symbol in exported])
    return f"Users of the package reach it as {names}."


def _package(repo_map: RepositoryMap, path: str) -> str:
    return repo_map.links.modules[path].name.partition(".")[0]


def _place(course: Course, entry: OrderEntry, number: int) -> Iterator[str]:
    """The neighbours in the dependency graph, drawn and told with their evidence."""
    del entry
    uses = [relation for relation in course.relations if relation.source == number][:NEIGHBOURS_MAX]
    used = [relation for relation in course.relations if relation.target == number][:NEIGHBOURS_MAX]
    if not uses and not used:
        return
    yield "## Where it sits"
    yield flowchart(course.repo_map, sorted({*uses, *used}, key=lambda r: (r.source, r.target)), number)
    told = [f"- It uses {course.topic_link(relation.target)}: {_proof(course.repo_map, relation)}" for relation in uses]
    told += [
        f"- {course.topic_link(relation.source)} uses it: {_proof(course.repo_map, relation)}" for relation in used
    ]
    yield "Each arrow stands on a line of the source:"
    yield "\n".join(told)


def _proof(repo_map: RepositoryMap, relation: Relation) -> str:
    link = relation.telling
    caller = repo_map.symbol(link.source)
    who = code(caller.qualname) if caller is not None else code(link.span.path)
    verb, name = verb_and_name(repo_map, link)
    more = len(relation.links) - 1
    tail = f", and {count(more, 'more link')}" if more > 0 else ""
    return f"{who} {verb} {code(name)} ({cite(link.span)}){tail}."


def _ideas(repo_map: RepositoryMap, topic: Topic, ideas: Sequence[Symbol]) -> Iterator[str]:
    yield "## Key ideas"
    if not ideas:
        yield from file_ideas(repo_map, topic)
        return
    words = own_words(repo_map, topic)
    for symbol in ideas:
        yield f"### {code(symbol.name)}"
        yield from _idea(repo_map, symbol, words.source.label if words is not None else "")
    rest = [s for s in repo_map.top_symbols(topic) if s not in ideas and s.kind is not Kind.CONSTANT and s.is_public]
    if rest:
        yield "### Also here"
        yield "\n".join(_line(repo_map, symbol) for symbol in rest[:OTHERS_MAX])
        if len(rest) > OTHERS_MAX:
            yield f"There are {count(len(rest) - OTHERS_MAX, 'more definition')} of this kind in the same files."


def _line(repo_map: RepositoryMap, symbol: Symbol) -> str:
    head = Span(path=symbol.span.path, start=symbol.span.start, end=max(symbol.span.start, symbol.head_end))
    told = said(describe.purpose(symbol)) or sentence(describe.nature(repo_map, symbol))
    return f"- {code(symbol.name)} ({cite(head)}): {told}"


def _idea(repo_map: RepositoryMap, symbol: Symbol, quoted: str) -> Iterator[str]:
    where = cite(symbol.span)
    if symbol.kind not in {Kind.CLASS, Kind.FUNCTION}:
        yield f"{code(symbol.signature or symbol.name)} is defined at {where}."
    else:
        facts = [f"{code(symbol.name)} is {describe.nature(repo_map, symbol)} ({where})."]
        facts += (
            [describe.offered(repo_map, symbol), describe.abilities(repo_map, symbol)]
            if symbol.kind is Kind.CLASS
            else []
        )
        facts.append(describe.accepted(symbol) if symbol.kind is Kind.FUNCTION else "")
        yield " ".join(fact for fact in facts if fact)
    span = whole_or_core(repo_map, symbol)
    if symbol.doc and docs.opening(symbol.doc.text):
        shown = span is not None and span.start <= symbol.doc.start and symbol.doc.end <= span.end
        source = Span(path=symbol.span.path, start=symbol.doc.start, end=symbol.doc.end)
        if source.label != quoted and not shown:
            yield quote(docs.opening(symbol.doc.text), source.label)
    if table := describe.parameter_table(repo_map, symbol):
        yield table
    if span is not None and (block := excerpt(repo_map, span)):
        yield _introduction(symbol, span)
        yield block
    if counterpart := describe.twin(repo_map, symbol):
        yield counterpart
    members = [symbol] if symbol.kind is Kind.FUNCTION else repo_map.members(symbol)
    if refused := describe.refusals(members):
        yield "Where it refuses to go on:"
        yield "\n".join(f"- {line}" for line in refused)


def _introduction(symbol: Symbol, span: Span) -> str:
    if span == symbol.span:
        return "Here is all of it:"
    if symbol.kind is Kind.CLASS:
        return "This is where it takes shape:"
    return "Its core reads:"


def _inside(repo_map: RepositoryMap, topic: Topic) -> Iterator[str]:
    symbol = walkthrough.central_function(repo_map, topic)
    if symbol is None or repo_map.links.modules[symbol.span.path].language != "python":
        return
    yield f"## Under the hood: {code(symbol.qualname)}"
    told = describe.purpose(symbol)
    yield f"To see these pieces work together, follow {code(symbol.qualname + '()')} ({cite(symbol.span)})." + (
        f" Its documentation begins: {said(told)}" if told else ""
    )
    messages = trace(repo_map, symbol)
    if len(messages) >= TRACE_MIN:
        yield (
            "These are the calls that can be followed in the source, in the order of their lines. Which of them a run "
            "makes depends on the branches that it takes:"
        )
        yield sequence(messages)
    steps = walkthrough.steps(repo_map, symbol)
    if steps:
        yield "From top to bottom:"
        yield "\n".join(f"{place}. {step}" for place, step in enumerate(steps, start=1))


def _uses(course: Course, topic: Topic, number: int, ideas: Sequence[Symbol]) -> Iterator[str]:
    repo_map = course.repo_map
    callers = usage.callers(repo_map, number)
    sighting = usage.best_test(repo_map, topic)
    example = usage.readme_example(repo_map, [symbol.name for symbol in ideas])
    if not callers and sighting is None and example is None:
        return
    yield "## How it is used"
    if example is not None and (block := excerpt(repo_map, example[0], example[1])):
        yield "The README shows it from the outside:"
        yield block
    if callers:
        yield "Elsewhere in the code:"
        yield "\n".join(f"- {caller}" for caller in callers)
    if sighting is not None and (block := excerpt(repo_map, sighting.function.span)):
        yield f"A test shows {code(sighting.uses.qualname)} in a small, complete case:"
        yield block
    if told := usage.describe_tests(repo_map, topic):
        yield told


def _summary(course: Course, entry: OrderEntry, topic: Topic, ideas: Sequence[Symbol]) -> Iterator[str]:
    del entry
    yield "## What to remember"
    points: list[str] = []
    for symbol in ideas[:3]:
        told = describe.purpose(symbol)
        what = f"{code(symbol.name)} is {describe.nature(course.repo_map, symbol)}"
        points.append(f"- {what}: {said(told)}" if told else f"- {what}.")
    central = walkthrough.central_function(course.repo_map, topic)
    if central is not None:
        points.append(f"- When in doubt, start reading at {code(central.qualname + '()')} ({cite(central.span)}).")
    points = points or [
        f"- {code(path)} holds {count(course.repo_map.links.modules[path].line_count, 'line')}."
        for path in topic.paths[:3]
    ]
    yield "\n".join(points)


def _onward(course: Course, entry: OrderEntry, number: int | None) -> Iterator[str]:
    yield "## Where to go next"
    lines: list[str] = []
    before, after = course.neighbour(entry, -1), course.neighbour(entry, 1)
    if after is not None:
        lines.append(f"- Next: {course.link(after)}.")
    if before is not None:
        lines.append(f"- Before: {course.link(before)}.")
    near = [r.target if r.source == number else r.source for r in course.relations if number in {r.source, r.target}]
    related = [course.entry(topic) for topic in dict.fromkeys(near)]
    links = [course.link(found) for found in related if found is not None and found not in {before, after}][:3]
    if links:
        lines.append(f"- Closely related: {listing(links)}.")
    if after is None:
        lines.append("- This is the last chapter. The tutorials let you try what you have read.")
    yield "\n".join(lines)
