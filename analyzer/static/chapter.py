"""Step 4: one chapter. The project speaks, in quotations and excerpts; our sentences only connect.

What a project gives no evidence for is left out; there is no section for its own sake.
"""

import math
from collections.abc import Sequence
from typing import Final

from analyzer.code.model import Kind, Span, Symbol
from analyzer.code.roles import language_of
from analyzer.concepts.model import Ground
from analyzer.concepts.terms import terms_of
from analyzer.documentation.model import Block, BlockKind, Section
from analyzer.markup import cite, code, escape, fence
from analyzer.plan import OrderEntry
from analyzer.static import diagrams, overview
from analyzer.static.course import Course
from analyzer.static.excerpts import Example, examples_in, first_example, fits, sample, telling_span
from analyzer.static.failures import failures, other_ways
from analyzer.static.happening import what_happens
from analyzer.static.options import options_table
from analyzer.static.own_examples import further_parts, own_examples, said_of
from analyzer.static.page import Page
from analyzer.static.questions import questions
from analyzer.static.quotation import is_sayable, quote_blocks, quote_doc, sentence_of
from analyzer.static.ways_in import ways_in

WORDS_MAX: Final = 1_250
WHY_WORDS: Final = 150
BESIDE_WORDS: Final = 100
SECTION_WORDS: Final = 140
SECTIONS_MAX: Final = 8
PIECES_MAX: Final = 6
PARTS_MAX: Final = 8
OUTLINE_MAX: Final = 4
EXAMPLES_MAX: Final = 3
TITLE_WORDS: Final = 9  # a longer heading is a sentence
READING_WORDS_PER_MINUTE: Final = 140
RECAP_FROM_WORDS: Final = 150  # what is shorter is still before the reader's eyes
SECONDS_PER_EXCERPT: Final = 40


def write_chapter(course: Course, entry: OrderEntry) -> str:
    """The Markdown of one chapter."""
    page = Page(course=course, entry=entry, concept=course.concept(entry))
    words = course.words
    example = _opening(page)
    _why(page, example)
    _example(page, example)
    told = _rest(page, example)
    ways_in(page)
    what_happens(page, example)
    _sections(page, told)
    _examples(page, example)
    _pieces(page)
    _kept(page)
    if table := options_table(course.repo_map, page.concept, words):
        page.add(f"## {words('options')}", table)
    quoted = "\n".join(block for block in page.blocks if block.startswith(">"))
    if turns := other_ways(course.repo_map, page.concept, words):
        page.add(f"## {words('otherwise')}", turns)
    if listed := failures(course.repo_map, page.concept, words, quoted):
        page.add(f"## {words('wrong')}", "\n".join(listed))
    _questions(page)
    _recapitulate(page)
    ending(page)
    title = words("chapter", number=entry.index + 1, title=escape(entry.name))
    return "\n\n".join([f"# {title}", lead(page), *page.blocks]) + "\n"


def _opening(page: Page) -> Example | None:
    """What a chapter shows first: a program of the project's examples where one begins with that, or has no other."""
    repo_map, concept = page.course.repo_map, page.concept
    programs = own_examples(repo_map, concept)
    program = next(programs, None) if concept.is_start and not concept.sections else None
    return program or first_example(repo_map, concept) or next(programs, None)


def lead(page: Page) -> str:
    """How long it takes to read, and which chapters it builds on."""
    words = page.course.words
    minutes = max(3, math.ceil(page.words / READING_WORDS_PER_MINUTE + page.excerpts * SECONDS_PER_EXCERPT / 60))
    before, later = page.course.needs(page.entry)
    told = [words("reading", minutes=minutes)]
    if before:
        told.append(words("builds-on", chapters=words.listing([page.course.link(entry) for entry in before])))
    if later and not page.concept.is_start:
        told.append(words("ahead", chapters=words.listing([page.course.link(entry) for entry in later])))
    return " ".join(told)


def _why(page: Page, example: Example | None) -> None:
    """What it is for, said by its authors: the section's opening, else the documentation of its first definitions."""
    repo_map, concept = page.course.repo_map, page.concept
    if concept.is_start and (lead := overview.quoted_lead(repo_map)) is not None:
        quoted, used = lead
        page.add(quoted)
        page.used |= used
        return
    if _is_subject(page) and any(_opens_with(page, symbol) for symbol in _faces(page)):
        return
    own = [
        section
        for section in concept.sections[:4]
        if (concept.main and section.path == concept.main.path)
        or terms_of(section.title) == (concept.term,)
        or repo_map.documents_own(section, concept)
    ]
    if (
        any(_opens(page, example, section) for section in own)
        or any(_opens_with(page, symbol) for symbol in _faces(page))
        or any(_opens(page, example, section) for section in concept.sections[:4] if section not in own)
    ):
        return
    if example is not None and (said := said_of(repo_map, example.span.path)):
        page.add(said)
        return
    for path in concept.paths if not _is_subject(page) else ():
        module = repo_map.links.modules.get(path)
        if module is not None and module.doc is not None:
            whole = Symbol(
                name=path, qualname=path, kind=Kind.OTHER, span=module.span, head_start=1, head_end=1, doc=module.doc
            )
            if quoted := quote_doc(repo_map, whole):
                page.add(quoted)
                return


def _faces(page: Page) -> list[Symbol]:
    """The definitions that speak for a concept; of a program's subject only one that is called so."""
    symbols = page.course.repo_map.symbols_of(page.concept)[:3]
    return [s for s in symbols if s.name == page.concept.title] if _is_subject(page) else symbols


def _is_subject(page: Page) -> bool:
    """Whether the chapter is about what cuts across a program: what one of its files says is about that layer."""
    return any(reason.ground is Ground.DOMAIN for reason in page.concept.reasons)


def _opens(page: Page, example: Example | None, section: Section) -> bool:
    """Whether a section's beginning, up to the example, was quoted."""
    blocks = section.blocks
    shown = example.block if example is not None and example.section is section else None
    if shown is not None:
        blocks = blocks[: blocks.index(shown)]
    quoted = quote_blocks(page.course.repo_map, section, blocks, words=WHY_WORDS, announced=shown is not None)
    page.add(quoted)
    page.used.update((section.path, block.start) for block in blocks if quoted and block.kind is not BlockKind.CODE)
    return bool(quoted)


def _opens_with(page: Page, symbol: Symbol) -> bool:
    """Whether the documentation of a definition was quoted."""
    quoted = quote_doc(page.course.repo_map, symbol)
    page.add(quoted)
    page.used |= {(symbol.span.path, symbol.doc.start)} if quoted and symbol.doc is not None else set()
    return bool(quoted)


def _example(page: Page, example: Example | None) -> None:
    words = page.course.words
    if example is None:
        return
    title = words("first-example")
    is_elsewhere = example.section is not None and example.section is not page.concept.main
    if example.section is not None and is_elsewhere and not _is_its_own(page, example.section):
        is_sentence = len(example.section.title.split()) > TITLE_WORDS
        title = title if is_sentence else escape(example.section.title)
    elif example.section is None:
        title = words("in-examples" if example.role.value == "example" else "in-tests")
    before = len(page.blocks)
    page.add(f"## {title}")
    if example.section is not None and example.block is not None:
        _beside(page, example.section, example.block, after=False)
    if not page.show(example.span, example.language):
        del page.blocks[before:]
        return
    for part in further_parts(page.course.repo_map, example):
        page.add(words("goes-on"))
        if not page.show(part.span, part.language):
            page.blocks.pop()
    _ran(page, example)
    if example.section is not None and example.block is not None:
        _beside(page, example.section, example.block, after=True)
        other = sample(page.course.repo_map, page.concept)
        if other is not None:
            page.add(words("also-used", places=cite(other.span)))


def _is_its_own(page: Page, section: Section) -> bool:
    """Whether a heading would only repeat the chapter's."""
    own = page.course.repo_map.documents_own(section, page.concept)
    return not section.title or (own and section.title == page.concept.title)


def _ran(page: Page, example: Example) -> None:
    """Say what an example printed when it was run."""
    words = page.course.words
    output = page.course.runs.example(page.course.repo_map, example)
    if output:
        page.add(words("printed-here"), fence("text", output))
    elif output is not None:
        page.add(words("ran-session" if example.text.lstrip().startswith(">>>") else "ran-example"))


def _beside(page: Page, section: Section, block: Block, *, after: bool) -> None:
    """Quote what stands next to an example on its page, unless it was quoted before."""
    place = section.blocks.index(block)
    near = section.blocks[place + 1 : place + 3] if after else section.blocks[max(0, place - 1) : place]
    chosen: list[Block] = []
    for other in near:
        if other.kind is BlockKind.CODE or (section.path, other.start) in page.used:
            break
        chosen.append(other)
    if quoted := quote_blocks(page.course.repo_map, section, chosen, words=BESIDE_WORDS, announced=not after):
        page.add(quoted)
        page.used.update((section.path, other.start) for other in chosen)


def _rest(page: Page, example: Example | None) -> list[Section]:
    """What else the example's section and the main one say, under the example's heading; returns these sections."""
    own = (example.section if example is not None else None, page.concept.main)
    told = [section for section in page.concept.sections if section in own]
    for section in told:
        _section(page, section)
    return told


def _sections(page: Page, told: Sequence[Section]) -> None:
    """The further sections of the documentation, each with its opening and its example."""
    shown = 0
    for section in page.concept.sections:
        if shown >= SECTIONS_MAX or page.words > WORDS_MAX:
            return
        if section not in told:
            place = len(page.blocks)
            if section.title:
                page.add(f"{_level(page, section)} {escape(section.title)}")
            if _section(page, section):
                shown += 1
            else:
                del page.blocks[place:]


def _examples(page: Page, told: Example | None) -> None:
    """Further examples of the project that are about the concept, each under its own name."""
    for example in [*own_examples(page.course.repo_map, page.concept)][:EXAMPLES_MAX]:
        if page.words > WORDS_MAX or (told is not None and example.span.path == told.span.path):
            continue
        place = len(page.blocks)
        page.add(f"## {code(example.span.path)}", said_of(page.course.repo_map, example.span.path))
        if not page.show(example.span, example.language):
            del page.blocks[place:]


def _level(page: Page, section: Section) -> str:
    """The heading's level: as deep as the section lies below the main one, or below its page."""
    main = page.concept.main
    top = main.level + 1 if main is not None and main.path == section.path else 2
    is_first = not any(block.startswith("## ") for block in page.blocks)
    return "##" if is_first or section.level <= top else "###"


def _section(page: Page, section: Section) -> bool:
    """Quote a section's opening and show its next example; whether there was anything."""
    repo_map = page.course.repo_map
    blocks = [block for block in section.blocks if (section.path, block.start) not in page.used]
    opening = _until_example(blocks)
    examples = [item for item in examples_in(repo_map, section) if not page.excerpts or fits(item)]
    item = next((e for e in examples if (e.span.path, e.span.start) not in page.used and e.block is not None), None)
    place = len(page.blocks)
    announced = item is not None and bool(opening) and blocks[blocks.index(opening[-1]) + 1 :][:1] == [item.block]
    page.add(quote_blocks(repo_map, section, opening, words=SECTION_WORDS, announced=announced))
    page.used.update((section.path, block.start) for block in opening)
    if item is not None and item.block is not None and page.show(item.span, item.language):
        _beside(page, section, item.block, after=True)
        return True
    del page.blocks[place:]
    quoted = quote_blocks(repo_map, section, opening, words=SECTION_WORDS)
    page.add(quoted)
    return bool(quoted)


def _until_example(blocks: Sequence[Block]) -> list[Block]:
    """Prose up to the first example; where the example comes first, the prose after it."""
    found: list[Block] = []
    for block in blocks:
        if block.kind is BlockKind.CODE:
            if found:
                break
            continue
        if is_sayable(block.text):
            found.append(block)
    return found


def _pieces(page: Page) -> None:
    """The definitions that belong to the concept, each in its own words, and what its main one offers."""
    words, repo_map = page.course.words, page.course.repo_map
    place = len(page.blocks)
    own = repo_map.own_symbols(page.concept)
    symbols = [symbol for symbol in own if sentence_of(symbol)][:PIECES_MAX]
    if repo_map.entries and not page.concept.is_start:
        _parts(page, own)
    elif page.concept.sections:
        untold = [symbol for symbol in symbols if not page.says(sentence_of(symbol))]
        page.add("\n".join(_piece(symbol) for symbol in untold))
    else:
        for symbol in symbols:
            head = Span(path=symbol.span.path, start=symbol.span.start, end=max(symbol.span.start, symbol.head_end))
            is_told = symbol.doc is not None and (symbol.span.path, symbol.doc.start) in page.used
            quoted = "" if is_told else quote_doc(repo_map, symbol)
            page.add(f"### {escape(symbol.name)}", quoted or f"{sentence_of(symbol)} ({cite(head)})")
            if symbol.kind is not Kind.CLASS or head.end > head.start:  # that a type is one needs no excerpt
                page.show(head, repo_map.module(symbol).language)
    _outline(page, next((symbol for symbol in own[:2] if symbol.kind is Kind.CLASS), None))
    if len(page.blocks) > place:
        page.blocks.insert(place, f"## {words('pieces')}")
    if not page.excerpts and repo_map.symbols_of(page.concept):
        first = repo_map.symbols_of(page.concept)[0]
        page.show(telling_span(first), repo_map.module(first).language)


def _kept(page: Page) -> None:
    """The table of a program's subject: what is known of each."""
    repo_map = page.course.repo_map
    table = repo_map.table_of(page.concept) if _is_subject(page) else None
    if table is None:
        return
    place = len(page.blocks)
    page.add(f"## {page.course.words('kept')}")
    if not page.show(table.span, language_of(table.span.path)):
        del page.blocks[place:]
    elif table.is_step:
        page.add(page.course.words("kept-step"))


def _parts(page: Page, own: Sequence[Symbol]) -> None:
    """The definitions of a program that a subject lives in, with or without words of their own, the first one shown."""
    repo_map = page.course.repo_map
    told = [symbol for symbol in own if not (said := sentence_of(symbol)) or not page.says(said)][:PARTS_MAX]
    page.add("\n".join(_part(page, symbol) for symbol in told))
    shown = next((symbol for symbol in own if symbol.kind is Kind.CLASS), None)
    if shown is not None:
        page.show(telling_span(shown), repo_map.module(shown).language)


def _part(page: Page, symbol: Symbol) -> str:
    """What a definition says it is for; where it says nothing, what it offers."""
    if sentence_of(symbol):
        return _piece(symbol)
    members = [
        member.name
        for member in page.course.repo_map.members(symbol)
        if member.is_public and member.span.path == symbol.span.path and member.name != symbol.name
    ]
    offered = ", ".join(code(name) for name in list(dict.fromkeys(members))[:OUTLINE_MAX])
    return f"- {code(symbol.qualname)}" + (f": {offered}" if offered else "") + f" ({cite(symbol.head)})"


def _outline(page: Page, main: Symbol | None) -> None:
    """What a type offers: its members that users meet most, each in its own words."""
    repo_map = page.course.repo_map
    members = [member for member in repo_map.members(main) if member.is_public and sentence_of(member)] if main else []
    members.sort(
        key=lambda member: (-len(repo_map.evidence.mentioned_in.get(member.name, ())), -repo_map.score(member))
    )
    if main is not None and len(members) > 1:
        shown = members[:PIECES_MAX]
        outline = ", ".join(code(member.name) for member in shown[:OUTLINE_MAX])
        page.add(f"### {code(main.name)}: {outline}", "\n".join(_piece(member) for member in shown))


def _piece(symbol: Symbol) -> str:
    head = Span(path=symbol.span.path, start=symbol.span.start, end=max(symbol.span.start, symbol.head_end))
    return f"- {code(symbol.qualname)}: {sentence_of(symbol)} ({cite(head)})"


def _questions(page: Page) -> None:
    words = page.course.words
    asked = questions(page.course.repo_map, page.concept, words)
    if not asked:
        return
    page.add(f"## {words('check')}")
    for number, question in enumerate(asked, start=1):
        page.add(f"**{number}.** {question.text}", details(words("answer"), question.answer))


def details(summary: str, text: str) -> str:
    """A block that hides its text until it is opened."""
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"


def _recapitulate(page: Page) -> None:
    if page.words >= RECAP_FROM_WORDS and (recap := _recap(page)):
        page.add(f"**{page.course.words('short')}** {recap}")


def ending(page: Page) -> None:
    """The course's map after the first chapter, the glossary after the last, and where to go next."""
    words, course = page.course.words, page.course
    if course.position(page.entry) == 0:
        page.add(f"## {words('map')}", diagrams.course_map(course), overview.contents(course))
    following = course.neighbour(page.entry, +1)
    if following is None:
        page.add(*_further(page), *overview.glossary(course))
    ways = [f"{words('practise')} {course.tutorial_link(page.entry)}."]
    if following is not None:
        ways.append(f"{words('next')} {course.link(following)}.")
    page.add(" ".join(ways))


def _further(page: Page) -> list[str]:
    """Concepts that got no chapter, with the first words on each: where to look on one's own."""
    repo_map = page.course.repo_map
    found: list[str] = []
    for concept in repo_map.further:
        said = overview.first_words(repo_map, concept)
        span = concept.reasons[0].span if concept.reasons else None
        if said and span is not None:
            found += [f"### {escape(concept.title)}", f"{said} ({cite(span)})"]
    return [f"## {page.course.words('further')}", *found] if found else []


def _recap(page: Page) -> str:
    """What the documentation of the concept's own definitions says in a sentence or two."""
    repo_map = page.course.repo_map
    told: list[str] = []
    for symbol in repo_map.symbols_of(page.concept)[:4]:
        said = sentence_of(symbol)
        if said and repo_map.owner.get(symbol.key) == page.course.number(page.entry):
            told.append(f"{code(symbol.name)}: {said}" + ("" if said.endswith((".", "!", "?")) else "."))
    if not told and (said := overview.first_words(repo_map, page.concept)):
        told.append(said)
    return " ".join(told[:2])
