"""What the comments of a concept's definitions show: sections like those of a page, where they hold an example."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice
from typing import Final

from analyzer.code.model import Kind, Symbol
from analyzer.concepts.evidence import is_macro
from analyzer.concepts.model import Concept
from analyzer.documentation.docstrings import read_docstring
from analyzer.documentation.markdown import read_markdown
from analyzer.documentation.model import Block, BlockKind, Section
from analyzer.documentation.titles import is_meta, is_start
from analyzer.languages.comments import as_prose, texts_of
from analyzer.languages.examples import as_markdown
from analyzer.languages.table import TABLES, Table, grammar_of
from analyzer.static.repository_map import RepositoryMap

DEFINITIONS_MAX: Final = 3
MEMBERS_MAX: Final = 4
LEVEL: Final = 2


def with_comments(repo_map: RepositoryMap, concept: Concept) -> Concept:
    """The concept with what its own definitions' comments show, after what pages say; the first chapter as it is."""
    if concept.is_start:
        return concept
    return replace(concept, sections=(*concept.sections, *_shown(repo_map, concept)))


def _shown(repo_map: RepositoryMap, concept: Concept) -> Iterator[Section]:
    """The sections of the concept's own definitions, then of the members of the first type that users meet most."""
    number = repo_map.concepts.index(concept)
    own = [symbol for symbol in repo_map.symbols_of(concept) if repo_map.owner.get(symbol.key) == number]
    for symbol in own[:DEFINITIONS_MAX]:
        yield from _sections(repo_map, symbol)
    main = next((symbol for symbol in own[:2] if symbol.kind is Kind.CLASS), None)
    members = (
        [member for member in repo_map.members(main) if member.is_public and member.doc is not None] if main else []
    )
    members.sort(key=lambda member: -len(repo_map.evidence.mentioned_in.get(member.name, ())))
    told = (tuple(_sections(repo_map, member)) for member in members)
    yield from chain.from_iterable(islice(filter(None, told), MEMBERS_MAX))


def _sections(repo_map: RepositoryMap, symbol: Symbol) -> Iterator[Section]:
    """The sections of a definition's comment, its examples under its name; none where it shows nothing."""
    module, doc = repo_map.module(symbol), symbol.doc
    if doc is None or (module.language not in TABLES and module.language != "python"):
        return
    path, lines = symbol.span.path, repo_map.snapshot.files[symbol.span.path]
    table = None if module.language == "python" else TABLES[module.language]
    if table is None:
        page = read_docstring(path, lines, doc)
    else:
        page = read_markdown(path, as_markdown(texts_of(lines, doc, grammar_of(table.name)), table))
    if not any(block.kind is BlockKind.CODE for section in page.sections for block in section.blocks):
        return
    title = f"{symbol.qualname}!" if is_macro(symbol) else symbol.qualname
    opening = Section(path=path, title=title, level=LEVEL, start=doc.start, end=doc.end)
    others: list[Section] = []
    for section in page.sections:
        if not section.title or (is_start(section.title) and not others):
            opening = replace(opening, blocks=(*opening.blocks, *section.blocks))
        elif not symbol.parent and table is not None and not is_meta(section.title) and not is_start(section.title):
            others.append(replace(section, level=LEVEL, start=section.start + doc.start - 1, end=doc.end))
    if table is None and not symbol.parent:  # what a docstring opens with is quoted without that
        opening = replace(opening, blocks=tuple(block for block in opening.blocks if block.kind is BlockKind.CODE))
    for section in (opening, *others):
        yield replace(section, blocks=tuple(_in_file(block, doc.start - 1, table) for block in section.blocks))


def _in_file(block: Block, before: int, table: Table | None) -> Block:
    """A block of a comment at its place in the file: an example in the file's language, prose without tags."""
    block = replace(block, start=block.start + before, end=block.end + before)
    if block.kind is BlockKind.CODE:
        known = block.language or _language_of(block.text, table.name if table is not None else "python")
        return replace(block, language=known)
    if table is None:
        return block
    return replace(block, text=as_prose(block.text, table))


def _language_of(example: str, language: str) -> str:
    """What an example without a name is written in: data where it can be read as such, else the file's language."""
    if example.startswith("<"):
        return "xml"
    try:
        json.loads(example)
    except (ValueError, RecursionError):
        return language
    return "json"
