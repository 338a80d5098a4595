"""Sentences about one definition, each of them read off its source: what it is, offers, accepts and refuses."""

from collections.abc import Sequence
from typing import Final

from analyzer.code.model import Kind, Span, Symbol
from analyzer.static import docs
from analyzer.static.repository_map import RepositoryMap
from analyzer.static.text import cell, cite, code, count, listing, listing_more, sentence

METHODS_SHOWN: Final = 8
PARAMETERS_SHOWN: Final = 8
RAISES_SHOWN: Final = 4
ABILITIES: Final = (
    ("__enter__", "be used in a `with` block"),
    ("__aenter__", "be used in an `async with` block"),
    ("__iter__", "be looped over"),
    ("__aiter__", "be looped over with `async for`"),
    ("__call__", "be called like a function"),
    ("__getitem__", "be indexed with `[…]`"),
    ("__contains__", "be asked with `in`"),
    ("__len__", "be measured with `len()`"),
    ("__eq__", "be compared with `==`"),
    ("__bool__", "stand in a condition"),
)
SPECIAL_BASES: Final = {
    "Enum": "an enumeration", "IntEnum": "an enumeration of integers", "StrEnum": "an enumeration of strings",
    "Flag": "an enumeration of flags", "IntFlag": "an enumeration of flags", "NamedTuple": "a named tuple",
    "TypedDict": "a typed dictionary", "Protocol": "a protocol: it says which members an object must have",
    "ABC": "an abstract base class", "BaseModel": "a data model",
}  # fmt: skip


def nature(repo_map: RepositoryMap, symbol: Symbol) -> str:
    """What the definition is: `a class that extends …`, `a coroutine`, `a generator function`."""
    if symbol.kind is Kind.CLASS:
        return _class_nature(repo_map, symbol)
    if symbol.kind in {Kind.FUNCTION, Kind.METHOD}:
        if any(
            mark.rpartition(".")[2].startswith(("contextmanager", "asynccontextmanager")) for mark in symbol.decorators
        ):
            return "a context manager, written as a generator"
        if symbol.is_generator:
            return "an asynchronous generator" if symbol.is_async else "a generator function"
        return "a coroutine" if symbol.is_async else "a function" if symbol.kind is Kind.FUNCTION else "a method"
    return {Kind.PROPERTY: "a property", Kind.CONSTANT: "a constant"}.get(symbol.kind, "a definition")


def is_exception(repo_map: RepositoryMap, symbol: Symbol, hops: int = 0) -> bool:
    """Whether the class is an exception, by its bases, inside the repository or built in."""
    if any(base.rpartition(".")[2].endswith(("Exception", "Error", "Warning")) for base in symbol.bases):
        return True
    return hops < 8 and any(is_exception(repo_map, base, hops + 1) for base in repo_map.links.names.bases(symbol))  # noqa: PLR2004


def _class_nature(repo_map: RepositoryMap, symbol: Symbol) -> str:
    bases = [base for base in symbol.bases if "=" not in base]
    bare = [base.partition("[")[0].rpartition(".")[2] for base in bases]
    data = next((mark for mark in symbol.decorators if "dataclass" in mark or mark.startswith(("attr", "define"))), "")
    fields = [name for name, _ in symbol.attribute_types]
    if data:
        frozen = "a frozen dataclass" if "frozen=True" in data else "a dataclass"
        return f"{frozen} with {count(len(fields), 'field')}" if fields else frozen
    for base, words in SPECIAL_BASES.items():
        if base in bare:
            return words
    what = "an exception class" if is_exception(repo_map, symbol) else "a class"
    return f"{what} that extends {listing([code(base) for base in bases])}" if bases else what


def abilities(repo_map: RepositoryMap, symbol: Symbol) -> str:
    """What Python's own syntax can do with its instances, own methods only."""
    names = {member.name: member for member in repo_map.members(symbol)}
    found = [(words, names[name]) for name, words in ABILITIES if name in names]
    if not found:
        return ""
    shown = found[:4]
    return (
        f"Its instances can {listing([words for words, _ in shown])} ({listing([cite(_head(m)) for _, m in shown])})."
    )


def _head(symbol: Symbol) -> Span:
    """The lines of a signature."""
    return Span(path=symbol.span.path, start=symbol.span.start, end=max(symbol.span.start, symbol.head_end))


def offered(repo_map: RepositoryMap, symbol: Symbol) -> str:
    """A class's public members in a sentence, constructors by another name and properties apart."""
    members = [
        member for member in repo_map.members(symbol) if not member.name.startswith("_") and "(" not in member.qualname
    ]
    ranked = sorted(members, key=lambda member: (-repo_map.score(member), member.span.start))
    makers = [m for m in ranked if any(mark == "classmethod" for mark in m.decorators)]
    properties = [m for m in ranked if m.kind is Kind.PROPERTY]
    methods = [m for m in ranked if m not in makers and m.kind is Kind.METHOD]
    pieces: list[str] = []
    if methods:
        pieces.append(_some(methods, "public method", "()"))
    if properties:
        pieces.append(_some(properties, "property", "", "properties"))
    if makers:
        noun = "the class method" if len(makers) == 1 else "the class methods"
        pieces.append(f"{noun} {listing([code(m.name + '()') for m in makers[:3]])}")
    return f"It has {listing(pieces)}." if pieces else ""


def _some(members: Sequence[Symbol], noun: str, suffix: str, plural: str = "") -> str:
    shown = sorted(members[:METHODS_SHOWN], key=lambda member: member.span.start)
    names = listing([code(member.name + suffix) for member in shown])
    if len(members) == 1:
        return f"one {noun}, {names}"
    lead = f"{count(len(members), noun, plural)}"
    return f"{lead}, among them {names}" if len(members) > METHODS_SHOWN else f"{lead}: {names}"


def twin(repo_map: RepositoryMap, symbol: Symbol) -> str:
    """For a class whose `Async…` counterpart has the same methods: say so, once."""
    other = repo_map.symbol(f"{symbol.span.path}::Async{symbol.name}")
    if symbol.kind is not Kind.CLASS or other is None:
        return ""
    mine = {member.name for member in repo_map.members(symbol) if not member.name.startswith("_")}
    theirs = {member.name for member in repo_map.members(other) if not member.name.startswith("_")}
    shared = mine & theirs
    if len(shared) < 3:  # noqa: PLR2004
        return ""
    return (
        f"{code(other.name)} ({cite(Span(path=other.span.path, start=other.span.start, end=other.head_end))}) is its "
        f"asynchronous counterpart: {count(len(shared), 'public member')} of the two have the same names, so what you "
        "learn about one carries over."
    )


def constructor(repo_map: RepositoryMap, symbol: Symbol) -> Symbol | None:
    """The class's own `__init__`, or None."""
    return repo_map.symbol(f"{symbol.key}.__init__")


def parameter_table(repo_map: RepositoryMap, symbol: Symbol) -> str:
    """Parameters that the documentation explains, as a table; empty when it explains fewer than two."""
    function = constructor(repo_map, symbol) if symbol.kind is Kind.CLASS else symbol
    if function is None:
        return ""
    notes: dict[str, str] = {}
    for doc in (symbol.doc, function.doc):
        notes |= docs.parameter_notes(doc.text) if doc else {}
    rows = [parameter for parameter in function.parameters if parameter.name in notes][:PARAMETERS_SHOWN]
    if len(rows) < 2:  # noqa: PLR2004
        return ""
    table = ["| Parameter | Default | What the documentation says |", "|---|---|---|"]
    for row in rows:
        default = code(row.default, 30) if row.default else "required"
        table.append(f"| {_bare(row.name)} | {_bar(default)} | {_bar(docs.markdown(notes[row.name]))} |")
    return "\n".join(table)


def _bare(name: str) -> str:
    return cell(code(name))


def _bar(text: str) -> str:
    """Bars inside code spans would end the cell: tables take them escaped there too."""
    return text.replace("\\|", "|").replace("|", "\\|")


def accepted(symbol: Symbol) -> str:
    """What a function is called with, by name: required, optional, keyword-only."""
    named = [p for p in symbol.parameters if p.name not in {"self", "cls"} and not p.star]
    required = [p for p in named if not p.default]
    optional = [p for p in named if p.default]
    many = next((p for p in symbol.parameters if p.star == "*"), None)
    pieces: list[str] = []
    if required:
        pieces.append(f"needs {listing_more([code(p.name) for p in required[:5]], len(required), 'argument')}")
    if many is not None:
        pieces.append("takes any number of positional arguments")
    if optional:
        shown = [f"{code(p.name)} ({code(p.default, 30)} by default)" for p in optional[:3]]
        pieces.append(f"accepts {listing_more(shown, len(optional), 'option')}")
    if symbol.returns and symbol.returns != "None":
        pieces.append(f"returns {code(symbol.returns, 60)}")
    return f"It {'; it '.join(pieces)}." if pieces else ""


def refusals(symbols: Sequence[Symbol]) -> list[str]:
    """Exceptions that the functions raise under a written condition, each with its line."""
    found: list[str] = []
    for symbol in symbols:
        for raised in symbol.raises:
            if not raised.condition or (not raised.name[:1].isupper() and "." not in raised.name):
                continue
            where = cite(Span(path=symbol.span.path, start=raised.line, end=raised.line))
            found.append(
                f"{code(f'{symbol.qualname}()')} contains {code(f'raise {raised.name}')} under the condition "
                f"{code(raised.condition, 70)} ({where})."
            )
    return found[:RAISES_SHOWN]


def purpose(symbol: Symbol) -> str:
    """The first sentence of its documentation as Markdown, or nothing."""
    return sentence(docs.markdown(docs.first_sentence(symbol.doc.text))) if symbol.doc else ""
