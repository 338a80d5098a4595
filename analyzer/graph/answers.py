"""What answers at a way in: the definition that the line beside it names, calls, or stands above."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from analyzer.code.model import Kind, Module, Symbol
from analyzer.graph.links import Links
from analyzer.graph.nearest import family

STATEMENT_LINES: Final = 30  # of a handler that is written where the route is
LINE_CHARACTERS: Final = 400  # nobody names what answers further to the right
NAMED_LINES: Final = 3  # of a statement that does not end soon
MARK_LINES: Final = 8  # between a mark and the definition under it
ANSWERING: Final = frozenset({Kind.FUNCTION, Kind.METHOD, Kind.CLASS})
_NAME: Final = re.compile(r"[A-Za-z_$][\w$]*(?:(?:\.|::|->|@)[A-Za-z_$][\w$]*)*")
_CALLED: Final = re.compile(r"([A-Za-z_$][\w$]*(?:(?:\.|::|->)[A-Za-z_$][\w$]*)*)\s*\(")
_INLINE: Final = re.compile(r"=>(?!\s*[\"'])|\bfunction\b|\bfunc\s*\(|\bdo\b|\blambda\b|\|[\w, ]*\|")
_METHOD_OF_CLASS: Final = re.compile(r"(\w+)::class\s*,\s*[\"'](\w+)[\"']")
_OF_CLASS: Final = re.compile(r"::class\b")
_STRING: Final = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
_SERVICE: Final = re.compile(r"(?i)(service|server|servicer|impl)$")
_GENERATED: Final = re.compile(r"(^|/)(gen|generated)/|\.pb\.|_pb2|_grpc\.|connect\.go$")
_SEPARATOR: Final = re.compile(r"\.|::|->|@")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Every definition that can answer, by its name, and the language that each file is written in."""

    callables: Mapping[str, Sequence[Symbol]]
    languages: Mapping[str, str]

    @classmethod
    def of(cls, links: Links) -> "Answers":
        """Index what the project itself defines."""
        callables: dict[str, list[Symbol]] = {}
        for module in links.repository.subjects:
            for symbol in module.symbols:
                if symbol.kind in ANSWERING:
                    callables.setdefault(symbol.name, []).append(symbol)
        languages = {module.path: family(module.language) for module in links.repository.subjects}
        return cls(callables=callables, languages=languages)

    def installed(self, module: str, name: str) -> Symbol | None:
        """What a Python manifest names: a function by its module's dotted name."""
        tail = module.replace(".", "/")
        options = self.callables.get(name, ())
        return next((s for s in options if s.span.path.endswith((f"{tail}.py", f"{tail}/__init__.py"))), None)

    def serving(self, name: str) -> Symbol | None:
        """The method of the one service of the project's own that is called as a remote procedure is."""
        named = (name, name[:1].lower() + name[1:])
        options = [
            s for written in dict.fromkeys(named) for s in self.callables.get(written, ()) if _SERVICE.search(s.parent)
        ]
        own = [symbol for symbol in options if not _GENERATED.search(symbol.span.path)]
        return own[0] if len(own) == 1 else None

    def acting(self, controller: str, action: str) -> Symbol | None:
        """The method of one of Rails' controllers: `settings/profiles`, `show`."""
        ending = f"controllers/{controller}_controller.rb"
        return next((s for s in self.callables.get(action, ()) if s.span.path.endswith(ending)), None)

    def answering(
        self, module: Module, lines: Sequence[str], number: int, rest: str, *, is_open: bool = True
    ) -> Symbol | None:
        """What the rest of a statement names last; of a body that stands there, the first of the project it calls."""
        told = rest
        if is_open:
            following = (line[:LINE_CHARACTERS] for line in lines[number : number + STATEMENT_LINES])
            told = _arguments("\n".join((rest, *following)))
        # Of PHP: a method of a class, or a class that answers by itself.
        told = _OF_CLASS.sub("", _METHOD_OF_CLASS.sub(r"\1.\2", told))
        told = _STRING.sub("", told)  # what is said names nothing
        written = _CALLED.findall(told) if is_inline(told) else reversed(_NAME.findall(told))
        return next((found for name in written if (found := self.resolve(name, module)) is not None), None)

    def resolve(self, written: str, module: Module) -> Symbol | None:
        """The definition that a written name can only mean: in this file, under its qualifier's name, or alone."""
        *around, name = _SEPARATOR.split(written)
        if name in {"as_view", "asView"} and around:
            *around, name = around
        family = self.languages.get(module.path, "")
        options = [s for s in self.callables.get(name, ()) if self.languages[s.span.path] == family]
        here = [symbol for symbol in options if symbol.span.path == module.path]
        if here or not options:
            return here[0] if len(here) == 1 else None
        folder = module.path.rpartition("/")[0]
        beside = [symbol for symbol in options if symbol.span.path.rpartition("/")[0] == folder]
        qualifier = _imported_as(module, around[-1]).lower() if around else ""
        named = [symbol for symbol in options if qualifier and qualifier in _known_as(symbol)]
        both = [symbol for symbol in named if symbol in beside]
        kept = next((found for found in (both, beside, named) if len(found) == 1), options)
        return kept[0] if len(kept) == 1 else None


def is_inline(told: str) -> bool:
    """Whether what answers is written right there: a function without a name begins on the first line."""
    return _INLINE.search(told.partition("\n")[0]) is not None


def _arguments(text: str) -> str:
    """What stands in the brackets that are open where a text begins; its first lines where they stay open."""
    depth = 1
    for place, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if depth == 0:
            return text[:place]
    return "\n".join(text.split("\n")[:NAMED_LINES])


def definition_below(module: Module, line: int) -> Symbol | None:
    """The definition that a mark on this line belongs to."""
    options = [
        symbol
        for symbol in module.symbols
        if symbol.kind in ANSWERING
        and (symbol.head_start >= line or symbol.span.start <= line <= symbol.head_end)
        and symbol.head_start - line <= MARK_LINES
    ]
    return min(options, key=lambda symbol: (symbol.head_end, symbol.span.start), default=None)


def called_below(module: Module, lines: Sequence[str]) -> Symbol | None:
    """The file's own definition that a script starts with."""
    tops = {symbol.name: symbol for symbol in module.symbols if not symbol.parent}
    names = (name for line in lines[:MARK_LINES] for name in _NAME.findall(line))
    return next((tops[name] for name in names if name in tops and tops[name].kind is not Kind.CONSTANT), None)


def _known_as(symbol: Symbol) -> set[str]:
    """What stands before a definition's name where a route names it: its file, its type."""
    file = symbol.span.path.rpartition("/")[2].partition(".")[0].lower()
    return {file, symbol.parent.rpartition(".")[2].lower()}


def _imported_as(module: Module, written: str) -> str:
    """What a file is called that a module knows by another name: `from shop.views import orders as order_views`."""
    return next((item.name for item in module.imports if item.alias == written and item.name), written)
