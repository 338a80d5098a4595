"""What happens when an example runs: from the definitions that it names into the code, a few steps deep."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from analyzer.code.model import Kind, Span, Symbol
from analyzer.concepts.layers import domain_terms
from analyzer.concepts.model import Concept
from analyzer.concepts.terms import terms_of
from analyzer.graph.entry import Entry
from analyzer.graph.links import LinkKind
from analyzer.static.excerpts import Example
from analyzer.static.repository_map import RepositoryMap

STEPS_MAX: Final = 5
BODY_MIN_LINES: Final = 3
ENTRIES_MAX: Final = 16
CONSTRUCTORS: Final = frozenset({"__init__", "__new__", "constructor", "new", "initialize", "__construct"})
CALLED_BY_LANGUAGE: Final = frozenset({"__call__", "__enter__", "__aenter__", "__iter__", "call", "invoke", "run"})
MEMBERS_MET: Final = 4
ALONE_WORTH: Final = 1.0
ABOUT_WORTH: Final = 2.5
_CALLED: Final = re.compile(r"(?:\.|::|->)?([A-Za-z_]\w*)\s*(?:::<[^<>]*>)?\(")
SHORT_RECEIVER: Final = 3
_RECEIVER: Final = re.compile(r"\b(?P<receiver>[A-Za-z_]\w*)(?:\.|->)(?P<name>\w+)\s*\(")
_MADE: Final = re.compile(
    r"^[^\S\n]*(?:(?:const|let|var|val|auto|final|mut)\s+)*(?P<name>\w+)\s*(?::=|=(?!=))\s*(?:await\s+|new\s+|&)*"
    r"(?P<maker>[A-Za-z_][\w.:]*)\(",
    re.MULTILINE,
)
_ENTERED: Final = re.compile(r"\bwith\s+(?P<maker>[\w.]+)\([^\n]*\)\s+as\s+(?P<name>\w+)")
_IMPORTED: Final = re.compile(r"^[^\S\n]*import (\w+)[^\S\n]*$", re.MULTILINE)
_NAME: Final = re.compile(r"[A-Za-z_]\w+")
_DECORATOR: Final = re.compile(r"@(?:[\w.]+\.)?(\w+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One call: the definition that is reached, from which other (None: the example), on which line."""

    symbol: Symbol
    caller: Symbol | None
    line: Span | None

    @property
    def parentheses(self) -> str:
        """What follows its name where that is said: a type that is made has none."""
        return "" if self.symbol.kind is Kind.CLASS else "()"


def path_of_calls(repo_map: RepositoryMap, concept: Concept, example: Example | None) -> tuple[Step, ...]:
    """The most telling way from what the example calls into the code; empty when nothing of it resolves."""
    return _best(repo_map, concept, called_in(repo_map, concept, example.text)) if example is not None else ()


def path_from_a_way_in(repo_map: RepositoryMap, concept: Concept) -> tuple[Entry | None, tuple[Step, ...]]:
    """The most telling way from what answers a request or a command about a concept; None when nothing leads on."""
    entries = [(entry, entry.handler) for entry in repo_map.entries_about(concept) if entry.handler is not None]
    if concept.is_start:  # the first that leads anywhere is what a program starts with
        entries = [pair for pair in entries if len(_follow(repo_map, pair[1], "")) > 1][:1]
    steps = _best(repo_map, concept, [handler for _, handler in entries], term=concept.term)
    return next((entry for entry, handler in entries if steps and handler is steps[0].symbol), None), steps


def path_inside(repo_map: RepositoryMap, concept: Concept) -> tuple[Step, ...]:
    """The most telling way from what users of the concept's own definitions meet; empty when nothing leads on."""
    return _best(repo_map, concept, _met(repo_map, concept))


def _best(repo_map: RepositoryMap, concept: Concept, entries: Iterable[Symbol], term: str = "") -> tuple[Step, ...]:
    """Of the ways from several definitions the most telling one; with a term, it leads to what is about that."""
    best: tuple[Step, ...] = ()
    value = 0.0
    distinct = {symbol.key: symbol for symbol in entries if symbol.kind is not Kind.CONSTANT}
    for place, entry in enumerate(list(distinct.values())[:ENTRIES_MAX]):
        steps = _follow(repo_map, entry, term)
        worth = sum(_worth(concept, step) for step in steps) - 0.15 * place
        # A single step is worth showing where it says what it does, and does something.
        does_something = entry.kind is not Kind.CLASS and entry.line_count > BODY_MIN_LINES
        is_telling = len(steps) > 1 or (worth >= ALONE_WORTH and does_something)
        if is_telling and worth > value:
            best, value = steps, worth
    return best


def _worth(concept: Concept, step: Step) -> float:
    """What a step adds: it says what it does, it belongs to the concept; constructors and helpers say little."""
    symbol = step.symbol
    owned = symbol.key in concept.symbols or any(
        key.startswith(symbol.owner_key) for key in concept.symbols if symbol.parent
    )
    named = concept.term and concept.term in terms_of(symbol.qualname)
    dull = symbol.name.startswith("__") or symbol.name in CONSTRUCTORS
    return 0.4 + (0.8 if symbol.doc else 0.0) + (0.8 if owned or named else 0.0) - (0.7 if dull else 0.0)


def called_in(repo_map: RepositoryMap, concept: Concept, text: str) -> Iterator[Symbol]:
    """Definitions with a body that an example's text calls, in its order."""
    symbols = repo_map.symbols_of(concept)
    members = {
        member.name: member
        for symbol in reversed(symbols[:6])
        if symbol.kind is Kind.CLASS
        for member in repo_map.members(symbol)
        if member.is_public
    }
    named = _methods_about(repo_map, concept)
    tops = {symbol.name: symbol for symbol in reversed(symbols)}
    receivers = {match["name"]: match["receiver"] for match in _RECEIVER.finditer(text)}
    made = _made_in(repo_map, text)
    foreign = set(_IMPORTED.findall(text))
    for name in dict.fromkeys([*_CALLED.findall(text), *_DECORATOR.findall(text)]):
        if receivers.get(name, "") in foreign and receivers[name].lower() not in repo_map.own_names:
            continue  # `threading.Event` is no event of the project
        owner = made.get(receivers.get(name, ""))
        if owner is not None:  # what a name holds is known: its own method, or none of the project's
            known = [member for member in repo_map.inherited_members(owner) if member.name == name]
            yield from known[:1]
            continue
        exported = next(iter(repo_map.evidence.by_name.get(name, ())), None)
        is_handed_out = receivers.get(name, "").lower() in repo_map.own_names
        target = (
            (exported if is_handed_out else None)  # `fetch.get` of the package `fetch`
            or tops.get(name)
            or named.get(name)
            or members.get(name)
            or exported
            or _by_receiver(repo_map, name, receivers.get(name, "").lower())
        )
        if target is not None:
            yield _callable(repo_map, target)


def _made_in(repo_map: RepositoryMap, text: str) -> dict[str, Symbol]:
    """The public types of the names that an example's text makes: `s = requests.Session()`, `e := echo.New()`."""
    found: dict[str, Symbol] = {}
    for match in (*_MADE.finditer(text), *_ENTERED.finditer(text)):
        parts = [part for part in re.split(r"[.:]+", match["maker"]) if part and part not in CONSTRUCTORS]
        for maker in repo_map.evidence.by_name.get(parts[-1] if parts else "", ())[:1]:
            owner = maker if maker.kind is Kind.CLASS else _returned(repo_map, maker)
            if owner is not None:
                found[match["name"]] = owner
    return found


def _returned(repo_map: RepositoryMap, function: Symbol) -> Symbol | None:
    """The public type that a function's signature says it returns."""
    returned = function.signature.rpartition(")")[0 if function.signature.rstrip().endswith(")") else 2]
    returned = function.signature.rpartition("->")[2] if "->" in function.signature else returned
    known = (repo_map.evidence.by_name.get(name, ()) for name in _NAME.findall(returned))
    return next((symbol for symbols in known for symbol in symbols[:1] if symbol.kind is Kind.CLASS), None)


def _by_receiver(repo_map: RepositoryMap, name: str, receiver: str) -> Symbol | None:
    """The one public method of a name, where what it is called on is named for its type: `c.Handle`, `basket.add`."""
    method = repo_map.only_method(name)
    owner = method.parent.rpartition(".")[2].lower() if method is not None else ""
    is_short = len(receiver) <= SHORT_RECEIVER and owner.startswith(receiver)
    return method if receiver and (is_short or owner == receiver or owner.endswith(receiver)) else None


def _met(repo_map: RepositoryMap, concept: Concept) -> Iterator[Symbol]:
    """What users meet of a concept's first own definitions: to make one, to call it, what pages name."""
    mentioned = repo_map.evidence.mentioned_in
    number = repo_map.concepts.index(concept) if concept in repo_map.concepts else -1
    own = [symbol for symbol in repo_map.symbols_of(concept) if repo_map.owner.get(symbol.key) == number]
    for symbol in own[:3]:
        if symbol.kind is not Kind.CLASS:
            yield symbol
            continue
        members = [
            member
            for member in repo_map.members(symbol)
            if member.name in CONSTRUCTORS or member.name in CALLED_BY_LANGUAGE or member.name in mentioned
        ]
        if concept.main is None:
            # No page tells what people call: what others of the project use most.
            members += [member for member in repo_map.members(symbol) if member.is_public and member not in members]
        members.sort(key=lambda member: (-len(mentioned.get(member.name, ())), -repo_map.score(member)))
        yield from members[:MEMBERS_MET]


def _methods_about(repo_map: RepositoryMap, concept: Concept) -> dict[str, Symbol]:
    """Public methods of any public type whose name is about the concept: `Flask.register_blueprint`."""
    found: dict[str, Symbol] = {}
    if not concept.term:
        return found
    for owner in repo_map.evidence.public.values():
        if owner.kind is Kind.CLASS:
            for member in repo_map.inherited_members(owner):
                if member.is_public and concept.term in terms_of(member.name):
                    found.setdefault(member.name, member)
    return found


def _callable(repo_map: RepositoryMap, symbol: Symbol) -> Symbol:
    """What runs when a definition is called: a class's constructor where it has one."""
    if symbol.kind is not Kind.CLASS:
        return symbol
    for member in repo_map.members(symbol):
        if member.name in CONSTRUCTORS:
            return member
    return symbol


def _follow(repo_map: RepositoryMap, entry: Symbol, term: str) -> tuple[Step, ...]:
    """From call to call, each time the one that leads on; no definition twice."""
    steps = [Step(symbol=entry, caller=None, line=None)]
    seen = {entry.key}
    current = entry
    while len(steps) < STEPS_MAX:
        options = [
            (link, target)
            for link in repo_map.links.outgoing.get(current.key, ())
            if link.kind in {LinkKind.CALLS, LinkKind.CREATES}
            and (target := repo_map.symbol(link.target)) is not None
            and target.key not in seen
            and target.kind is not Kind.CONSTANT
            and (target.line_count >= BODY_MIN_LINES or target.doc is not None)
        ]
        if not options:
            break
        weights = [(_weight(repo_map, target, current, term), -link.span.start) for link, target in options]
        link, target = options[weights.index(max(weights))]
        following = _callable(repo_map, target)
        if following.key in seen:
            break
        seen |= {target.key, following.key}
        steps.append(Step(symbol=following, caller=current, line=link.span))
        current = following
    return tuple(steps)


def _weight(repo_map: RepositoryMap, symbol: Symbol, caller: Symbol, term: str) -> float:
    """A definition that says what it is for, does something, and is used by few others leads on.

    With a term, so does what is about it: of two that a request calls, the one that stores what is asked for.
    """
    used = len(repo_map.links.incoming.get(symbol.key, ()))
    further = sum(link.kind is LinkKind.CALLS for link in repo_map.links.outgoing.get(symbol.key, ()))
    near = 0.5 if symbol.span.path == caller.span.path else 0.0
    is_about = bool(term) and symbol.kind is not Kind.CLASS and term in domain_terms(symbol.qualname)
    about = ABOUT_WORTH if is_about else 0.0  # that a thing is made says less than what is done with it
    return about + (
        (1.0 if symbol.doc else 0.0) + min(symbol.line_count, 40) / 20 + min(further, 5) / 2 + near - min(used, 12) / 8
    )
