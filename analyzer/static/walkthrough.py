"""Under the hood: one telling function, statement by statement, in sentences that the source proves."""

from collections.abc import Iterator, Sequence
from typing import Final

from analyzer.code.model import Kind, Span, Symbol
from analyzer.code.statements import Act, Statement, statements_of
from analyzer.static import docs
from analyzer.static.repository_map import RepositoryMap, Topic
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


def central_function(repo_map: RepositoryMap, topic: Topic) -> Symbol | None:
    """The function that shows most of the topic at work: many resolved calls, important, of readable length."""
    best: tuple[float, Symbol] | None = None
    tops = [symbol for symbol in repo_map.top_symbols(topic) if symbol.kind is not Kind.CONSTANT]
    leading = tops[0].qualname if tops else ""
    for symbol in repo_map.functions(topic):
        if symbol.kind is Kind.PROPERTY or not LINES_MIN <= symbol.line_count <= LINES_MAX:
            continue
        if symbol.span.path.endswith(".pyi") or any("overload" in mark for mark in symbol.decorators):
            continue
        called = [repo_map.links.resolve_call(symbol, call) for call in symbol.calls]
        reached = {target.key for target in called if target is not None and target.key != symbol.key}
        if not reached and len(symbol.calls) < 2:  # noqa: PLR2004
            continue
        code_lines = symbol.line_count - (symbol.doc.end - symbol.doc.start + 1 if symbol.doc else 0)
        value = min(len(reached), 7) * 1.2 + repo_map.score(symbol) + (1.0 if symbol.is_public else 0)
        value += min(code_lines, 25) / 10 - max(0, code_lines - 45) / 10
        value += 2.5 if symbol.qualname.partition(".")[0] == leading else 0
        value -= 2.5 if symbol.name.startswith("__") else 0
        value -= 1.0 if symbol.is_async else 0
        if best is None or value > best[0]:
            best = (value, symbol)
    return best[1] if best else None


def steps(repo_map: RepositoryMap, symbol: Symbol) -> list[str]:
    """The function from top to bottom, one Markdown sentence or two per step."""
    statements = list(_merged(statements_of(repo_map.snapshot.files[symbol.span.path], symbol)))
    told: list[str] = []
    for statement in statements:
        if len(told) == STEPS_MAX - 1 and len(statements) > STEPS_MAX:
            rest = Span(path=symbol.span.path, start=statement.start, end=symbol.span.end)
            told.append(f"The rest follows the same pattern; read it in {cite(rest)}.")
            break
        text = _tell(repo_map, symbol, statement)
        if text:
            where = cite(Span(path=symbol.span.path, start=statement.start, end=statement.end))
            told.append(f"{text[:1].upper()}{text[1:]} ({where}).")
            if remark := _remark(symbol, statement):
                told[-1] += f" {remark}"
    return told


def _merged(statements: Sequence[Statement]) -> Iterator[Statement]:
    """Neighbouring plain assignments as one statement."""
    group: list[Statement] = []
    for statement in statements:
        plain = statement.act is Act.SET and not statement.comment and not statement.calls
        if plain and group:
            group.append(statement)
            continue
        yield from _flush(group)
        group = [statement] if plain else []
        if not plain:
            yield statement
    yield from _flush(group)


def _flush(group: list[Statement]) -> Iterator[Statement]:
    if len(group) > 1:
        yield Statement(act=Act.SET, start=group[0].start, end=group[-1].end, body=tuple(group))
    else:
        yield from group


def _remark(symbol: Symbol, statement: Statement) -> str:
    """The author's comment above the statement, quoted."""
    words = statement.comment.split()
    if len(words) < COMMENT_MIN_WORDS or statement.comment.lower().startswith(
        ("type:", "noqa", "pragma", "pylint", "mypy", "todo")
    ):
        return ""
    span = Span(path=symbol.span.path, start=statement.comment_start, end=statement.comment_end)
    said = docs.first_sentence(statement.comment) or statement.comment
    return f"The comment there says: “{docs.markdown(said)}” ({cite(span)})."


def _tell(repo_map: RepositoryMap, symbol: Symbol, statement: Statement) -> str:
    """One statement in words."""
    if statement.act is Act.SET and statement.body:
        return f"it sets {listing([code(item.subject, 40) for item in statement.body])}"
    if statement.act in BLOCKS:
        return _tell_block(statement)
    return f"it {_deed(statement)}{_reached(repo_map, symbol, statement)}"


def _tell_block(statement: Statement) -> str:
    inside = _deeds(statement.body)
    match statement.act:
        case Act.BRANCH:
            told = f"if {code(statement.subject, VALUE_MAX)} holds, it {inside}"
            for other in statement.otherwise[:2]:
                lead = f"if instead {code(other.subject, VALUE_MAX)}" if other.subject else "otherwise"
                told += f"; {lead}, it {_deeds(other.body)}"
            more = len(statement.otherwise) - 2
            return told + (f"; {more} more {'case follows' if more == 1 else 'cases follow'}" if more > 0 else "")
        case Act.LOOP:
            return f"for each {code(statement.subject, 40)} in {_value(statement.value)}, it {inside}"
        case Act.WHILE:
            return f"as long as {code(statement.subject, VALUE_MAX)} holds, it {inside}"
        case Act.WITH:
            return f"inside {code(f'with {statement.subject}', VALUE_MAX)}, it {inside}"
        case _:
            told = f"in a {code('try')} block it {inside}"
            if statement.subject:
                told += f"; {code(statement.subject, VALUE_MAX)} is caught"
            return told + (f"; in any case it then {_deeds(statement.otherwise)}" if statement.otherwise else "")


def _deeds(statements: Sequence[Statement]) -> str:
    """What a block does, in a few words: its first deeds and its last."""
    chosen = list(statements) if len(statements) <= 3 else [*statements[:2], statements[-1]]  # noqa: PLR2004
    deeds = [deed for statement in chosen if (deed := _deed(statement))]
    if not deeds:
        return "does nothing"
    if len(statements) > 3 and len(deeds) == 3:  # noqa: PLR2004
        return f"{deeds[0]}, {deeds[1]} and, after more, {deeds[2]}"
    return listing(deeds)


def _deed(statement: Statement) -> str:
    """One statement as a verb with its object."""
    full, bare = DEEDS[statement.act]
    given = (
        statement.subject
        if statement.act in {Act.BRANCH, Act.WHILE, Act.WITH, Act.TRY, Act.DEFINE}
        else statement.value
    )
    return (full if given else bare).format(subject=code(statement.subject, VALUE_MAX), value=_value(statement.value))


def _value(text: str) -> str:
    return code(text, VALUE_MAX)


def _reached(repo_map: RepositoryMap, symbol: Symbol, statement: Statement) -> str:
    """Where the statement's calls lead, for those that lead into the repository."""
    seen: list[str] = []
    for call in statement.calls:
        if call.name in BUILTIN:
            continue
        target = repo_map.links.resolve_call(symbol, call)
        if target is None or target.kind is Kind.CONSTANT or target.key == symbol.key:
            continue
        head = Span(path=target.span.path, start=target.span.start, end=target.span.start)
        shown = f"{code(target.qualname)} is at {cite(head)}"
        if shown not in seen:
            seen.append(shown)
    return f", where {listing(seen[:2])}" if seen else ""
