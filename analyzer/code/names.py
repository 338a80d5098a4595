"""Resolution of written names to definitions in the repository: imports, re-exports, methods, attributes.

Only what the text proves is resolved; a name that could mean two things resolves to nothing.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from analyzer.code.model import Import, Kind, Module, Symbol

HOPS_MAX = 12
_TYPE_NAME = re.compile(r"[A-Za-z_][\w.]*")
_NOT_TYPES = frozenset({"None", "Optional", "Union", "typing", "t", "type", "Type", "ClassVar", "Final", "Annotated"})

Target = Module | Symbol


@dataclass(slots=True)
class Names:
    """A name space, built once per repository; `resolve` answers for a module and an enclosing symbol."""

    modules: Mapping[str, Module]
    by_name: dict[str, Module] = field(default_factory=dict)
    tops: dict[str, dict[str, Symbol]] = field(default_factory=dict)
    members: dict[str, dict[str, Symbol]] = field(default_factory=dict)
    bindings: dict[str, dict[str, Import]] = field(default_factory=dict)
    stars: dict[str, list[Import]] = field(default_factory=dict)
    # Local variables whose type is being asked for: `a = b.f(); b = a.g()` would ask for ever.
    open_questions: set[tuple[str, str]] = field(default_factory=set)

    @classmethod
    def of(cls, modules: Iterable[Module]) -> "Names":
        """Index the modules."""
        names = cls(modules={module.path: module for module in modules})
        for module in names.modules.values():
            if module.name:
                names.by_name.setdefault(module.name, module)
            names.tops[module.path] = {symbol.name: symbol for symbol in module.symbols if not symbol.parent}
            for symbol in module.symbols:
                if symbol.parent:
                    names.members.setdefault(f"{module.path}::{symbol.parent}", {}).setdefault(symbol.name, symbol)
            bound: dict[str, Import] = {}
            for item in module.imports:
                if item.name == "*":
                    names.stars.setdefault(module.path, []).append(item)
                else:
                    bound.setdefault(item.alias or item.name or item.module.partition(".")[0], item)
            names.bindings[module.path] = bound
        return names

    def imported_module(self, module: Module, item: Import) -> Module | None:
        """The module that an import statement names, when it is one of the repository's."""
        base = self._absolute(module, item)
        if base is None:
            return None
        if item.name and item.name != "*" and (inner := self.by_name.get(f"{base}.{item.name}")):
            return inner
        return self.by_name.get(base)

    def _absolute(self, module: Module, item: Import) -> str | None:
        if not item.level:
            return item.module
        parts = module.name.split(".")
        if not module.path.endswith(("/__init__.py", "__init__.py")):
            parts = parts[:-1]
        drop = item.level - 1
        if drop > len(parts):
            return None
        kept = parts[: len(parts) - drop] if drop else parts
        return ".".join([*kept, item.module] if item.module else kept)

    def top(self, module: Module, name: str, hops: int = 0) -> Target | None:
        """What `name` means at the module's top level: a definition, a re-export followed to its source, a module."""
        if hops > HOPS_MAX:
            return None
        if symbol := self.tops[module.path].get(name):
            return symbol
        if item := self.bindings[module.path].get(name):
            return self._imported(module, item, hops)
        for item in self.stars.get(module.path, ()):
            source = self.imported_module(module, item)
            if source is not None and source is not module and self._exported(source, name):
                found = self.top(source, name, hops + 1)
                if found is not None:
                    return found
        return None

    def _imported(self, module: Module, item: Import, hops: int) -> Target | None:
        base = self._absolute(module, item)
        if base is None:
            return None
        if not item.name:
            return self.by_name.get(base if item.alias else base.partition(".")[0])
        source = self.by_name.get(base)
        if source is not None and source is not module and (found := self.top(source, item.name, hops + 1)):
            return found
        return self.by_name.get(f"{base}.{item.name}")

    @staticmethod
    def _exported(module: Module, name: str) -> bool:
        return name in module.exports if module.exports is not None else not name.startswith("_")

    def member(self, symbol: Symbol, name: str, hops: int = 0) -> Symbol | None:
        """A class's member by name, its bases in the repository included."""
        if hops > HOPS_MAX:
            return None
        if found := self.members.get(symbol.key, {}).get(name):
            return found
        for base in self.bases(symbol):
            if found := self.member(base, name, hops + 1):
                return found
        return None

    def bases(self, symbol: Symbol) -> list[Symbol]:
        """The class's direct bases that are defined in the repository."""
        module = self.modules[symbol.span.path]
        found = (self.dotted(module, re.split(r"[\[(]", base)[0]) for base in symbol.bases if "=" not in base)
        return [base for base in found if isinstance(base, Symbol) and base.kind is Kind.CLASS and base is not symbol]

    def dotted(self, module: Module, written: str) -> Target | None:
        """What a dotted name means at the module's top level."""
        head, *rest = written.split(".")
        target: Target | None = self.top(module, head)
        for part in rest:
            if isinstance(target, Symbol):
                target = self.member(target, part)
            elif isinstance(target, Module):
                target = self.top(target, part) or self.by_name.get(f"{target.name}.{part}")
            else:
                return None
        return target

    def type_of(self, module: Module, written: str, within: Symbol | None = None) -> Symbol | None:
        """The one class of the repository that a written type, or `call()` expression, names."""
        if written.endswith("()"):
            target = self.call(module, within, written[:-2])
            if target is None or target.kind is Kind.CLASS:
                return target
            return self.type_of(self.modules[target.span.path], target.returns) if target.returns else None
        found: list[Symbol] = []
        for name in _TYPE_NAME.findall(written.strip("\"'")):
            if name in _NOT_TYPES:
                continue
            named = self.dotted(module, name)
            if isinstance(named, Symbol) and named.kind is Kind.CLASS and named not in found:
                found.append(named)
        return found[0] if len(found) == 1 else None

    def call(self, module: Module, within: Symbol | None, written: str) -> Symbol | None:
        """The definition that a call by its written name reaches, from inside `within`; None when not provable."""
        head, *rest = written.split(".")
        owner = self._owner(module, within)
        if head in {"self", "cls", "super()"}:
            return self._through_self(owner, head, rest)
        if not rest:
            target = self.top(module, head)
            return target if isinstance(target, Symbol) else None
        local = self._local_type(module, within, head)
        if local is not None:
            return self._along(local, rest)
        target = self.dotted(module, written)
        return target if isinstance(target, Symbol) else None

    def _owner(self, module: Module, within: Symbol | None) -> Symbol | None:
        return module.symbol(within.parent) if within is not None and within.parent else None

    def _through_self(self, owner: Symbol | None, head: str, rest: list[str]) -> Symbol | None:
        if owner is None or not rest:
            return None
        if head == "super()":
            found = (self.member(base, rest[0]) for base in self.bases(owner))
            return next((symbol for symbol in found if symbol is not None), None) if len(rest) == 1 else None
        if len(rest) == 1:
            return self.member(owner, rest[0])
        attribute = self._attribute_type(owner, rest[0])
        return self._along(attribute, rest[1:]) if attribute is not None else None

    def _attribute_type(self, owner: Symbol, name: str, hops: int = 0) -> Symbol | None:
        if hops > HOPS_MAX:
            return None
        module = self.modules[owner.span.path]
        written = dict(owner.attribute_types).get(name)
        if written is not None:
            return self._self_call(owner, written) if "self." in written else self.type_of(module, written)
        for base in self.bases(owner):
            if found := self._attribute_type(base, name, hops + 1):
                return found
        return None

    def _self_call(self, owner: Symbol, written: str) -> Symbol | None:
        name = written.removeprefix("self.").removesuffix("()")
        method = self.member(owner, name) if "." not in name else None
        return self.type_of(self.modules[method.span.path], method.returns) if method and method.returns else None

    def _local_type(self, module: Module, within: Symbol | None, name: str) -> Symbol | None:
        if within is None:
            return None
        for parameter in within.parameters:
            if parameter.name == name:
                return self.type_of(module, parameter.annotation) if parameter.annotation else None
        written = dict(within.attribute_types).get(name)
        question = (within.key, name)
        if written is None or question in self.open_questions:
            return None
        self.open_questions.add(question)
        try:
            return self.type_of(module, written, within)
        finally:
            self.open_questions.discard(question)

    def _along(self, symbol: Symbol, rest: list[str]) -> Symbol | None:
        """Follow attribute names from a class; a property leads to the class that it returns."""
        current: Symbol | None = symbol
        for position, part in enumerate(rest):
            if current is None:
                return None
            found = self.member(current, part)
            if position == len(rest) - 1:
                return found
            if found is not None and found.kind is Kind.PROPERTY and found.returns:
                current = self.type_of(self.modules[found.span.path], found.returns)
            else:
                current = self._attribute_type(current, part)
        return None
