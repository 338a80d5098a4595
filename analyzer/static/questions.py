"""Questions about behaviour with hidden answers, each decided by lines that the answer cites."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from analyzer.concepts.model import Concept
from analyzer.concepts.terms import terms_of
from analyzer.documentation import prose
from analyzer.graph.entry import EntryKind
from analyzer.markup import cite, code
from analyzer.static.catalogue import Words
from analyzer.static.failures import raises_of
from analyzer.static.guards import CONDITION_MAX, OUTCOME_MAX, guards_about
from analyzer.static.quotation import Said, sentence_of, sentences_of, stands_alone
from analyzer.static.repository_map import RepositoryMap

QUESTIONS_MAX: Final = 3
QUESTIONS_ENOUGH: Final = 2
GUARDS_MAX: Final = 2
HALF_MIN_WORDS: Final = 4
SENTENCE_WORDS: Final = (8, 34)
CONSTRUCTORS: Final = frozenset({"__init__", "constructor", "initialize"})
# A default that says something: neither nothing nor a name to look up.
TELLING: Final = re.compile(r"True|False|true|false|-?\d[\d_.]*|\"[^\"]{1,20}\"|'[^']{1,20}'|\w+\.\w+")
_SPAN: Final = re.compile(r"``([^`]+)``|`([^`]+)`")
_TURN: Final = re.compile(
    r",? (?=(?:but|so that|because|unless|instead of|rather than|which means|until|otherwise|even if|even when|"
    r"whereas)\b)|, (?=(?:so|if|when|since|while|which)\b)|(?<=\w\w\w) (?=(?:if|when) (?:you|the|a|an|it|no)\b)"
)
_DECIDES: Final = re.compile(
    r"\b(not|only|instead|default|unless|never|always|before|after|until|must|because|but|if|when)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question and its answer, both Markdown."""

    text: str
    answer: str


def questions(repo_map: RepositoryMap, concept: Concept, words: Words) -> list[Question]:
    """Up to three, of as many kinds as there is evidence for."""
    number = repo_map.concepts.index(concept) if concept in repo_map.concepts else 0
    said = [
        item for section in concept.sections for item in sentences_of(section)
        if SENTENCE_WORDS[0] <= len(item.text.split()) <= SENTENCE_WORDS[1] and not item.text.endswith((":", "?"))
        if stands_alone(item.text)
    ]  # fmt: skip
    said.sort(key=lambda item: not _DECIDES.search(item.text))
    kinds = [
        _turns(said, words),
        _behaviour(repo_map, concept, words),
        _who(repo_map, concept, words),
        _defaults(repo_map, concept, words),
        _gaps(said, words),
    ]
    if repo_map.entries:
        kinds.append(_guarded(repo_map, concept, words))
    # Another kind comes first in each chapter, so that a course does not ask the same question again and again.
    turn = number % len(kinds)
    kinds = kinds[turn:] + kinds[:turn]
    found: list[Question] = []
    for _ in range(QUESTIONS_MAX):
        for kind in kinds:
            question = next(kind, None)
            while question is not None and any(_same(question, known) for known in found):
                question = next(kind, None)
            if question is not None and len(found) < QUESTIONS_MAX:
                found.append(question)
    # What a table tells above is asked only where there is hardly anything else to ask.
    return found if len(found) >= QUESTIONS_ENOUGH else [*found, *_answering(repo_map, concept, words)]


def _same(one: Question, other: Question) -> bool:
    """Whether two questions are about the same lines."""
    return one.answer.rpartition("(")[2] == other.answer.rpartition("(")[2]


def _turns(said: list[Said], words: Words) -> Iterator[Question]:
    """The first half of a sentence that turns; the answer is the other half."""
    for item in said:
        match = next(
            (m for m in _TURN.finditer(item.text) if len(item.text[: m.start()].split()) >= HALF_MIN_WORDS), None
        )
        if match is None or len(item.text[match.end() :].split()) < HALF_MIN_WORDS - 1:
            continue
        first, rest = item.text[: match.start()], item.text[match.end() :]
        if first.count("`") % 2 or first.count("*") % 2 or first.count("(") != first.count(")"):
            continue
        yield Question(
            text=f"{prose.markdown(first)} … {words('complete')}",
            answer=f"… {prose.markdown(rest)} ({cite(item.span)})",
        )


def _behaviour(repo_map: RepositoryMap, concept: Concept, words: Words) -> Iterator[Question]:
    for function, raised in raises_of(repo_map, concept):
        if not raised.condition or len(raised.condition) > 70:  # noqa: PLR2004
            continue
        said, lines = repo_map.statement(function.span.path, raised.line)
        yield Question(
            text=words("when", call=code(f"{function.qualname}()"), condition=code(raised.condition, 70)),
            answer=f"{code(said)} ({cite(lines)})",
        )


def _guarded(repo_map: RepositoryMap, concept: Concept, words: Words) -> Iterator[Question]:
    """What a program does instead of going on, asked once from each side and of another function each time."""
    asked: set[str] = set()
    for guard in guards_about(repo_map, concept):
        if guard.function.key not in asked:
            call, outcome = code(f"{guard.function.qualname}()"), code(guard.outcome, OUTCOME_MAX)
            condition = code(guard.condition, CONDITION_MAX)
            text, answer = (
                (words("when", call=call, condition=condition), outcome) if not asked
                else (words("when-does", call=call, outcome=outcome), condition)
            )  # fmt: skip
            asked.add(guard.function.key)
            yield Question(text=text, answer=f"{answer} ({cite(guard.span)})")
            if len(asked) == GUARDS_MAX:
                return


def _answering(repo_map: RepositoryMap, concept: Concept, words: Words) -> Iterator[Question]:
    """Which definition answers a request or a command."""
    if concept.is_start:
        return
    for entry in repo_map.entries_about(concept)[:1]:
        if entry.handler is not None and entry.kind is not EntryKind.PROGRAM:
            yield Question(
                text=words("answers", name=code(entry.label)),
                answer=f"{code(entry.handler.qualname)} ({cite(entry.span)})",
            )


def _who(repo_map: RepositoryMap, concept: Concept, words: Words) -> Iterator[Question]:
    """What the documentation of a definition says first; the answer is its name."""
    for symbol in repo_map.own_symbols(concept)[:4]:
        for definition in (symbol, *repo_map.members(symbol)):
            told = sentence_of(definition)
            long_enough = SENTENCE_WORDS[0] <= len(told.split()) <= SENTENCE_WORDS[1]
            if definition.is_public and long_enough and not _mentions(told, definition.name):
                yield Question(
                    text=words("who", said=told.rstrip(".")),
                    answer=f"{code(definition.qualname)} ({cite(definition.head)})",
                )


def _mentions(told: str, name: str) -> bool:
    """Whether a sentence has a word of a name, in whatever form."""
    return not set(terms_of(told)).isdisjoint(terms_of(name))


def _defaults(repo_map: RepositoryMap, concept: Concept, words: Words) -> Iterator[Question]:
    """A parameter that may be left out; the answer is its default."""
    for symbol in repo_map.own_symbols(concept)[:4]:
        for function in (symbol, *repo_map.members(symbol)):
            if function.is_public or function.name in CONSTRUCTORS:
                shown = symbol.name if function.name in CONSTRUCTORS else function.qualname
                for parameter in function.parameters:
                    if TELLING.fullmatch(parameter.default) and not parameter.name.startswith("_"):
                        yield Question(
                            text=words("without", call=code(f"{shown}()"), name=code(parameter.name)),
                            answer=f"{code(parameter.default)} ({cite(function.head)})",
                        )


def _gaps(said: list[Said], words: Words) -> Iterator[Question]:
    """A sentence with one name taken out."""
    for item in said:
        spans = [
            match for match in _SPAN.finditer(item.text) if re.fullmatch(r"[\w.@:()-]{3,40}", match[1] or match[2])
        ]
        if len(spans) != 1 or len(item.text.split()) < SENTENCE_WORDS[0]:
            continue
        match = spans[0]
        name = match[1] or match[2]
        if name.strip("()") in item.text[: match.start()] + item.text[match.end() :]:
            continue
        before, after = prose.markdown(item.text[: match.start()]), prose.markdown(item.text[match.end() :])
        if re.search(r"[:*_`]\s*$", item.text[: match.start()]) or item.text[match.end() : match.end() + 1] in {
            "_",
            "`",
        }:
            continue
        yield Question(text=f"{before} ____ {after} {words('gap')}", answer=f"{code(name)} ({cite(item.span)})")
