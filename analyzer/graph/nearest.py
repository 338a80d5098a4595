"""Resolution of written names where the language's own rules are not known here: the nearest definition of that name.

A bare name resolves to the one definition that its own type, file, folder or, failing that, the whole repository has;
where the nearest place has two, to the only public one, else to nothing. A member resolves only where what stands
before it is the type itself, a variable named like it, or the definition's own receiver: a name that is unique here may
still be a library's.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from analyzer.code.model import Call, Kind, Module, Role, Symbol
from analyzer.languages.table import TABLES

OWN = frozenset({"this", "self", "Self", "@", "$this", "super"})
_RECEIVER = re.compile(r"func \((\w+) ")


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
        is_implicit = module.language in TABLES and TABLES[module.language].implicit_own
        if not head:
            implicit = self.members.get((within.parent, call.name)) if is_implicit else None
            return implicit or self.nearest(module, call.name)
        receiver = head.rpartition(".")[2]
        if found := self.members.get((receiver, name)) or self.members.get((receiver[:1].upper() + receiver[1:], name)):
            return found
        written = _RECEIVER.match(within.signature)  # `r.NewRoute()` in `func (r *Router) …`
        return self.members.get((within.parent, name)) if written is not None and written[1] == head else None

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
                open_to_all = [symbol for symbol in near if symbol.is_public]
                return near[0] if len(near) == 1 else open_to_all[0] if len(open_to_all) == 1 else None
        return None


def family(language: str) -> str:
    """Languages that call each other without ceremony count as one."""
    return TABLES[language].family or language if language in TABLES else language
