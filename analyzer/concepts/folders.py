"""Candidates of a project that is run rather than imported: its entry points, and the folders that it is made of."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from analyzer.code.model import Module, Span, Symbol
from analyzer.concepts.candidates import Candidate
from analyzer.concepts.evidence import Evidence
from analyzer.concepts.layers import domain_terms
from analyzer.concepts.model import Ground
from analyzer.concepts.terms import EMPTY, FRONTS, is_trivial, stem, words_of
from analyzer.documentation import prose
from analyzer.languages.table import TABLES

# Where a language or a habit puts all of a project's code.
ROOTS: Final = frozenset(
    ["app", "cmd", "include", "internal", "lib", "libs", "main", "pkg", "source", "sources", "src", *TABLES]
)
# What a program brings along, and where it keeps that: no part of what it does.
BROUGHT: Final = frozenset(
    ["assets", "css", "fonts", "images", "img", "js", "layouts", "locales", "migrations", "partials", "public",
     "resources", "sass", "scss", "static", "styles", "templates", "translations", "views"]
)  # fmt: skip
INTRODUCING: Final = FRONTS | {"doc", "package-info"}
FOLDER_MIN_LINES: Final = 60
DEPTH_MAX: Final = 3
FILES_MAX: Final = 2_000
NAMES_MIN: Final = 3
PART_SHARE: Final = 0.6  # a folder with more of all names is the library itself
NAMES_ENOUGH: Final = 32
REST_MIN: Final = 3
ENTRY_FILES: Final = re.compile(
    r"(^|/)(__main__\.py|main\.\w+|cli\.\w+|app\.\w+|server\.\w+|manage\.py|index\.\w+|Program(\.\w+)?\.cs|bin/[\w-]+)$"
)


def folder_candidates(evidence: Evidence, scores: Mapping[str, float]) -> Iterator[Candidate]:
    """One candidate per folder that has something to say, and one per entry point."""
    folders: dict[str, list[Module]] = {}
    for module in evidence.links.repository.subjects:
        folder = module.path.rpartition("/")[0]
        folders.setdefault("/".join(folder.split("/")[:DEPTH_MAX]), []).append(module)
    for number, (folder, modules) in enumerate(sorted(folders.items())):
        lines = sum(module.line_count for module in modules)
        name = folder.rpartition("/")[2]
        if (
            lines >= FOLDER_MIN_LINES
            and (_is_introduced(modules) or domain_terms(name))  # `controllers` says what its files are, not about what
            and name
            and name.lower() not in ROOTS | BROUGHT
            and not is_trivial(name, is_heading=False)
            and (symbol := _main(modules, scores))
        ):
            said = _said(modules)
            yield Candidate(
                title=_title(name),
                term=_term(name),
                ground=Ground.FOLDER,
                weight=1.2 + 0.7 * math.log10(1 + lines) + (0.8 if said else 0.0) - 0.3 * folder.count("/"),
                position=(2.5, float(number), 0.0),
                says=said or f"{folder}/",
                symbol=symbol,
            )
    for module in evidence.links.repository.subjects:
        is_code = module.language == "python" or module.language in TABLES
        if is_code and ENTRY_FILES.search(module.path) and (symbol := _main([module], scores)):
            stem_ = module.path.rpartition("/")[2].partition(".")[0].strip("_")
            folder = module.path.rpartition("/")[0].rpartition("/")[2]
            owner = "" if folder in ROOTS else folder
            yield Candidate(
                title=_title(owner or stem_),
                term=_term(owner or stem_),
                ground=Ground.ENTRY,
                weight=2.2,
                position=(2.4, float(module.path.count("/")), 0.0),
                says=prose.first_sentence(module.doc.text) if module.doc else module.path,
                symbol=symbol,
            )


def package_candidates(
    evidence: Evidence, scores: Mapping[str, float], own: frozenset[str], apart: tuple[str, ...]
) -> Iterator[Candidate]:
    """One candidate per folder from which users name several definitions, for a library that hardly explains itself.

    `own` are the terms of the project's name, `apart` the folders of packages beside the root's.
    """
    handed: dict[str, list[Symbol]] = {}
    for symbol in evidence.public.values():
        parts = symbol.span.path.split("/")[:-1]
        for depth in range(1, min(len(parts), DEPTH_MAX) + 1):
            handed.setdefault("/".join(parts[:depth]), []).append(symbol)
    most = PART_SHARE * len({symbol.name for symbol in evidence.public.values()})
    for number, (folder, symbols) in enumerate(sorted(handed.items())):
        name = _without_own(folder.rpartition("/")[2], own)
        names = {symbol.name for symbol in symbols}
        is_one = name and name not in ROOTS and not is_trivial(name, is_heading=False) and _term(name) not in own
        if is_one and NAMES_MIN <= len(names) <= most and not f"{folder}/".startswith(apart):
            modules = [evidence.links.modules[path] for path in sorted({symbol.span.path for symbol in symbols})]
            yield Candidate(
                title=_title(name),
                term=_term(name),
                ground=Ground.PACKAGE,
                weight=1.5 + 0.5 * math.log2(min(len(names), NAMES_ENOUGH)),
                position=(3.5, float(number), 0.0),
                says=_said(modules) or f"{folder}/",
                symbol=_main(modules, scores),
            )


def _without_own(name: str, own: frozenset[str]) -> str:
    """A folder's name without the project's before it: `zapcore` is about a core."""
    return next((rest for term in own if (rest := name.removeprefix(term)) != name and len(rest) >= REST_MIN), name)


def file_candidates(evidence: Evidence, scores: Mapping[str, float]) -> Iterator[Candidate]:
    """One candidate per file, for a repository in which nothing else says what it is about."""
    subjects = evidence.links.repository.subjects
    for number, module in enumerate(subjects[:FILES_MAX]):
        name = module.path.rpartition("/")[2].partition(".")[0] or module.path
        said = prose.first_sentence(module.doc.text) if module.doc else ""
        yield Candidate(
            title=_title(name.strip("_") or name),
            term=_term(name) or module.path.lower(),
            ground=Ground.FILE,
            weight=0.5 + 0.5 * math.log10(1 + module.line_count) + (0.4 if said else 0.0),
            position=(4.0, float(number), 0.0),
            says=said or module.path,
            symbol=_main([module], scores),
            path=module.path,
        )


def _main(modules: Sequence[Module], scores: Mapping[str, float]) -> Symbol | None:
    symbols = [s for module in modules for s in module.symbols if not s.parent]
    return max(symbols, key=lambda s: (scores.get(s.key, 0.0), s.key), default=None)


def _said(modules: Sequence[Module]) -> str:
    fronts = sorted(modules, key=lambda module: (not module.path.endswith("__init__.py"), module.path))
    return next((said for m in fronts[:1] if m.doc and (said := prose.first_sentence(m.doc.text))), "")


def _is_introduced(modules: Sequence[Module]) -> bool:
    """Whether a folder's own file says what it is, which only those folders have that are a part by themselves."""
    return any(m.doc is not None and m.path.rpartition("/")[2].partition(".")[0] in INTRODUCING for m in modules)


def _title(name: str) -> str:
    words = words_of(name) or (name,)
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def _term(name: str) -> str:
    words = [word for word in words_of(name) if word.lower() not in EMPTY]
    return stem(words[-1]) if words else stem(name)


def span_of(symbol: Symbol) -> Span:
    """The lines of a definition's signature."""
    return Span(path=symbol.span.path, start=symbol.span.start, end=max(symbol.span.start, symbol.head_end))
