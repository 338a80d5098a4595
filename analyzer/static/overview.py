"""The course as a whole: the project in its own words, its chapters, its terms, and what it leaves out."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from analyzer.code.model import Module, Role
from analyzer.concepts.model import Concept, Ground
from analyzer.concepts.start import about_use
from analyzer.concepts.terms import own_terms, terms_of
from analyzer.documentation import prose
from analyzer.documentation.model import Block, BlockKind, PageRole, Section
from analyzer.markup import cite, code, escape
from analyzer.static.catalogue import Words
from analyzer.static.course import Course
from analyzer.static.quotation import is_sayable, quote_blocks, sentence_of, stands_alone
from analyzer.static.repository_map import RepositoryMap

NAMES_SHOWN = 6
# Where the name is no word with a capital at its front.
LANGUAGE_NAMES: Final = {
    "asciidoc": "AsciiDoc", "cmake": "CMake", "cpp": "C++", "csharp": "C#", "css": "CSS", "hcl": "HCL", "html": "HTML",
    "ini": "INI", "javascript": "JavaScript", "json": "JSON", "jsx": "JSX", "ocaml": "OCaml", "php": "PHP",
    "powershell": "PowerShell", "rst": "reStructuredText", "scss": "SCSS", "sql": "SQL", "toml": "TOML", "tsx": "TSX",
    "typescript": "TypeScript", "xml": "XML", "yaml": "YAML",
}  # fmt: skip
SAID_MIN_WORDS = 3
SAID_MAX_WORDS: Final = 40
LEADS_MAX: Final = 3
LEAD_WORDS = 90
TERMS_MAX = 24
OPENINGS_MAX = 12
OPENING_CHARS: Final = 100
_VERBS: Final = "(?:is|are) (?:an?|the(?! most))|provides?|lets|allows|turns|makes|helps|offers|gives|implements|keeps"
_SAYS_WHAT: Final = re.compile(rf"\b(?:{_VERBS})\b")
# "Monolog sends your logs": a name and what it does; "Flask is a framework": what it is.
_NAME: Final = r"(?:(?:the|package) )?[`*_\"]*(?P<name>[\w./-]+)[`*_\"]*(?: \([^)]*\))?"
_DOES: Final = re.compile(rf"{_NAME} (?:[a-z]{{2,}}s|can)\b", re.IGNORECASE)
_IS: Final = re.compile(rf"{_NAME}(?: \w+)? (?:{_VERBS})\b", re.IGNORECASE)
_LICENCE: Final = re.compile(r"\b(licen[cs]ed?|copyright)\b", re.IGNORECASE)


def lead(repo_map: RepositoryMap) -> str:
    """What the project says it is: the first real paragraph of its README, cited."""
    for section, block in _leads(repo_map):
        if text := prose.markdown(" ".join(prose.sentences(block.text)[:3])):
            return f"{text} ({cite(section.span(block))})"
    return ""


def quoted_lead(repo_map: RepositoryMap) -> tuple[str, set[tuple[str, int]]] | None:
    """The same as a quotation of some more words, and the places (path, line) that it quotes."""
    for section, block in _leads(repo_map):
        blocks = section.blocks[section.blocks.index(block) :][:3]
        if block.text.endswith(":") and len(blocks) > 1 and blocks[1].kind is BlockKind.CODE:
            blocks = (replace(block, text=block.text.rstrip(":")),)  # what it announces is shown somewhere else
        if quoted := quote_blocks(repo_map, section, blocks, words=LEAD_WORDS):
            return quoted, {(section.path, other.start) for other in blocks if other.kind is not BlockKind.CODE}
    return None


def _leads(repo_map: RepositoryMap) -> Iterator[tuple[Section, Block]]:
    """Where the project may say what it is, the likeliest first."""
    found = list(islice(_openings(repo_map), OPENINGS_MAX))
    own = own_terms(repo_map.project)
    readmes = repo_map.repository.documentation.of_role(PageRole.README)
    paths, tops = {page.path for page in readmes}, {page.sections[0].key for page in readmes if page.sections}

    def place(pair: tuple[Section, Block]) -> int:
        section, block = pair
        is_named, is_top = _says(_IS, block.text, own), section.key in tops
        opening = block.text[:OPENING_CHARS]
        is_about = bool(_SAYS_WHAT.search(opening)) and not own.isdisjoint(terms_of(opening[: OPENING_CHARS // 2]))
        ranks = (
            is_named and section.path in paths,
            is_top and _says(_DOES, block.text, own),
            is_top and is_about,
            is_named,
            is_top,
            is_about,
        )
        return next((rank for rank, holds in enumerate(ranks) if holds), len(ranks))

    yield from sorted((pair for pair in found if not pair[1].text.endswith(":") or place(pair) == 0), key=place)


def _says(pattern: re.Pattern[str], text: str, own: frozenset[str]) -> bool:
    """Whether a text begins with the project's name and what it is or does."""
    found = pattern.match(text)
    return found is not None and not own.isdisjoint(terms_of(found["name"]))


def _openings(repo_map: RepositoryMap) -> Iterator[tuple[Section, Block]]:
    for page in repo_map.repository.documentation.of_role(PageRole.README, PageRole.START, PageRole.GUIDE):
        for section in about_use(page)[:3]:
            is_top = page.role is PageRole.README and section is page.sections[0]
            for block in section.blocks:
                # Some READMEs say what it is as a list under their title.
                is_prose = block.kind is BlockKind.PROSE or (is_top and block.kind is BlockKind.ITEM)
                if is_prose and is_sayable(block.text) and not _LICENCE.search(block.text):
                    yield section, block


def summary(repo_map: RepositoryMap, words: Words) -> str:
    """Markdown: what the project is, how large it is, what is taught and what is not."""
    subjects = repo_map.repository.subjects
    size = words(
        "size",
        files=len(subjects),
        lines=sum(module.line_count for module in subjects),
        languages=_languages(subjects),
        tests=len(repo_map.repository.by_role(Role.TEST)),
        pages=len(repo_map.repository.documentation.pages),
    )
    chapters = "\n".join(f"{n}. {escape(concept.title)}" for n, concept in enumerate(repo_map.concepts, start=1))
    parts = [lead(repo_map), f"{escape(repo_map.project)}: {size}", chapters, left_out(repo_map, words)]
    return "\n\n".join(part for part in parts if part)


def left_out(repo_map: RepositoryMap, words: Words) -> str:
    """Pages and public names that no chapter deals with, counted."""
    taught = {section.path for concept in repo_map.concepts for section in concept.sections}
    pages = [page for page in repo_map.repository.documentation.pages if page.path not in taught]
    known = {key for concept in repo_map.concepts for key in concept.symbols}
    names = sorted({symbol.name for key, symbol in repo_map.evidence.public.items() if key not in known})
    total = len({symbol.name for symbol in repo_map.evidence.public.values()})
    told: list[str] = []
    if pages:
        shown = ", ".join(code(page.path) for page in pages[:NAMES_SHOWN]) + ("…" if len(pages) > NAMES_SHOWN else "")
        count = len(repo_map.repository.documentation.pages)
        told.append("- " + words("left-out-pages", count=len(pages), total=count, names=shown))
    if names:
        shown = ", ".join(code(name) for name in names[:NAMES_SHOWN])
        told.append("- " + words("left-out-names", count=len(names), total=total, names=shown))
    return f"{words('left-out')}:\n\n" + "\n".join(told) if told else ""


def _languages(modules: Sequence[Module]) -> str:
    sizes: dict[str, int] = {}
    for module in modules:
        sizes[module.language] = sizes.get(module.language, 0) + module.line_count
    ranked = sorted(sizes.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(LANGUAGE_NAMES.get(name, name.capitalize()) for name, _ in ranked[:3])


def contents(course: Course) -> str:
    """Every chapter with a sentence on it, as a list of links."""
    items: list[str] = []
    for entry in course.plan.order:
        said = first_words(course.repo_map, course.concept(entry))
        items.append(f"{entry.index + 1}. {course.link(entry)}" + (f": {said}" if said else ""))
    return "\n".join(items)


def first_words(repo_map: RepositoryMap, concept: Concept) -> str:
    """The first sentence that the project says about a concept; for the first steps, about itself."""
    blocks = [block for section in concept.sections[:2] for block in section.blocks]
    if concept.is_start:
        leads = (block for _, block in islice(_leads(repo_map), LEADS_MAX))
        blocks = [*(block for block in leads if stands_alone(block.text)), *blocks]
    for block in blocks:
        if block.kind is BlockKind.PROSE and is_sayable(block.text):
            text = prose.sentences(block.text)[0]
            if SAID_MIN_WORDS <= len(text.split()) <= SAID_MAX_WORDS and not text.endswith(":"):
                return prose.markdown(text)
    first = concept.reasons[0] if concept.reasons else None
    if (
        first is not None
        and first.ground in {Ground.FOLDER, Ground.PACKAGE, Ground.FILE}
        and len(first.says.split()) > SAID_MIN_WORDS
    ):
        return prose.markdown(first.says)
    return next((said for symbol in repo_map.symbols_of(concept)[:3] if (said := sentence_of(symbol))), "")


def glossary(course: Course) -> list[str]:
    """Terms of the course with the documentation's first sentence and the chapter that explains each."""
    repo_map = course.repo_map
    rows: dict[str, str] = {}
    for entry in course.plan.order:
        for symbol in repo_map.symbols_of(course.concept(entry))[:4]:
            said = sentence_of(symbol)
            if said and symbol.name not in rows and repo_map.owner.get(symbol.key) == course.number(entry):
                rows[symbol.name] = f"- {code(symbol.name)} ({course.link(entry)}): {said}"
    items = [rows[name] for name in sorted(rows, key=str.lower)][:TERMS_MAX]
    return [f"## {course.words('glossary')}", "\n".join(items)] if items else []
