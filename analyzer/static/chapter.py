"""A chapter: why the thing exists, where it sits, its ideas in code, what happens inside, who uses it, what to keep."""

from collections.abc import Iterator, Sequence
from typing import Final

from analyzer.code.model import Kind, Span, Symbol
from analyzer.graph.links import path_of
from analyzer.plan import OrderEntry
from analyzer.static import describe, docs, usage, walkthrough
from analyzer.static.atlas import Atlas, Topic
from analyzer.static.diagram import EDGES_MAX, flowchart, sequence, trace
from analyzer.static.excerpt import excerpt, whole_or_core
from analyzer.static.files import file_ideas
from analyzer.static.guide import Guide
from analyzer.static.ideas import ideas_of
from analyzer.static.overview import readme_lead
from analyzer.static.relations import Relation, own_words, verb_and_name
from analyzer.static.text import cite, code, count, escape, listing, listing_more, said, sentence

OTHERS_MAX: Final = 10
FILES_MIN: Final = 3
FILES_MAX: Final = 12
TRACE_MIN: Final = 3
NEIGHBOURS_MAX: Final = 4


def write_chapter(guide: Guide, entry: OrderEntry) -> str:
    """The Markdown of one chapter."""
    topic = guide.topic(entry)
    number = guide.number(entry)
    ideas = ideas_of(guide.atlas, topic)
    sections = [
        f"# Chapter {entry.index + 1}: {escape(entry.name)}",
        *_opening(guide, entry, topic),
        *_purpose(guide.atlas, topic, ideas),
        *(_place(guide, entry, number) if number is not None else ()),
        *_ideas(guide.atlas, topic, ideas),
        *_inside(guide.atlas, topic),
        *(_uses(guide, topic, number, ideas) if number is not None else ()),
        *_summary(guide, entry, topic, ideas),
        *_onward(guide, entry, number),
    ]
    return "\n\n".join(section.strip("\n") for section in sections if section.strip()) + "\n"


def quote(text: str, label: str) -> str:
    """A block quote with its source below."""
    return f"> {docs.markdown(text)}\n>\n> — `{label}`"


def _opening(guide: Guide, entry: OrderEntry, topic: Topic) -> Iterator[str]:
    """What the chapter is about; the first one also shows the whole course."""
    before = guide.neighbour(entry, -1)
    names = [code(symbol.name) for symbol in ideas_of(guide.atlas, topic)[:3]]
    about = f"This chapter is about {listing(names)}" if names else f"This chapter is about {escape(entry.name)}"
    where = listing_more([code(path) for path in topic.paths[:2]], len(topic.paths), "file")
    yield f"{about}, in {where}. {guide.standing(entry)}"
    if before is None:
        yield from _course(guide)


def _course(guide: Guide) -> Iterator[str]:
    atlas = guide.atlas
    yield "## The whole course at a glance"
    if lead := readme_lead(atlas):
        yield f"{escape(atlas.project)} introduces itself like this:"
        yield quote(lead[0], lead[1].label)
    if len(guide.plan.order) > 1:
        yield "The chapters, foundations first:"
        yield "\n".join(_contents(guide, place, entry) for place, entry in enumerate(guide.plan.order, start=1))
    if len(guide.plan.order) > 1 and guide.drawn:
        yield "The parts, and what each takes from the others (an arrow points to what is used):"
        yield flowchart(atlas, _strongest(guide.drawn, 2 * EDGES_MAX), direction="TD")


def _contents(guide: Guide, place: int, entry: OrderEntry) -> str:
    """One line of the table of contents: the chapter and the first thing that its source says of itself."""
    words = own_words(guide.atlas, guide.topic(entry))
    told = said(docs.markdown(docs.first_sentence(words.text))) if words is not None else ""
    return f"{place}. {guide.link(entry)}" + (f": {told}" if told else "")


def _strongest(relations: Sequence[Relation], limit: int) -> list[Relation]:
    chosen = sorted(relations, key=lambda relation: (-relation.strength, relation.source, relation.target))[:limit]
    return sorted(chosen, key=lambda relation: (relation.source, relation.target))


def _purpose(atlas: Atlas, topic: Topic, ideas: Sequence[Symbol]) -> Iterator[str]:
    yield "## What it is for"
    words = own_words(atlas, topic)
    if words is not None:
        yield (
            f"{words.speaker} says of itself:"
            if words.is_file
            else f"The source documents {words.speaker} in these words:"
        )
        yield quote(docs.opening(words.text), words.source.label)
    names = [symbol.name for symbol in ideas]
    mention = usage.readme_mention(atlas, names)
    if mention is not None:
        yield f"The project's own documentation puts it to use ({cite(mention[1])}):"
        yield quote(mention[0], mention[1].label)
    sizes = [f"{code(path)} ({count(atlas.links.modules[path].line_count, 'line')})" for path in topic.paths[:4]]
    yield f"You find it in {listing_more(sizes, len(topic.paths), 'file')}. {_reach(atlas, ideas)}".strip()
    yield from _files(atlas, topic)


def _files(atlas: Atlas, topic: Topic) -> Iterator[str]:
    """For a topic of many files: what each says it is for."""
    told = [
        f"- {code(path)} ({count(module.line_count, 'line')}): {said(docs.markdown(first))}"
        for path in topic.paths
        if (module := atlas.links.modules[path]).doc and (first := docs.first_sentence(module.doc.text))
    ]
    if len(told) >= FILES_MIN:
        yield "What its files say of themselves, the most important first:"
        yield "\n".join(told[:FILES_MAX])


def _reach(atlas: Atlas, ideas: Sequence[Symbol]) -> str:
    exported = [symbol for symbol in ideas if symbol.key in atlas.exported and symbol.is_public]
    if not exported:
        packages = {_package(atlas, path_of(key)) for key in atlas.exported}
        homes = {_package(atlas, symbol.span.path) for symbol in ideas}
        return "The package exports none of it by name: it serves the rest of the code." if homes & packages else ""
    names = listing([code(atlas.public_name(symbol)) for symbol in exported])
    return f"Users of the package reach it as {names}."


def _package(atlas: Atlas, path: str) -> str:
    return atlas.links.modules[path].name.partition(".")[0]


def _place(guide: Guide, entry: OrderEntry, number: int) -> Iterator[str]:
    """The neighbours in the dependency graph, drawn and told with their evidence."""
    del entry
    uses = [relation for relation in guide.relations if relation.source == number][:NEIGHBOURS_MAX]
    used = [relation for relation in guide.relations if relation.target == number][:NEIGHBOURS_MAX]
    if not uses and not used:
        return
    yield "## Where it sits"
    yield flowchart(guide.atlas, sorted({*uses, *used}, key=lambda r: (r.source, r.target)), number)
    told = [f"- It uses {guide.topic_link(relation.target)}: {_proof(guide.atlas, relation)}" for relation in uses]
    told += [f"- {guide.topic_link(relation.source)} uses it: {_proof(guide.atlas, relation)}" for relation in used]
    yield "Each arrow stands on a line of the source:"
    yield "\n".join(told)


def _proof(atlas: Atlas, relation: Relation) -> str:
    link = relation.telling
    caller = atlas.symbol(link.source)
    who = code(caller.qualname) if caller is not None else code(link.span.path)
    verb, name = verb_and_name(atlas, link)
    more = len(relation.links) - 1
    tail = f", and {count(more, 'more link')}" if more > 0 else ""
    return f"{who} {verb} {code(name)} ({cite(link.span)}){tail}."


def _ideas(atlas: Atlas, topic: Topic, ideas: Sequence[Symbol]) -> Iterator[str]:
    yield "## Key ideas"
    if not ideas:
        yield from file_ideas(atlas, topic)
        return
    words = own_words(atlas, topic)
    for symbol in ideas:
        yield f"### {code(symbol.name)}"
        yield from _idea(atlas, symbol, words.source.label if words is not None else "")
    rest = [s for s in atlas.top_symbols(topic) if s not in ideas and s.kind is not Kind.CONSTANT and s.is_public]
    if rest:
        yield "### Also here"
        yield "\n".join(_line(atlas, symbol) for symbol in rest[:OTHERS_MAX])
        if len(rest) > OTHERS_MAX:
            yield f"There are {count(len(rest) - OTHERS_MAX, 'more definition')} of this kind in the same files."


def _line(atlas: Atlas, symbol: Symbol) -> str:
    head = Span(path=symbol.span.path, start=symbol.span.start, end=max(symbol.span.start, symbol.head_end))
    told = said(describe.purpose(symbol)) or sentence(describe.nature(atlas, symbol))
    return f"- {code(symbol.name)} ({cite(head)}): {told}"


def _idea(atlas: Atlas, symbol: Symbol, quoted: str) -> Iterator[str]:
    where = cite(symbol.span)
    if symbol.kind not in {Kind.CLASS, Kind.FUNCTION}:
        yield f"{code(symbol.signature or symbol.name)} is defined at {where}."
    else:
        facts = [f"{code(symbol.name)} is {describe.nature(atlas, symbol)} ({where})."]
        facts += (
            [describe.offered(atlas, symbol), describe.abilities(atlas, symbol)] if symbol.kind is Kind.CLASS else []
        )
        facts.append(describe.accepted(symbol) if symbol.kind is Kind.FUNCTION else "")
        yield " ".join(fact for fact in facts if fact)
    span = whole_or_core(atlas, symbol)
    if symbol.doc and docs.opening(symbol.doc.text):
        shown = span is not None and span.start <= symbol.doc.start and symbol.doc.end <= span.end
        source = Span(path=symbol.span.path, start=symbol.doc.start, end=symbol.doc.end)
        if source.label != quoted and not shown:
            yield quote(docs.opening(symbol.doc.text), source.label)
    if table := describe.parameter_table(atlas, symbol):
        yield table
    if span is not None and (block := excerpt(atlas, span)):
        yield _introduction(symbol, span)
        yield block
    if counterpart := describe.twin(atlas, symbol):
        yield counterpart
    members = [symbol] if symbol.kind is Kind.FUNCTION else atlas.members(symbol)
    if refused := describe.refusals(members):
        yield "Where it refuses to go on:"
        yield "\n".join(f"- {line}" for line in refused)


def _introduction(symbol: Symbol, span: Span) -> str:
    if span == symbol.span:
        return "Here is all of it:"
    if symbol.kind is Kind.CLASS:
        return "This is where it takes shape:"
    return "Its core reads:"


def _inside(atlas: Atlas, topic: Topic) -> Iterator[str]:
    symbol = walkthrough.central_function(atlas, topic)
    if symbol is None or atlas.links.modules[symbol.span.path].language != "python":
        return
    yield f"## Under the hood: {code(symbol.qualname)}"
    told = describe.purpose(symbol)
    yield f"To see these pieces work together, follow {code(symbol.qualname + '()')} ({cite(symbol.span)})." + (
        f" Its documentation begins: {said(told)}" if told else ""
    )
    messages = trace(atlas, symbol)
    if len(messages) >= TRACE_MIN:
        yield (
            "These are the calls that can be followed in the source, in the order of their lines. Which of them a run "
            "makes depends on the branches that it takes:"
        )
        yield sequence(messages)
    steps = walkthrough.steps(atlas, symbol)
    if steps:
        yield "From top to bottom:"
        yield "\n".join(f"{place}. {step}" for place, step in enumerate(steps, start=1))


def _uses(guide: Guide, topic: Topic, number: int, ideas: Sequence[Symbol]) -> Iterator[str]:
    atlas = guide.atlas
    callers = usage.callers(atlas, number)
    sighting = usage.best_test(atlas, topic)
    example = usage.readme_example(atlas, [symbol.name for symbol in ideas])
    if not callers and sighting is None and example is None:
        return
    yield "## How it is used"
    if example is not None and (block := excerpt(atlas, example[0], example[1])):
        yield "The README shows it from the outside:"
        yield block
    if callers:
        yield "Elsewhere in the code:"
        yield "\n".join(f"- {caller}" for caller in callers)
    if sighting is not None and (block := excerpt(atlas, sighting.function.span)):
        yield f"A test shows {code(sighting.uses.qualname)} in a small, complete case:"
        yield block
    if told := usage.describe_tests(atlas, topic):
        yield told


def _summary(guide: Guide, entry: OrderEntry, topic: Topic, ideas: Sequence[Symbol]) -> Iterator[str]:
    del entry
    yield "## What to remember"
    points: list[str] = []
    for symbol in ideas[:3]:
        told = describe.purpose(symbol)
        what = f"{code(symbol.name)} is {describe.nature(guide.atlas, symbol)}"
        points.append(f"- {what}: {said(told)}" if told else f"- {what}.")
    central = walkthrough.central_function(guide.atlas, topic)
    if central is not None:
        points.append(f"- When in doubt, start reading at {code(central.qualname + '()')} ({cite(central.span)}).")
    points = points or [
        f"- {code(path)} holds {count(guide.atlas.links.modules[path].line_count, 'line')}." for path in topic.paths[:3]
    ]
    yield "\n".join(points)


def _onward(guide: Guide, entry: OrderEntry, number: int | None) -> Iterator[str]:
    yield "## Where to go next"
    lines: list[str] = []
    before, after = guide.neighbour(entry, -1), guide.neighbour(entry, 1)
    if after is not None:
        lines.append(f"- Next: {guide.link(after)}.")
    if before is not None:
        lines.append(f"- Before: {guide.link(before)}.")
    near = [r.target if r.source == number else r.source for r in guide.relations if number in {r.source, r.target}]
    related = [guide.entry(topic) for topic in dict.fromkeys(near)]
    links = [guide.link(found) for found in related if found is not None and found not in {before, after}][:3]
    if links:
        lines.append(f"- Closely related: {listing(links)}.")
    if after is None:
        lines.append("- This is the last chapter. The tutorials let you try what you have read.")
    yield "\n".join(lines)
