"""Who uses a topic: callers elsewhere in the code, tests that show it at work, the README's own words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from analyzer.code.model import Kind, Span, Symbol
from analyzer.graph.links import Link, LinkKind
from analyzer.static import docs
from analyzer.static.excerpt import EXCERPT_MAX_LINES
from analyzer.static.repository_map import EVIDENCE_ROLES, RepositoryMap, Topic, is_readme
from analyzer.static.text import cite, code, count, listing, sentence

CALLERS_SHOWN: Final = 4
TEST_MIN_LINES: Final = 4
TEST_MAX_LINES: Final = 22
NAME_MIN_CHARS: Final = 4
LANGUAGE: Final = re.compile(r"[^\w+-]")
VERBS: Final = {
    LinkKind.CALLS: "calls",
    LinkKind.CREATES: "creates",
    LinkKind.INHERITS: "extends",
    LinkKind.RAISES: "raises",
    LinkKind.TYPED: "names in its signature",
    LinkKind.IMPORTS: "imports",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A test or example function that uses a definition of the topic."""

    function: Symbol
    uses: Symbol


def callers(repo_map: RepositoryMap, number: int) -> list[str]:
    """Sentences about uses from other topics' code, one per caller and the most telling first."""
    told: list[str] = []
    seen: set[str] = set()
    for source in range(len(repo_map.topics)):
        if source == number:
            continue
        for link in repo_map.between(source, number):
            caller, target = repo_map.symbol(link.source), repo_map.symbol(link.target)
            if (
                target is None
                or link.source in seen
                or link.kind in {LinkKind.TYPED, LinkKind.IMPORTS}
                or caller is None
            ):
                continue
            seen.add(link.source)
            told.append(
                f"{code(caller.qualname)} {VERBS[link.kind]} {code(target.qualname)} ({cite(link.span)}): "
                f"{code(repo_map.line(link.span.path, link.span.start))}"
            )
            break
    return told[:CALLERS_SHOWN]


def best_test(repo_map: RepositoryMap, topic: Topic) -> Sighting | None:
    """The test that shows the topic best: short, whole, and about its main definitions."""
    best: tuple[float, Sighting] | None = None
    keys = {symbol.key: symbol for symbol in _with_members(repo_map, topic)}
    stem = topic.main_path.rpartition("/")[2].partition(".")[0].strip("_")
    per_test: dict[str, set[str]] = {}
    for key in keys:
        for link in repo_map.links.into(key, roles=EVIDENCE_ROLES):
            if link.kind in {LinkKind.CALLS, LinkKind.CREATES} and link.source in repo_map.links.symbols:
                per_test.setdefault(link.source, set()).add(key)
    for source, used in sorted(per_test.items()):
        function = repo_map.links.symbols[source]
        lines = function.line_count
        if function.kind not in {Kind.FUNCTION, Kind.METHOD} or not TEST_MIN_LINES <= lines <= TEST_MAX_LINES:
            continue
        main = max((keys[key] for key in used), key=lambda symbol: (repo_map.score(symbol), symbol.key))
        value = repo_map.score(main) + 0.5 * len(used) - abs(lines - 10) / 8
        value += 1.0 if function.name.startswith("test") else 0.0
        value += 1.0 if stem in function.span.path.rpartition("/")[2] else 0.0
        value -= 1.0 if len(function.parameters) > (2 if function.parent else 1) else 0.0
        if best is None or value > best[0]:
            best = (value, Sighting(function=function, uses=main))
    return best[1] if best else None


def test_count(repo_map: RepositoryMap, topic: Topic) -> tuple[int, int]:
    """How many test functions, in how many files, use the topic's definitions."""
    links: list[Link] = []
    for symbol in _with_members(repo_map, topic):
        links += [link for link in repo_map.links.into(symbol.key, roles=EVIDENCE_ROLES) if "::" in link.source]
    return len({link.source for link in links}), len({link.span.path for link in links})


def _with_members(repo_map: RepositoryMap, topic: Topic) -> Iterator[Symbol]:
    for symbol in repo_map.top_symbols(topic):
        yield symbol
        if symbol.kind is Kind.CLASS:
            yield from repo_map.members(symbol)


def readme_example(repo_map: RepositoryMap, names: Sequence[str]) -> tuple[Span, str] | None:
    """A short code block of the README that uses one of the names, and its language."""
    wanted = [name for name in names if len(name) >= NAME_MIN_CHARS]
    for path, lines in repo_map.snapshot.files.items():
        if not is_readme(path) or not path.lower().endswith((".md", ".markdown")):
            continue
        for begin, end in docs.usage_blocks("\n".join(lines)):
            block = "\n".join(lines[begin:end])
            if 1 < end - begin <= EXCERPT_MAX_LINES and any(f"{name}(" in block for name in wanted):
                language = LANGUAGE.sub("", lines[begin - 1].strip("`~ ").partition(" ")[0]) or "text"
                return Span(path=path, start=begin + 1, end=end), language
    return None


def readme_mention(repo_map: RepositoryMap, names: Sequence[str]) -> tuple[str, Span] | None:
    """A sentence of the README or a guide that names one of the definitions."""
    known = "|".join(re.escape(name) for name in names if len(name) >= NAME_MIN_CHARS)
    if not known:
        return None
    wanted = re.compile(rf"`(?:\w+\.)*(?:{known})(?:`|\()")
    paths = sorted(
        (path for path in repo_map.snapshot.files if path.lower().endswith((".md", ".rst"))), key=_guide_order
    )
    for path in paths:
        lines = repo_map.snapshot.files[path]
        if "change" in path.lower() or "history" in path.lower() or "news" in path.lower():
            continue
        for start, end in _paragraph_ranges(lines):
            text = " ".join(line.strip() for line in lines[start:end])
            if text.startswith(("#", "|", "- ", "* ", "<", "..", "```", "[")) or lines[start].startswith((" ", "\t")):
                continue
            if not wanted.search(text):
                continue
            for said in docs.sentences(text):
                if wanted.search(said) and 40 <= len(said) <= 300 and not said.endswith(":"):  # noqa: PLR2004
                    return said, Span(path=path, start=start + 1, end=end)
    return None


def _guide_order(path: str) -> tuple[bool, int, str]:
    return (not is_readme(path), path.count("/"), path)


def _paragraph_ranges(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    start = -1
    fenced = False
    for number, line in enumerate([*lines, ""]):
        if line.lstrip().startswith("```"):
            fenced = not fenced
            start = -1
        elif fenced or not line.strip():
            if start >= 0 and not fenced:
                yield start, number
            start = -1
        elif start < 0:
            start = number


def describe_tests(repo_map: RepositoryMap, topic: Topic) -> str:
    """How much of the test suite deals with the topic."""
    tests, files = test_count(repo_map, topic)
    if not tests:
        return ""
    paths: dict[str, int] = {}
    for symbol in _with_members(repo_map, topic):
        for link in repo_map.links.into(symbol.key, roles=EVIDENCE_ROLES):
            paths[link.span.path] = paths.get(link.span.path, 0) + 1
    top = sorted(paths, key=lambda path: (-paths[path], path))[:2]
    where = listing([code(path) for path in top])
    if tests == 1:
        return f"One test uses it, in {where}."
    many = sentence(count(tests, "test function")).rstrip(".")
    if files <= len(top):
        return f"{many} use what this chapter explains, in {where}."
    return f"{many} in {count(files, 'file')} use what this chapter explains, most of them in {where}."
