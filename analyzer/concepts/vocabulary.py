"""The words that a project's code is written in: what a heading is about that has none of them is not in the code."""

from collections.abc import Iterable, Iterator

from analyzer.code.model import Module
from analyzer.concepts.terms import terms_of


def vocabulary(modules: Iterable[Module]) -> frozenset[str]:
    """The terms of everything that modules define, take and call, and of their paths."""
    names = {name for module in modules for name in _names(module)}
    return frozenset(term for name in names for term in terms_of(name))


def _names(module: Module) -> Iterator[str]:
    yield from module.path.rpartition(".")[0].split("/")
    yield from (item.name for item in module.imports if item.name)
    for symbol in module.symbols:
        yield symbol.name
        yield from (parameter.name for parameter in symbol.parameters)
        yield from (call.name.rpartition(".")[2] for call in symbol.calls)
        yield from (name for name, _ in symbol.attribute_types)
