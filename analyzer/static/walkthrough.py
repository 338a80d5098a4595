"""Under the hood: one telling function, statement by statement, in sentences that the source proves."""

from collections.abc import Iterator, Sequence
from typing import Final

from analyzer.code.model import Kind, Span, Symbol
from analyzer.code.walk import Act, Stride, walk
from analyzer.static import docs
from analyzer.static.atlas import Atlas, Topic
from analyzer.static.text import cite, code, listing

LINES_MIN: Final = 8
LINES_MAX: Final = 90
STEPS_MAX: Final = 9
VALUE_MAX: Final = 60
COMMENT_MIN_WORDS: Final = 4
BUILTIN: Final = frozenset(
    {
        "isinstance", "len", "str", "int", "dict", "list", "tuple", "set", "type", "getattr", "hasattr", "super",
        "print", "range", "enumerate", "zip", "bool", "bytes", "repr", "iter", "next", "min", "max", "sorted", "any",
        "all", "super()",
    }
)  # fmt: skip
BLOCKS: Final = frozenset({Act.BRANCH, Act.LOOP, Act.WHILE, Act.WITH, Act.TRY})
# What a statement does, with its operand and without.
DEEDS: Final = {
    Act.SET: ("sets {subject} to {value}", "sets {subject}"),
    Act.CALL: ("calls {value}", ""),
    Act.RETURN: ("returns {value}", "returns"),
    Act.RAISE: ("raises {value}", "raises the exception again"),
    Act.YIELD: ("yields {value}", "yields"),
    Act.CHECK: ("asserts {value}", ""),
    Act.DEFINE: ("defines a helper, {subject}, inside itself", ""),
    Act.BRANCH: ("decides on {subject}", ""),
    Act.LOOP: ("loops over {value}", ""),
    Act.WHILE: ("repeats while {subject} holds", ""),
    Act.WITH: ("works inside {subject}", ""),
    Act.TRY: ("enters a `try` block that catches {subject}", "enters a `try` block"),
}


def central_function(atlas: Atlas, topic: Topic) -> Symbol | None:
    """The function that shows most of the topic at work: many resolved calls, important, of readable length."""
    best: tuple[float, Symbol] | None = None
    tops = [symbol for symbol in atlas.top_symbols(topic) if symbol.kind is not Kind.CONSTANT]
    leading = tops[0].qualname if tops else ""
    for symbol in atlas.functions(topic):
        if symbol.kind is Kind.PROPERTY or not LINES_MIN <= symbol.line_count <= LINES_MAX:
            continue
        if symbol.span.path.endswith(".pyi") or any("overload" in mark for mark in symbol.decorators):
            continue
        called = [atlas.links.resolve_call(symbol, call) for call in symbol.calls]
        reached = {target.key for target in called if target is not None and target.key != symbol.key}
        if not reached and len(symbol.calls) < 2:  # noqa: PLR2004
            continue
        code_lines = symbol.line_count - (symbol.doc.end - symbol.doc.start + 1 if symbol.doc else 0)
        value = min(len(reached), 7) * 1.2 + atlas.score(symbol) + (1.0 if symbol.is_public else 0)
        value += min(code_lines, 25) / 10 - max(0, code_lines - 45) / 10
        value += 2.5 if symbol.qualname.partition(".")[0] == leading else 0
        value -= 2.5 if symbol.name.startswith("__") else 0
        value -= 1.0 if symbol.is_async else 0
        if best is None or value > best[0]:
            best = (value, symbol)
    return best[1] if best else None


def steps(atlas: Atlas, symbol: Symbol) -> list[str]:
    """The function from top to bottom, one Markdown sentence or two per step."""
    strides = list(_merged(walk(atlas.snapshot.files[symbol.span.path], symbol)))
    told: list[str] = []
    for stride in strides:
        if len(told) == STEPS_MAX - 1 and len(strides) > STEPS_MAX:
            rest = Span(path=symbol.span.path, start=stride.start, end=symbol.span.end)
            told.append(f"The rest follows the same pattern; read it in {cite(rest)}.")
            break
        text = _tell(atlas, symbol, stride)
        if text:
            where = cite(Span(path=symbol.span.path, start=stride.start, end=stride.end))
            told.append(f"{text[:1].upper()}{text[1:]} ({where}).")
            if remark := _remark(symbol, stride):
                told[-1] += f" {remark}"
    return told


def _merged(strides: Sequence[Stride]) -> Iterator[Stride]:
    """Neighbouring plain assignments as one stride."""
    group: list[Stride] = []
    for stride in strides:
        plain = stride.act is Act.SET and not stride.comment and not stride.calls
        if plain and group:
            group.append(stride)
            continue
        yield from _flush(group)
        group = [stride] if plain else []
        if not plain:
            yield stride
    yield from _flush(group)


def _flush(group: list[Stride]) -> Iterator[Stride]:
    if len(group) > 1:
        yield Stride(act=Act.SET, start=group[0].start, end=group[-1].end, body=tuple(group))
    else:
        yield from group


def _remark(symbol: Symbol, stride: Stride) -> str:
    """The author's comment above the statement, quoted."""
    words = stride.comment.split()
    if len(words) < COMMENT_MIN_WORDS or stride.comment.lower().startswith(
        ("type:", "noqa", "pragma", "pylint", "mypy", "todo")
    ):
        return ""
    span = Span(path=symbol.span.path, start=stride.comment_start, end=stride.comment_end)
    said = docs.first_sentence(stride.comment) or stride.comment
    return f"The comment there says: “{docs.markdown(said)}” ({cite(span)})."


def _tell(atlas: Atlas, symbol: Symbol, stride: Stride) -> str:
    """One statement in words."""
    if stride.act is Act.SET and stride.body:
        return f"it sets {listing([code(item.subject, 40) for item in stride.body])}"
    if stride.act in BLOCKS:
        return _tell_block(stride)
    return f"it {_deed(stride)}{_reached(atlas, symbol, stride)}"


def _tell_block(stride: Stride) -> str:
    inside = _deeds(stride.body)
    match stride.act:
        case Act.BRANCH:
            told = f"if {code(stride.subject, VALUE_MAX)} holds, it {inside}"
            for other in stride.otherwise[:2]:
                lead = f"if instead {code(other.subject, VALUE_MAX)}" if other.subject else "otherwise"
                told += f"; {lead}, it {_deeds(other.body)}"
            more = len(stride.otherwise) - 2
            return told + (f"; {more} more {'case follows' if more == 1 else 'cases follow'}" if more > 0 else "")
        case Act.LOOP:
            return f"for each {code(stride.subject, 40)} in {_value(stride.value)}, it {inside}"
        case Act.WHILE:
            return f"as long as {code(stride.subject, VALUE_MAX)} holds, it {inside}"
        case Act.WITH:
            return f"inside {code(f'with {stride.subject}', VALUE_MAX)}, it {inside}"
        case _:
            told = f"in a {code('try')} block it {inside}"
            if stride.subject:
                told += f"; {code(stride.subject, VALUE_MAX)} is caught"
            return told + (f"; in any case it then {_deeds(stride.otherwise)}" if stride.otherwise else "")


def _deeds(strides: Sequence[Stride]) -> str:
    """What a block does, in a few words: its first deeds and its last."""
    chosen = list(strides) if len(strides) <= 3 else [*strides[:2], strides[-1]]  # noqa: PLR2004
    deeds = [deed for stride in chosen if (deed := _deed(stride))]
    if not deeds:
        return "does nothing"
    if len(strides) > 3 and len(deeds) == 3:  # noqa: PLR2004
        return f"{deeds[0]}, {deeds[1]} and, after more, {deeds[2]}"
    return listing(deeds)


def _deed(stride: Stride) -> str:
    """One statement as a verb with its object."""
    full, bare = DEEDS[stride.act]
    given = stride.subject if stride.act in {Act.BRANCH, Act.WHILE, Act.WITH, Act.TRY, Act.DEFINE} else stride.value
    return (full if given else bare).format(subject=code(stride.subject, VALUE_MAX), value=_value(stride.value))


def _value(text: str) -> str:
    return code(text, VALUE_MAX)


def _reached(atlas: Atlas, symbol: Symbol, stride: Stride) -> str:
    """Where the statement's calls lead, for those that lead into the repository."""
    seen: list[str] = []
    for call in stride.calls:
        if call.name in BUILTIN:
            continue
        target = atlas.links.resolve_call(symbol, call)
        if target is None or target.kind is Kind.CONSTANT or target.key == symbol.key:
            continue
        head = Span(path=target.span.path, start=target.span.start, end=target.span.start)
        shown = f"{code(target.qualname)} is at {cite(head)}"
        if shown not in seen:
            seen.append(shown)
    return f", where {listing(seen[:2])}" if seen else ""
