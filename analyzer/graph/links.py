"""Links between definitions and files of the repository, each with the line that proves it."""

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from analyzer.code.model import Import, Kind, Module, Role, Span, Symbol
from analyzer.code.names import Names
from analyzer.code.repository import Repository, modules_by_path
from analyzer.graph.nearest import NearestNames

# A type's name in a signature; of a language that writes them small, none.
_TYPE: Final = re.compile(r"\b[A-Z]\w+")


class LinkKind(StrEnum):
    """How one definition depends on another; the value is the verb used in sentences."""

    CALLS = "calls"
    CREATES = "creates"
    INHERITS = "extends"
    RAISES = "raises"
    TYPED = "takes or returns"
    IMPORTS = "imports"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """`source` and `target` are symbol keys, or paths for whole files; `line` lies in the source's file."""

    source: str
    target: str
    kind: LinkKind
    span: Span


def path_of(key: str) -> str:
    """The file of a symbol key or path."""
    return key.partition("::")[0]


@dataclass(slots=True)
class Links:
    """Every resolved link, with indexes both ways."""

    repository: Repository
    names: Names
    nearest: NearestNames
    modules: dict[str, Module]
    symbols: dict[str, Symbol] = field(default_factory=dict)
    all: list[Link] = field(default_factory=list)
    outgoing: dict[str, list[Link]] = field(default_factory=dict)
    incoming: dict[str, list[Link]] = field(default_factory=dict)
    _seen: set[tuple[str, str, LinkKind]] = field(default_factory=set)

    def add(self, source: str, target: str, kind: LinkKind, line: int) -> None:
        """Record the first occurrence of a link; a definition's link to itself says nothing."""
        if source == target or (source, target, kind) in self._seen:
            return
        self._seen.add((source, target, kind))
        link = Link(source=source, target=target, kind=kind, span=Span(path=path_of(source), start=line, end=line))
        self.all.append(link)
        self.outgoing.setdefault(source, []).append(link)
        self.incoming.setdefault(target, []).append(link)

    def into(self, key: str, *, roles: Iterable[Role]) -> list[Link]:
        """Links to `key` from files of the given roles, in order of place."""
        wanted = set(roles)
        found = [link for link in self.incoming.get(key, ()) if self.modules[link.span.path].role in wanted]
        return sorted(found, key=lambda link: (link.span.path, link.span.start))


def link(repository: Repository) -> Links:
    """Resolve imports, calls, bases, raises and annotations of the whole repository."""
    modules = modules_by_path(repository.modules)
    links = Links(
        repository=repository,
        names=Names.of(repository.modules),
        nearest=NearestNames.of(repository.modules),
        modules=dict(modules),
    )
    for module in repository.modules:
        for symbol in module.symbols:
            links.symbols[symbol.key] = symbol
    for module in repository.modules:
        _imports(links, module)
        for symbol in module.symbols:
            if module.language == "python":
                _symbol(links, module, symbol)
            else:
                _symbol_elsewhere(links, module, symbol)
    return links


def _imports(links: Links, module: Module) -> None:
    if module.language != "python":
        for item in module.imports:
            if target := _file_import(links, module, item):
                links.add(module.path, target, LinkKind.IMPORTS, item.line)
        return
    for item in module.imports:
        source = links.names.imported_module(module, item)
        if source is not None and source is not module:
            links.add(module.path, source.path, LinkKind.IMPORTS, item.line)
        if item.name and item.name != "*":
            found = links.names.top(module, item.alias or item.name)
            if isinstance(found, Symbol) and found.span.path != module.path:
                links.add(module.path, found.key, LinkKind.IMPORTS, item.line)
                links.add(module.path, found.span.path, LinkKind.IMPORTS, item.line)


def _file_import(links: Links, module: Module, item: Import) -> str | None:
    """The file that a relative import, an include or a local package path names."""
    folder = posixpath.dirname(module.path)
    base = posixpath.normpath(posixpath.join(folder, item.module)) if item.module else ""
    stems = [base, base.removesuffix(".js")]
    endings = ("", ".ts", ".tsx", ".js", ".jsx", ".mjs", ".rb", ".rs", ".sh", "/index.ts", "/index.js", "/mod.rs")
    for stem in stems:
        for ending in endings:
            if stem + ending in links.modules and stem + ending != module.path:
                return stem + ending
    if module.language in {"c", "cpp"}:
        tail = "/" + item.module
        found = [path for path in links.modules if path == item.module or path.endswith(tail)]
        return found[0] if len(found) == 1 and found[0] != module.path else None
    if module.language == "go":
        tail = item.module.rpartition("/")[2]
        found = [path for path in links.modules if path.endswith(".go") and posixpath.dirname(path).endswith(tail)]
        sources = [
            path for path in found if links.modules[path].role is Role.SOURCE and posixpath.dirname(path) != folder
        ]
        if sources and item.module.endswith(posixpath.dirname(sources[0])):
            return sources[0]
    return None


def _symbol(links: Links, module: Module, symbol: Symbol) -> None:
    if symbol.kind is Kind.CLASS:
        for base in links.names.bases(symbol):
            links.add(symbol.key, base.key, LinkKind.INHERITS, symbol.span.start)
        return
    _calls(links, module, symbol)
    written = [parameter.annotation for parameter in symbol.parameters]
    if symbol.kind is not Kind.CONSTANT:
        written.append(symbol.returns)
    for annotation in filter(None, written):
        named = links.names.type_of(module, annotation)
        if named is not None:
            links.add(symbol.key, named.key, LinkKind.TYPED, symbol.head_start)


def _symbol_elsewhere(links: Links, module: Module, symbol: Symbol) -> None:
    """Calls, bases, raises and the types in a signature, of a language other than Python."""
    for base in symbol.bases:
        target = links.nearest.nearest(module, base.rpartition(".")[2])
        if target is not None and target.kind is Kind.CLASS:
            links.add(symbol.key, target.key, LinkKind.INHERITS, symbol.head_start)
    if symbol.kind in {Kind.FUNCTION, Kind.METHOD}:
        for name in dict.fromkeys(_TYPE.findall(symbol.signature)):
            target = links.nearest.nearest(module, name)
            if target is not None and target.kind is Kind.CLASS and name != symbol.parent:
                links.add(symbol.key, target.key, LinkKind.TYPED, symbol.head_start)
    raised = {(item.name, item.line) for item in symbol.raises}
    for call in symbol.calls:
        target = links.nearest.call(module, symbol, call)
        if target is not None:
            kind = LinkKind.CREATES if target.kind is Kind.CLASS else LinkKind.CALLS
            kind = LinkKind.RAISES if (call.name, call.line) in raised else kind
            links.add(symbol.key, target.key, kind, call.line)


def _calls(links: Links, module: Module, symbol: Symbol) -> None:
    """Calls and raises; an exception that is made to be raised counts as raised only."""
    raised_at = {(raised.name, raised.line) for raised in symbol.raises}
    for call in symbol.calls:
        target = links.names.call(module, symbol, call.name) if (call.name, call.line) not in raised_at else None
        if target is not None:
            kind = LinkKind.CREATES if target.kind is Kind.CLASS else LinkKind.CALLS
            links.add(symbol.key, target.key, kind, call.line)
    for raised in symbol.raises:
        target = links.names.call(module, symbol, raised.name)
        if target is not None and target.kind is Kind.CLASS:
            links.add(symbol.key, target.key, LinkKind.RAISES, raised.line)
