"""Resolution of written names where the language's own rules are not known here: the nearest definition of that name.

A name resolves to the one definition that its own type, file, folder or, failing that, the whole repository has. Where
the nearest place has two, it resolves to nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from analyzer.code.model import Call, Kind, Module, Role, Symbol

OWN = frozenset({"this", "self", "Self", "@", "$this", "super"})
RECEIVER_MAX_CHARS = 3
# Names that every standard library has too: a call on something of unknown type proves nothing.
UBIQUITOUS = frozenset(
    [
        "pop",
        "push",
        "get",
        "set",
        "add",
        "insert",
        "remove",
        "delete",
        "len",
        "length",
        "size",
        "next",
        "iter",
        "map",
        "filter",
        "reduce",
        "close",
        "open",
        "read",
        "write",
        "append",
        "join",
        "split",
        "find",
        "keys",
        "values",
        "entries",
        "to_string",
        "toString",
        "clone",
        "copy",
        "equals",
        "hashCode",
        "contains",
        "has",
        "clear",
        "start",
        "stop",
        "run",
        "call",
        "apply",
        "bind",
        "then",
        "catch",
        "on",
        "off",
        "emit",
        "send",
        "print",
        "format",
        "parse",
        "build",
        "create",
        "init",
        "update",
        "forEach",
        "each",
        "sort",
        "first",
        "last",
        "count",
        "index",
        "indexOf",
        "slice",
        "concat",
        "trim",
        "replace",
        "match",
        "test",
        "exec",
        "log",
        "error",
        "warn",
        "info",
        "debug",
        "unwrap",
        "expect",
        "is_empty",
        "isEmpty",
        "as_str",
        "as_ref",
        "into",
        "from",
        "iterator",
        "put",
        "peek",
        "poll",
        "offer",
        "flush",
        "reset",
        "wait",
        "notify",
        "lock",
        "unlock",
        "done",
        "String",
        "Error",
        "Unwrap",
        "Is",
        "As",
        "Close",
        "Read",
        "Write",
        "Get",
        "Set",
        "Add",
        "Len",
    ]
)
FAMILIES = {"javascript": "js", "jsx": "js", "typescript": "js", "tsx": "js", "c": "c", "cpp": "c"}


@dataclass(slots=True)
class NearestNames:
    """Definitions by family of languages and name, tests' own left out."""

    modules: Mapping[str, Module]
    by_name: dict[tuple[str, str], list[Symbol]] = field(default_factory=dict)
    members: dict[tuple[str, str], Symbol] = field(default_factory=dict)

    @classmethod
    def of(cls, modules: Iterable[Module]) -> "NearestNames":
        """Index the modules that are not Python."""
        names = cls(modules={module.path: module for module in modules})
        for module in names.modules.values():
            if module.language == "python" or module.role is Role.TEST:
                continue
            for symbol in module.symbols:
                if symbol.kind is not Kind.CONSTANT:
                    names.by_name.setdefault((family(module.language), symbol.name), []).append(symbol)
                if symbol.parent:
                    names.members.setdefault((symbol.parent, symbol.name), symbol)
        return names

    def call(self, module: Module, within: Symbol, call: Call) -> Symbol | None:
        """The definition that a call reaches."""
        head, _, name = call.name.rpartition(".")
        if head in OWN and within.parent:
            return self.members.get((within.parent, name or call.name))
        if not head:
            return self.nearest(module, call.name)
        receiver = head.rpartition(".")[2]
        if found := self.members.get((receiver, name)) or self.members.get((receiver[:1].upper() + receiver[1:], name)):
            return found
        if within.parent and len(head) <= RECEIVER_MAX_CHARS and (own := self.members.get((within.parent, name))):
            return own  # `r.NewRoute()` in a method of Router
        return None if name in UBIQUITOUS or receiver in OWN else self._method(module, name)

    def _method(self, module: Module, name: str) -> Symbol | None:
        """The one method or function of that name in the whole repository, when it is near."""
        known = self.by_name.get((family(module.language), name), ())
        if len(known) != 1:
            return None
        top = module.path.partition("/")[0]
        return known[0] if known[0].span.path.partition("/")[0] == top or "/" not in known[0].span.path else None

    def nearest(self, module: Module, name: str) -> Symbol | None:
        """The one nearest definition of a name that no member of something else is."""
        known = self.by_name.get((family(module.language), name), ())
        found = [symbol for symbol in known if symbol.kind is not Kind.METHOD]
        folder = module.path.rpartition("/")[0]
        for near in (
            [symbol for symbol in found if symbol.span.path == module.path],
            [symbol for symbol in found if symbol.span.path.rpartition("/")[0] == folder],
            found,
        ):
            if near:
                return near[0] if len(near) == 1 else None
        return None


def family(language: str) -> str:
    """Languages that call each other without ceremony count as one."""
    return FAMILIES.get(language, language)
