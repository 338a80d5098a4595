"""What a learner changes and breaks in a snippet: questions of several forms, with answers where the code decides them.

Which form is asked depends on what the code has to offer and on the chapter's number, so that a course does not ask the
same question again and again.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from analyzer.code.model import Kind, Parameter, Span, Symbol
from analyzer.concepts.model import Concept
from analyzer.markup import cite, code
from analyzer.static.calls import called_in
from analyzer.static.chapter import details
from analyzer.static.course import Course
from analyzer.static.failures import raises_of, refusals
from analyzer.static.guards import CONDITION_MAX, OUTCOME_MAX, guards_about
from analyzer.static.quotation import sentence_of
from analyzer.static.snippet import Snippet

_KEYWORD: Final = re.compile(
    r"(?<=[(,\s])(?P<name>[A-Za-z_]\w*)\s*[=:]\s*(?P<value>[^,()\n]{1,30}|\w+\([^()]*\))(?=[,)\n])"
)
LINE_CHARS: Final = 100
CHOICE: Final = 6
SHORT_LINES: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Practice:
    """A snippet that is practised on, with the public definitions that it calls."""

    course: Course
    concept: Concept
    snippet: Snippet
    called: Sequence[Symbol]

    def line(self, number: int) -> str:
        """A line of the snippet as code."""
        return code(self.snippet.lines[number].strip(), LINE_CHARS)

    def say(self, key: str, **values: object) -> str:
        """A phrase."""
        return self.course.words(key, **values)

    def answer(self, text: str) -> str:
        """A hidden answer."""
        return details(self.say("answer"), text)


Form = Callable[[_Practice], list[str]]


def change_and_break(
    course: Course, concept: Concept, snippet: Snippet, number: int
) -> tuple[Sequence[str], Sequence[str]]:
    """What to change and what to break."""
    called = list(called_in(course.repo_map, concept, "\n".join(snippet.lines)))
    practice = _Practice(course=course, concept=concept, snippet=snippet, called=called)
    return _chosen(practice, _CHANGES, number), _chosen(practice, _BREAKS, number)


def _chosen(practice: _Practice, forms: Sequence[Form], number: int) -> list[str]:
    """One of the first forms that the snippet has something for, another in each chapter."""
    asked = [blocks for form in forms if (blocks := form(practice))][:CHOICE]
    return asked[number % len(asked)]


def _value(practice: _Practice) -> list[str]:
    """Another value, and the assertion that notices."""
    literal, assertion = practice.snippet.literal(), practice.snippet.assertion()
    if literal is None or assertion is None or assertion <= literal[1]:
        return []
    told = practice.say("change-answer", line=practice.line(assertion), cite=cite(practice.snippet.cite(assertion)))
    return [practice.say("change-value", value=code(literal[0])), practice.answer(told)]


def _default(practice: _Practice) -> list[str]:
    """A named argument left out: its default is in the signature."""
    for line in practice.snippet.lines:
        for match in _KEYWORD.finditer(line):
            for symbol, parameter in _parameters(practice):
                if parameter.name == match["name"] and parameter.default not in {"", match["value"].strip()}:
                    told = practice.say(
                        "change-default-answer", value=code(parameter.default, 40), cite=cite(symbol.head)
                    )
                    return [practice.say("change-default", value=code(match[0].strip(), 60)), practice.answer(told)]
    return []


def _sibling(practice: _Practice) -> list[str]:
    """Another member of the same type: what it does instead."""
    repo_map = practice.course.repo_map
    for symbol in practice.called:
        owner = repo_map.symbol(symbol.owner_key) if symbol.parent else None
        if owner is None or symbol.kind is not Kind.METHOD or symbol.name.startswith("__"):
            continue
        others = [
            member for member in repo_map.members(owner)
            if member.is_public and member.kind is Kind.METHOD and member.name != symbol.name
            and len(member.parameters) == len(symbol.parameters) and sentence_of(member)
        ]  # fmt: skip
        if others:
            other = others[0]
            question = practice.say("change-sibling", name=code(symbol.name), other=code(other.name))
            return [question, practice.answer(f"{sentence_of(other)} ({cite(other.head)})")]
    return []


def _swap(practice: _Practice) -> list[str]:
    """Two lines in the other order: what the second needs is not there yet."""
    snippet = practice.snippet
    for number in range(len(snippet.lines) - 1):
        name = snippet.assigned(number)
        if name and snippet.user_of(name, number) == number + 1 and snippet.lines[number].strip().endswith((")", ";")):
            told = practice.say("change-swap-answer", name=code(name), cite=cite(snippet.cite(number)))
            return [practice.say("change-swap", line=practice.line(number)), practice.answer(told)]
    return []


def _parameter(practice: _Practice) -> list[str]:
    """Which parameter an argument fills in."""
    for symbol in practice.called:
        match = re.search(
            rf"\b{re.escape(_written(symbol))}\(\s*([^\s,()]{{1,40}})\s*[,)]", "\n".join(practice.snippet.lines)
        )
        parameters = [parameter for parameter in symbol.parameters if parameter.name not in {"self", "cls"}]
        if match and parameters and "=" not in match[1]:
            question = practice.say("change-parameter", value=code(match[1]), call=code(f"{_written(symbol)}()"))
            return [question, practice.answer(f"{code(parameters[0].name)} ({cite(symbol.head)})")]
    return []


def _other_value(practice: _Practice) -> list[str]:
    literal = practice.snippet.literal()
    return [practice.say("change-literal", value=code(literal[0]))] if literal is not None else []


def _shown(practice: _Practice) -> list[str]:
    gap = practice.snippet.gap() or 0
    name = practice.snippet.assigned(gap)
    return [practice.say("change-show", name=code(name), line=practice.line(gap))] if name else []


def _shorter(practice: _Practice) -> list[str]:
    return [practice.say("change-shorter")] if len(practice.snippet.lines) > SHORT_LINES else []


def _line(practice: _Practice) -> list[str]:
    return [practice.say("change-line", line=practice.line(practice.snippet.gap() or 0))]


def _twice(practice: _Practice) -> list[str]:
    return [practice.say("break-twice", line=practice.line(practice.snippet.gap() or 0))]


def _empty(practice: _Practice) -> list[str]:
    literal = practice.snippet.literal()
    return [practice.say("break-empty", value=code(literal[0]))] if literal is not None else []


def _first_line(practice: _Practice) -> list[str]:
    gap = practice.snippet.gap() or 0
    return [practice.say("break-first", line=practice.line(gap))] if gap > 1 else []


def _gone(practice: _Practice) -> list[str]:
    return [practice.say("break-gone", line=practice.line(practice.snippet.gap() or 0))]


def _without(practice: _Practice) -> list[str]:
    """An assignment left out: the first line that misses its name."""
    snippet = practice.snippet
    gap = snippet.gap() or 0
    name = snippet.assigned(gap)
    user = snippet.user_of(name, gap) if name else None
    if user is None:
        return []
    told = practice.say("break-answer", name=code(name), line=practice.line(user), cite=cite(snippet.cite(user)))
    return [practice.say("break-line", line=practice.line(gap)), practice.answer(told)]


def _raise(practice: _Practice) -> list[str]:
    """An error that the concept raises, and the condition for it."""
    for function, raised in raises_of(practice.course.repo_map, practice.concept):
        if raised.condition:
            where = Span(path=function.span.path, start=raised.line, end=raised.line)
            told = practice.say("raises-if", error=code(raised.name), condition=code(raised.condition, 80))
            question = practice.say("break-raise", error=code(raised.name), name=code(function.qualname))
            return [question, practice.answer(f"{code(function.qualname)} {told} ({cite(where)})")]
    return []


def _guarded(practice: _Practice) -> list[str]:
    """What a program refuses or turns away, to be brought about; the answer is the condition."""
    for guard in guards_about(practice.course.repo_map, practice.concept):
        call, outcome = code(f"{guard.function.qualname}()"), code(guard.outcome, OUTCOME_MAX)
        question = practice.say("break-guard", call=call, outcome=outcome)
        return [question, practice.answer(f"{code(guard.condition, CONDITION_MAX)} ({cite(guard.span)})")]
    return []


def _kind(practice: _Practice) -> list[str]:
    """A value of another kind than the signature asks for."""
    for symbol, parameter in _parameters(practice):
        if parameter.annotation and len(parameter.annotation) <= 40:  # noqa: PLR2004
            question = practice.say("break-kind", name=code(parameter.name), call=code(f"{_written(symbol)}()"))
            return [question, practice.answer(f"{code(parameter.annotation)} ({cite(symbol.head)})")]
    return []


def _refused(practice: _Practice) -> list[str]:
    """A test that shows something being refused."""
    told = next(refusals(practice.course.repo_map, practice.concept), None)
    if told is None:
        return []
    name, test = told
    return [practice.say("break-refused"), practice.answer(f"{name} ({cite(test.span)})")]


def _misspelt(practice: _Practice) -> list[str]:
    """A name that is not there."""
    called = next((symbol for symbol in practice.called if len(symbol.name) > 3), None)  # noqa: PLR2004
    return [practice.say("break-name", name=code(_written(called)))] if called is not None else []


def _parameters(practice: _Practice) -> Iterator[tuple[Symbol, Parameter]]:
    for symbol in practice.called:
        for parameter in symbol.parameters:
            if parameter.name not in {"self", "cls"} and not parameter.star:
                yield symbol, parameter


def _written(symbol: Symbol) -> str:
    """How a call is written: a constructor by its type."""
    is_constructor = symbol.name.startswith("__") or symbol.name in {"constructor", "initialize"}
    return symbol.parent.rpartition(".")[2] if is_constructor and symbol.parent else symbol.name


# What the code decides comes first; what only the learner can see comes after.
_CHANGES: Final[Sequence[Form]] = (
    _value, _sibling, _default, _swap, _parameter, _other_value, _shown, _line, _shorter
)  # fmt: skip
_BREAKS: Final[Sequence[Form]] = (
    _without,
    _raise,
    _guarded,
    _refused,
    _kind,
    _misspelt,
    _empty,
    _twice,
    _first_line,
    _gone,
)
