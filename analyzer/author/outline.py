"""The repository in brief, as prompts show it: what it says of itself, its pages, what code found to teach."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from analyzer.author.prompts import harmless, prompt
from analyzer.concepts.model import Concept
from analyzer.documentation.model import PageRole
from analyzer.static import overview
from analyzer.static.relations import Relation
from analyzer.static.repository_map import RepositoryMap

MAP_CHARS: Final = 2_500
SAID_CHARS: Final = 800
CANDIDATES_CHARS: Final = 6_000
PAGES: Final = 30
NAMES: Final = 5
REASONS: Final = 3
SECTIONS_MAX: Final = 14
SYMBOLS_MAX: Final = 12
PATHS_MAX: Final = 40
LINE_CHARS: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A concept that code found; `words` are those that a name for it may be made of."""

    concept: Concept
    words: str


def head_of(repo_map: RepositoryMap) -> str:
    """What every prompt about a repository begins with."""
    return prompt("map", project=repo_map.project, kind=repo_map.kind.value, map=as_map(repo_map))


def candidates_of(repo_map: RepositoryMap) -> list[Candidate]:
    """All concepts of the map, those without a chapter last."""
    found: list[Candidate] = []
    for concept in (*repo_map.concepts, *repo_map.further):
        names = [symbol.name for symbol in repo_map.symbols_of(concept)]
        headings = [section.title for section in concept.sections]
        found.append(Candidate(concept=concept, words=" ".join([concept.title, *headings, *names])))
    return found


def as_map(repo_map: RepositoryMap) -> str:
    """What the repository says of itself, and its pages: at most `MAP_CHARS` characters, whole lines."""
    return _bounded(_map_lines(repo_map), MAP_CHARS)


def candidates_told(repo_map: RepositoryMap) -> str:
    """What code found to teach, each with its mark: at most `CANDIDATES_CHARS` characters, whole lines."""
    return _bounded(_candidate_lines(repo_map), CANDIDATES_CHARS)


def _bounded(lines: Iterable[str], limit: int) -> str:
    kept: list[str] = []
    size = 0
    for line in lines:
        if size + len(line) + 1 > limit:
            kept.append("…")
            break
        kept.append(line)
        size += len(line) + 1
    return "\n".join(kept)


def _map_lines(repo_map: RepositoryMap) -> Iterator[str]:
    if said := overview.lead(repo_map):
        yield f"It says of itself: {harmless(said)[:SAID_CHARS]}"
        yield ""
    yield "Pages, in the documentation's order, with their headings:"
    for page in [page for page in repo_map.repository.documentation.pages if page.role is not PageRole.META][:PAGES]:
        headings = "; ".join(section.title for section in page.sections if section.title)
        yield harmless(f"- {page.path} ({page.role.value}): {headings}"[: LINE_CHARS * 2])


def _candidate_lines(repo_map: RepositoryMap) -> Iterator[str]:
    for number, candidate in enumerate(candidates_of(repo_map), start=1):
        concept = candidate.concept
        names = ", ".join(symbol.name for symbol in repo_map.symbols_of(concept)[:NAMES])
        places = "; ".join(
            f"{reason.ground.value} {reason.span.label} “{reason.says}”" for reason in concept.reasons[:REASONS]
        )
        first = " (first steps)" if concept.is_start else ""
        yield harmless(f"K{number} {concept.title}{first} — {places}"[: LINE_CHARS * 3])
        if names:
            yield harmless(f"    public names: {names}"[: LINE_CHARS * 3])


def uses_of(repo_map: RepositoryMap, uses: Sequence[Relation]) -> str:
    """Uses of one concept by another, each with its mark and the line that proves it."""
    return "\n".join(
        harmless(
            f"R{number} {repo_map.concepts[use.source].title} {use.verb} {use.target_symbol.name} of "
            f"{repo_map.concepts[use.target].title} — {use.span.label}: "
            f"{_line_of(repo_map, use).strip()[:LINE_CHARS]}"
        )
        for number, use in enumerate(uses, start=1)
    )


def _line_of(repo_map: RepositoryMap, use: Relation) -> str:
    """The line of a use that names what is used."""
    lines = repo_map.lines(use.span)
    return next((line for line in lines if use.target_symbol.name in line), lines[0] if lines else "")


def merged(name: str, concepts: Sequence[Concept]) -> Concept:
    """Candidates of one idea as one concept, the first of them leading."""
    first = concepts[0]
    main = next((concept.main for concept in concepts if concept.main is not None), None)
    sections = {section.key: section for concept in concepts for section in concept.sections}
    return replace(
        first,
        title=name,
        main=main,
        sections=tuple(sections.values())[:SECTIONS_MAX],
        symbols=tuple(dict.fromkeys(key for concept in concepts for key in concept.symbols))[:SYMBOLS_MAX],
        paths=tuple(dict.fromkeys(path for concept in concepts for path in concept.paths))[:PATHS_MAX],
        reasons=tuple(reason for concept in concepts for reason in concept.reasons),
        is_start=any(concept.is_start for concept in concepts),
    )
