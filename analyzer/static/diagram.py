"""Mermaid diagrams with labels that the real parser accepts, whatever the repository's names are."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from analyzer.code.model import Kind, Symbol
from analyzer.static.relations import Relation, label
from analyzer.static.repository_map import RepositoryMap

LABEL_MAX_CHARS: Final = 48
BREADTH: Final = (7, 1)  # calls shown of the function itself, and of each function that it calls
EDGES_MAX: Final = 10
_ALLOWED: Final = re.compile(r"[^\w .,()/+-]")


def safe(text: str) -> str:
    """A label: letters, digits and a little punctuation; anything else becomes a space, `end` alone is quoted away."""
    cleaned = " ".join(_ALLOWED.sub(" ", text).split())
    if len(cleaned) > LABEL_MAX_CHARS:
        cleaned = cleaned[: LABEL_MAX_CHARS - 1].rstrip() + "…"
    return cleaned or "unnamed"


def block(lines: Sequence[str]) -> str:
    """A Mermaid fence."""
    return "\n".join(["```mermaid", *lines, "```"])


def flowchart(
    repo_map: RepositoryMap, relations: Sequence[Relation], here: int | None = None, *, direction: str = "LR"
) -> str:
    """Topics as boxes, relations as labelled arrows, the current topic with a thick border."""
    topics = sorted({number for relation in relations for number in (relation.source, relation.target)})
    if here is not None and here not in topics:
        topics = sorted([*topics, here])
    lines = [f"flowchart {direction}"]
    lines += [f'    t{number}["{safe(repo_map.topics[number].name)}"]' for number in topics]
    lines += [
        f'    t{relation.source} -->|"{safe(label(repo_map, relation))}"| t{relation.target}' for relation in relations
    ]
    if here is not None:
        lines.append(f"    style t{here} stroke-width:4px")
    return block(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One call in a trace: who calls what, on which line."""

    caller: Symbol
    callee: Symbol
    line: int


@dataclass(slots=True)
class _Tracer:
    repo_map: RepositoryMap
    messages: list[Message] = field(default_factory=list)
    open: set[str] = field(default_factory=set)
    seen: set[tuple[str, str]] = field(default_factory=set)

    def follow(self, symbol: Symbol, depth: int) -> None:
        """Record the calls of one function: all of them at the top, fewer the deeper it goes."""
        if depth >= len(BREADTH) or symbol.key in self.open:
            return
        self.open.add(symbol.key)
        followed = 0
        for call in symbol.calls:
            callee = self.repo_map.links.resolve_call(symbol, call)
            if callee is None or followed >= BREADTH[depth] or (symbol.key, callee.key) in self.seen:
                continue
            if callee.kind is Kind.CONSTANT or (callee.kind is Kind.CLASS and self._is_exception(callee)):
                continue
            followed += 1
            self.seen.add((symbol.key, callee.key))
            self.messages.append(Message(caller=symbol, callee=callee, line=call.line))
            if callee.kind is not Kind.CLASS:
                self.follow(callee, depth + 1)
        self.open.discard(symbol.key)

    def _is_exception(self, symbol: Symbol) -> bool:
        return symbol.name.endswith(("Error", "Exception", "Warning"))


def trace(repo_map: RepositoryMap, symbol: Symbol) -> list[Message]:
    """The resolved calls that a function makes, in source order, followed a few levels down."""
    tracer = _Tracer(repo_map=repo_map)
    tracer.follow(symbol, depth=0)
    return tracer.messages


def participant(symbol: Symbol) -> str:
    """Who acts in a diagram: the class, or the file of a plain function."""
    if symbol.kind is Kind.CLASS:
        return symbol.qualname
    return symbol.parent or symbol.span.path.rsplit("/", 1)[-1]


def sequence(messages: Sequence[Message]) -> str:
    """The trace as a sequence diagram."""
    names: list[str] = []
    for message in messages:
        for symbol in (message.caller, message.callee):
            if (name := participant(symbol)) not in names:
                names.append(name)
    lines = ["sequenceDiagram", *(f"    participant p{n} as {safe(name)}" for n, name in enumerate(names))]
    for message in messages:
        source, target = names.index(participant(message.caller)), names.index(participant(message.callee))
        text = "create" if message.callee.kind is Kind.CLASS else f"{message.callee.name}()"
        lines.append(f"    p{source}->>p{target}: {safe(text)}")
    return block(lines)
