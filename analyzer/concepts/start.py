"""Where a newcomer begins: the first page or section that says so and shows code that uses the project."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from analyzer.code.model import Kind, Module, Span, Symbol
from analyzer.concepts.evidence import Evidence, names_used
from analyzer.concepts.model import Concept, Ground, Reason
from analyzer.concepts.terms import EMPTY, own_terms, stem, subject_of_name, words_of
from analyzer.concepts.wording import clean_title
from analyzer.documentation.model import BlockKind, Page, PageRole, Section
from analyzer.documentation.titles import is_about_running, is_meta, is_start
from analyzer.graph.entry import Entry, EntryKind

SECTIONS_MAX: Final = 14
SYMBOLS_MAX: Final = 12
PATHS_MAX: Final = 40
NAMED_FROM: Final = 4
BOOK_WORDS: Final = 2_500
PLAIN_TITLE_WORDS: Final = 3  # such a title ("Quick start") gets the name that its examples use most
_INSTALLS: Final = re.compile(
    r"^\W*(sudo )?(python3? -m )?(pip3?|pipx|uv|poetry|conda|npm|yarn|pnpm|bun|go|cargo|gem|bundle|composer|brew|"
    r"apt(-get)?|dotnet|dart|mvn|gradle)( pip)? (install|add|get|require|i)\b[^\n]*$"
)
_OF_ITS_PAGE: Final = re.compile(
    r"\W*(an? |the )?(overview|intro\w*|usage|basics?|examples?|synopsis)\b", re.IGNORECASE
)
_STEPS: Final = re.compile(r"\b(first|quick ?-?start|quick|getting[ -]?started|get started|hello)\b", re.IGNORECASE)
# Lists what the project does; what stands under it may show how.
_FEATURES: Final = re.compile(r"\W*((key|main) )?(features|highlights)\W*$", re.IGNORECASE)
_LEVELS_BELOW: Final = 99
_READ_FIRST: Final = (PageRole.README, PageRole.GUIDE)


def start_section(evidence: Evidence, project: str, *, is_application: bool) -> tuple[Page, Section] | None:
    """The page and section of the first use; None where nothing shows any. What is run shows a command."""
    if is_application:
        called = (start for start in _called_start(evidence, _READ_FIRST, None) if not _is_of_its_page(*start))
        return next(iter((*_runs(evidence), *called)), None)
    of_project = _import_of(project)
    found = (
        *_called_start(evidence, _READ_FIRST, of_project),
        *_first_code(evidence, of_project),
        *_called_start(evidence, (PageRole.REFERENCE,), of_project),
        *_called_start(evidence, (*_READ_FIRST, PageRole.REFERENCE), None),
    )
    return next(iter(found), None)


def _import_of(project: str) -> re.Pattern[str]:
    """What an example begins with that brings the project in by its name, and goes on after that."""
    name = re.sub(r"[-_]", "[-_]", re.escape(project.rpartition("/")[2]).replace(r"\-", "-"))
    return re.compile(rf"\b(?:import|from|require|use|using|include)\b[^\n]*(?<!\w){name}(?!\w)[^\n]*\n+[^\n]*\w")


def _called_start(
    evidence: Evidence, roles: Sequence[PageRole], of_project: re.Pattern[str] | None
) -> Iterator[tuple[Page, Section]]:
    """Pages, then sections, whose titles say that one begins there."""
    documentation = evidence.links.repository.documentation
    starts = [
        page
        for page in documentation.of_role(PageRole.START)
        if page.sections and _shows_use(page.sections, evidence, of_project)
    ]
    # "Learn" or "Tutorial" may say how to read on; "First steps" are steps.
    for page in sorted(starts, key=lambda page: not (_STEPS.search(page.title) or _imports(page, of_project))):
        yield page, next(_first_part(page, evidence, of_project), page.sections[0])
    for page in documentation.of_role(*roles):
        for section in page.sections:
            inner = (section, *page.below(section))
            if (
                (section.level > 1 or not page.is_headed_by(section))
                and is_start(section.title)
                and not (of_project and _is_of_its_page(page, section))
                and _shows_use(inner, evidence, of_project)
            ):
                yield page, section


def _imports(page: Page, of_project: re.Pattern[str] | None) -> bool:
    """Whether an example of the page brings the project in."""
    code = (block.text for section in page.sections for block in section.blocks if block.kind is BlockKind.CODE)
    return of_project is None or any(of_project.search(text) for text in code)


def _is_of_its_page(page: Page, section: Section) -> bool:
    """Whether "Overview" on a page about one thing among others says that one begins with that thing alone."""
    return page.role is PageRole.GUIDE and not page.is_front and _OF_ITS_PAGE.match(section.title) is not None


def _first_part(page: Page, evidence: Evidence, of_project: re.Pattern[str] | None) -> Iterator[Section]:
    """Of a page that is a book of its own, the parts that say that one begins there."""
    if sum(section.words for section in page.sections) >= BOOK_WORDS:
        for section in page.sections[1:]:
            inner = (section, *page.below(section))
            if is_start(section.title) and not page.is_headed_by(section) and _shows_use(inner, evidence, of_project):
                yield section


def _first_code(evidence: Evidence, of_project: re.Pattern[str] | None) -> Iterator[tuple[Page, Section]]:
    for page in evidence.links.repository.documentation.of_role(PageRole.README):
        for section in about_use(page):
            if _shows_use((section,), evidence, of_project):
                yield page, section


def _runs(evidence: Evidence) -> Iterator[tuple[Page, Section]]:
    """Where the README at the root says how a program is brought to run and what to type; else what it shows first."""
    for page in evidence.links.repository.documentation.of_role(PageRole.README):
        if "/" not in page.path:
            shown = [section for section in page.sections if any(b.kind is BlockKind.CODE for b in section.blocks)]
            yield from ((page, section) for section in shown if is_about_running(section.title))
            yield from ((page, section) for section in shown if section.level == 1)
            use = about_use(page)
            yield from ((page, section) for section in shown if section in use)


def about_use(page: Page) -> list[Section]:
    """A page's sections without those about the project, and without what stands under these."""
    left_out = _LEVELS_BELOW
    found: list[Section] = []
    for section in page.sections:
        if section.level <= left_out:
            is_about_project = is_meta(section.title)
            left_out = section.level if is_about_project and not _FEATURES.match(section.title) else _LEVELS_BELOW
            if not is_about_project:
                found.append(section)
    return found


def _shows_use(sections: Sequence[Section], evidence: Evidence, of_project: re.Pattern[str] | None) -> bool:
    """Whether an example is there; with a pattern, one that imports the project or names something public of it."""
    for section in sections:
        for block in section.blocks:
            if block.kind is not BlockKind.CODE or _INSTALLS.match(block.text):
                continue
            if of_project is None or of_project.search(block.text) or any(evidence.named_in(block.text)):
                return True
    return False


def is_whole(start: tuple[Page, Section]) -> bool:
    """Whether one begins with all of a page."""
    page, section = start
    return page.role is PageRole.START and section is page.sections[0]


def start_concept(
    start: tuple[Page, Section],
    evidence: Evidence,
    others: Sequence[Concept],
    first_steps: str,
    project: str,
    *,
    is_application: bool,
) -> tuple[Concept, str]:
    """The first chapter, and the title of the one on what its steps are taken with; empty where none has that name.

    What is typed to run a program names nothing of its code.

    What other chapters begin with is left to them.
    """
    page, section = start
    openings = (concept.main or next(iter(concept.sections), None) for concept in others)
    heads = {opening.key for opening in openings if opening is not None}
    whole = is_whole(start)
    below = page.sections if whole else (section, *page.below(section))
    # The first example of a page on the first steps is shown in the first chapter, whatever else begins with it.
    shown = next((other for other in below if _shows_use((other,), evidence, None)), section) if whole else section
    kept = (section.key, shown.key)
    sections = [other for other in below if other.key in kept or (other.key not in heads and not is_meta(other.title))]
    keys = used_keys(sections, evidence) if not is_application else []
    written = page.title if whole and page.title else section.title
    title = clean_title(written)
    own = own_terms(project)
    is_own_name = all(stem(word) in own for word in words_of(title))  # of "Using Shop" only "Shop"
    title = written if is_own_name or (is_start(written) and not is_start(title)) else title
    named = (is_start(title) and page.title != section.title) or whole
    first = _face([evidence.public[key] for key in keys[:NAMED_FROM]]) or _name_in(sections, project)
    first = "" if is_application else first
    met = first if first in {concept.title for concept in others} else ""
    named_for = "" if met or all(word.lower() in EMPTY for word in words_of(first)) else first
    if not named:
        title = f"{first_steps}: {named_for}" if named_for else first_steps
    elif (
        named_for
        and not is_own_name
        and len(title.split()) <= PLAIN_TITLE_WORDS
        and named_for.lower() not in title.lower().split()
    ):
        title = f"{title}: {named_for}"
    concept = Concept(
        title=title,
        term="",
        main=section,
        sections=tuple(sections[:SECTIONS_MAX]),
        symbols=tuple(keys[:SYMBOLS_MAX]),
        paths=paths_of(keys, sections, evidence),
        reasons=(
            Reason(ground=Ground.PAGE if whole else Ground.SECTION, span=_heading_span(section), says=section.title),
        ),
        position=(0.0,),
        is_start=True,
    )
    return concept, met


def program_concept(
    program: Module, evidence: Evidence, others: Sequence[Concept], first_steps: str
) -> tuple[Concept, str]:
    """The first chapter where no page shows a use: one of the project's examples; and what comes next, as above."""
    names = names_used(program)
    used = [found[0] for name, found in evidence.by_name.items() if name in names]
    used.sort(key=lambda symbol: (-evidence.weight(symbol), symbol.key))
    keys = [symbol.key for symbol in used[:SYMBOLS_MAX]]
    face = _face(used[:NAMED_FROM])
    met = face if face in {concept.title for concept in others} else ""
    concept = Concept(
        title=f"{first_steps}: {face}" if face and not met else first_steps,
        term="",
        main=None,
        sections=(),
        symbols=tuple(keys),
        paths=(program.path, *paths_of(keys, (), evidence))[:PATHS_MAX],
        reasons=(Reason(ground=Ground.EXAMPLE, span=program.span, says=program.path),),
        position=(0.0,),
        is_start=True,
    )
    return concept, met


def entries_concept(entries: Sequence[Entry], title: str) -> Concept:
    """The first chapter of a program whose pages show no use: the ways into it, its own programs first."""
    order = (EntryKind.PROGRAM, EntryKind.COMMAND, EntryKind.ROUTE, EntryKind.TASK)
    ranked = sorted(entries, key=lambda entry: (order.index(entry.kind), entry.span.path.count("/")))
    keys = [entry.handler.key for entry in ranked if entry.handler is not None]
    return Concept(
        title=title,
        term="",
        main=None,
        sections=(),
        symbols=tuple(dict.fromkeys(keys))[:NAMED_FROM],
        paths=tuple(dict.fromkeys(entry.span.path for entry in ranked))[:PATHS_MAX],
        reasons=(Reason(ground=Ground.ENTRY, span=ranked[0].span, says=ranked[0].label),),
        position=(0.0,),
        is_start=True,
    )


def _face(used: Sequence[Symbol]) -> str:
    """The name that first steps are taken with: the type that its package is named for, else what is used most."""
    named = [s.name for s in used if s.kind is Kind.CLASS and s.name.lower() in s.span.path.lower().split("/")]
    return next(iter(named or [symbol.name for symbol in used if subject_of_name(symbol.name) != "error"]), "")


def _name_in(sections: Sequence[Section], project: str) -> str:
    """The project's own name, where the examples import it under that."""
    of_project = _import_of(project)
    code = (block.text for section in sections for block in section.blocks if block.kind is BlockKind.CODE)
    return project.rpartition("/")[2] if any(of_project.search(text) for text in code) else ""


def used_keys(sections: Sequence[Section], evidence: Evidence) -> list[str]:
    """Public definitions that the sections' examples use, the most used first."""
    used = Counter(
        symbol.key
        for section in sections
        for block in section.blocks
        if block.kind is BlockKind.CODE
        for symbol in evidence.named_in(block.text)
    )
    return [key for key, _ in sorted(used.items(), key=lambda item: (-item[1], item[0]))]


def _heading_span(section: Section) -> Span:
    return Span(path=section.path, start=section.start, end=section.start)


def paths_of(keys: Sequence[str], sections: Sequence[Section], evidence: Evidence) -> tuple[str, ...]:
    """The files of a concept: those of its definitions, then its pages."""
    code = [evidence.links.symbols[key].span.path for key in keys if key in evidence.links.symbols]
    return tuple(dict.fromkeys([*code, *(section.path for section in sections)]))[:PATHS_MAX]
