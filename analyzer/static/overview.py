"""The course as a whole: the project in its own words, its parts, how they hang together."""

from collections.abc import Sequence

from analyzer.code.model import Module, Role, Span
from analyzer.plan import Abstraction, Relationship
from analyzer.static import docs
from analyzer.static.relations import order_of
from analyzer.static.repository_map import RepositoryMap, is_readme
from analyzer.static.text import cite, code, count, escape, listing

LEAD_SEARCH_LINES = 80
LEAD_MIN_WORDS = 5


def readme_lead(repo_map: RepositoryMap) -> tuple[str, Span] | None:
    """The README's first paragraph of real prose, and where it stands."""
    for path, lines in repo_map.snapshot.files.items():
        if not is_readme(path):
            continue
        start = -1
        for number, line in enumerate([*lines[:LEAD_SEARCH_LINES], ""]):
            if line.strip():
                start = number if start < 0 else start
                continue
            if start >= 0 and (lead := _lead(lines[start:number])):
                return lead, Span(path=path, start=start + 1, end=number)
            start = -1
    return None


def _lead(lines: Sequence[str]) -> str:
    """The paragraph as text, or nothing when it is a badge, a heading, a list, a table, code or markup."""
    text = " ".join(line.strip() for line in lines)
    if text.startswith(("#", "<", "[!", "![", "|", "- ", "* ", "```", ".. ", "===", "---", ":", "[")) or "![" in text:
        return ""
    if (
        any(len(set(line.strip())) == 1 for line in lines)
        or len(text.split()) < LEAD_MIN_WORDS
        or lines[0].startswith(("    ", "\t"))
    ):
        return ""
    return docs.opening(text)


def summary(repo_map: RepositoryMap) -> str:
    """Markdown: what the project says it is, how large it is, its parts in teaching order."""
    parts: list[str] = []
    if lead := readme_lead(repo_map):
        parts.append(f"{docs.markdown(lead[0])} (`{lead[1].label}`)")
    subjects = repo_map.repository.subjects
    lines = sum(module.line_count for module in subjects)
    languages = _languages(subjects)
    tests = repo_map.repository.by_role(Role.TEST)
    project = escape(repo_map.project)
    sized = f"{project} has {count(len(subjects), 'source file')} with {count(lines, 'line')} ({languages})"
    parts.append(sized + (f", and {count(len(tests), 'test file')}." if tests else "."))
    names = [f"**{escape(repo_map.topics[number].name)}**" for number in order_of(repo_map)]
    parts.append(f"The course explains {count(len(names), 'part')}, foundations first: {listing(names)}.")
    return "\n\n".join(parts)


def _languages(modules: Sequence[Module]) -> str:
    sizes: dict[str, int] = {}
    for module in modules:
        sizes[module.language] = sizes.get(module.language, 0) + module.line_count
    ranked = sorted(sizes.items(), key=lambda item: (-item[1], item[0]))
    return listing([name.capitalize() for name, _ in ranked[:3]])


def lonely(
    repo_map: RepositoryMap, abstractions: Sequence[Abstraction], items: Sequence[Relationship]
) -> list[Relationship]:
    """A relationship for each abstraction that no link touches: the folder that it shares with the nearest other."""
    touched = {number for item in items for number in (item.source, item.target)}
    found: list[Relationship] = []
    for position, item in enumerate(abstractions):
        others = [other for other in range(len(abstractions)) if other != position]
        if position in touched or not others or not item.file_paths:
            continue
        mine = item.file_paths[0]
        theirs = [(abstractions[other].file_paths or ("",))[0] for other in others]
        depths = [_shared(mine, path) for path in theirs]
        best = max(range(len(others)), key=lambda number: (len(depths[number]), -number))
        where = f"the folder {code(depths[best])}" if depths[best] else "the repository's root"
        spans = [
            cite(Span(path=path, start=1, end=1)) for path in (mine, theirs[best]) if path in repo_map.links.modules
        ]
        found.append(
            Relationship(
                source=position,
                target=others[best],
                label="lies beside",
                evidence=f"both lie in {where}: {listing(spans)}; no import or call between them was found",
            )
        )
    return found


def _shared(one: str, two: str) -> str:
    shared: list[str] = []
    for left, right in zip(one.split("/")[:-1], two.split("/")[:-1], strict=False):
        if left != right:
            break
        shared.append(left)
    return "/".join(shared)
