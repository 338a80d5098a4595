"""What goes wrong: warnings of the documentation, errors that the code raises, tests that show them."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from analyzer.code.model import Kind, Raise, Role, Span, Symbol
from analyzer.concepts.model import Concept
from analyzer.concepts.terms import words_of
from analyzer.documentation import prose
from analyzer.documentation.model import BlockKind
from analyzer.graph.links import LinkKind
from analyzer.markup import cite, code, escape, table
from analyzer.static.catalogue import Words
from analyzer.static.guards import CONDITION_MAX, OUTCOME_MAX, guards_about
from analyzer.static.quotation import Said, is_sayable, sentences_of, stands_alone
from analyzer.static.repository_map import RepositoryMap
from analyzer.static.snippet import is_about

SHOWN_MAX: Final = 6
REFUSED_MAX: Final = 5
GUARDS_MAX: Final = 40
TOLD_MIN_WORDS: Final = 2
WARNINGS: Final = frozenset({"warning", "caution", "danger", "important", "attention", "error"})
_TROUBLE: Final = re.compile(
    r"\b(raises?|raised|throws?|thrown|fails?|panics?|must not|cannot|can't|won't|will not|never|"
    r"unsafe|insecure|not supported|downside|beware|deadlock|leaks?|ignored|invalid)\b",
    re.IGNORECASE,
)
_REFUSES: Final = re.compile(
    r"throw|raise|error|not_?found|missing|forbidden|denied|unauthori[sz]ed|bad_?request|invalid|reject|abort|panic|\b[45]\d\d\b",
    re.IGNORECASE,
)
# What only names an error says what goes wrong where it says when.
_ERROR: Final = re.compile(r"\b(errors?|exceptions?)\b", re.IGNORECASE)
_WHEN: Final = re.compile(r"\b(if|when\w*|unless|otherwise|instead|until|because|will)\b", re.IGNORECASE)
_TEST_NAME: Final = re.compile(
    r"\b(error|errors|invalid|fail|fails|raises|rejects?|refuses?|bad|missing|not|cannot|wrong|duplicate|illegal|too|\w+n['\u2019]t)\b",
    re.IGNORECASE,
)


def failures(repo_map: RepositoryMap, concept: Concept, words: Words, said: str = "") -> list[str]:
    """List items, the documentation's own warnings first.

    Args:
        repo_map: The repository.
        concept: What the chapter is about.
        words: The catalogue.
        said: What the chapter quotes already: none of it is said twice.
    """
    told = {item.rpartition(" (")[0]: item for item in reversed([*_warnings(concept), *_sentences(concept)])}
    known = prose.quote_key(said)
    found = [item for text, item in reversed(told.items()) if prose.quote_key(text) not in known][:3]
    raised = [*_raised(repo_map, concept, words)][:3]
    tests = list(_tests(repo_map, concept, words))[: max(1, SHOWN_MAX - len(found) - len(raised))]
    return [*found, *raised, *tests][:SHOWN_MAX]


def _warnings(concept: Concept) -> Iterator[str]:
    for section in concept.sections:
        for block in section.blocks:
            if block.kind is BlockKind.NOTE and block.label in WARNINGS and is_sayable(block.text):
                text = " ".join(prose.sentences(block.text)[:2])
                yield f"- {prose.markdown(text)} ({cite(section.span(block))})"


def _sentences(concept: Concept) -> Iterator[str]:
    for said in trouble_said(concept):
        yield f"- {prose.markdown(said.text)} ({cite(said.span)})"


def trouble_said(concept: Concept) -> list[Said]:
    """Sentences of the concept's pages that speak of something going wrong."""
    return [
        said for section in concept.sections for said in sentences_of(section)
        if (_TROUBLE.search(said.text) or (_ERROR.search(said.text) and _WHEN.search(said.text)))
        and not said.text.endswith((":", "?")) and stands_alone(said.text)
    ]  # fmt: skip


def raises_of(repo_map: RepositoryMap, concept: Concept) -> Iterator[tuple[Symbol, Raise]]:
    """Errors that the concept's public definitions raise, or that are among them: under a written condition first."""
    functions: list[Symbol] = []
    own = repo_map.own_symbols(concept)[:5]
    for symbol in own:
        functions += [symbol]
        if symbol.kind is Kind.CLASS:
            functions += [
                member for member in repo_map.members(symbol) if member.is_public or member.name == "__init__"
            ]
    pairs = [(function, raised) for function in functions for raised in function.raises]
    pairs += [pair for symbol in own for pair in _raisers(repo_map, symbol)]
    seen: set[str] = set()
    for function, raised in sorted(pairs, key=lambda pair: not pair[1].condition):
        if raised.name not in seen and raised.name[:1].isupper() | ("." in raised.name):
            seen.add(raised.name)
            yield function, raised


def _raisers(repo_map: RepositoryMap, symbol: Symbol) -> Iterator[tuple[Symbol, Raise]]:
    """The functions of the project that raise an error, each with where."""
    for link in repo_map.links.into(symbol.key, roles=(Role.SOURCE,)):
        function = repo_map.symbol(link.source)
        if link.kind is LinkKind.RAISES and function is not None:
            yield from ((function, raised) for raised in function.raises if raised.line == link.span.start)


def _raised(repo_map: RepositoryMap, concept: Concept, words: Words) -> Iterator[str]:
    for function, raised in raises_of(repo_map, concept):
        if raised.name == "NotImplementedError":
            continue
        where = cite(Span(path=function.span.path, start=raised.line, end=raised.line))
        what = (
            words("raises-if", error=code(raised.name), condition=code(raised.condition, 80))
            if raised.condition
            else words("raises", error=code(raised.name))
        )
        message = _message(repo_map.line(function.span.path, raised.line))
        told = f": {prose.markdown(message)}" if message else ""
        yield f"- {code(function.qualname)} {what}{told} ({where})"


def other_ways(repo_map: RepositoryMap, concept: Concept, words: Words) -> str:
    """A table of what a program does instead of going on; empty for a library."""
    guards = list(islice(guards_about(repo_map, concept), GUARDS_MAX))
    rows = [
        [code(guard.function.qualname), code(guard.condition, CONDITION_MAX),
         f"{code(guard.outcome, OUTCOME_MAX)} ({cite(guard.span)})"]
        for guard in sorted(guards, key=lambda guard: not _REFUSES.search(guard.outcome))[:REFUSED_MAX]
    ]  # fmt: skip
    return table([words("refused-in"), words("refused-when"), words("refused-then")], rows) if rows else ""


def _message(line: str) -> str:
    """The words that an error says, where they stand on its line."""
    match = re.search(r"[\"'`]([A-Z][^\"'`{}%]{12,120})[\"'`]", line)
    return match[1].strip() if match else ""


def _tests(repo_map: RepositoryMap, concept: Concept, words: Words) -> Iterator[str]:
    for told, test in refusals(repo_map, concept):
        yield f"- {words('test-shows')} {told} ({cite(test.span)})"


def refusals(repo_map: RepositoryMap, concept: Concept) -> Iterator[tuple[str, Symbol]]:
    """Tests of the concept whose names say that something is refused, with what they say."""
    seen: set[str] = set()
    for symbol in repo_map.own_symbols(concept)[:5]:
        keys = repo_map.keys_with_members(symbol)
        for key in keys:
            for link in repo_map.links.into(key, roles=(Role.TEST,)):
                test = repo_map.symbol(link.source)
                name = _told_by(test.name) if test is not None else ""
                told = re.sub(r"^test\s+", "", name, flags=re.IGNORECASE)
                if (
                    test is None
                    or test.key in seen
                    or not is_about(test, concept)
                    or not _TEST_NAME.search(told)
                    or len(told.split()) < TOLD_MIN_WORDS
                ):
                    continue
                seen.add(test.key)
                yield told, test


def _told_by(name: str) -> str:
    """What a test's name says: a sentence as it is written, of a function's name the words."""
    return escape(name) if " " in name.strip() else " ".join(words_of(name)).lower()
