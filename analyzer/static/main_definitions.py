"""Which definitions of a topic are explained one by one: the same choice for the chapter and its exercise."""

from typing import Final

from analyzer.code.model import Kind, Symbol
from analyzer.static import describe
from analyzer.static.repository_map import RepositoryMap, Topic

DEFINITIONS_MAX: Final = 4


def main_definitions(repo_map: RepositoryMap, topic: Topic) -> list[Symbol]:
    """The definitions that the chapter explains one by one, the most important first."""
    symbols = [symbol for symbol in repo_map.top_symbols(topic) if symbol.kind is not Kind.CONSTANT]
    public = [symbol for symbol in symbols if symbol.is_public]
    pool = public if len(public) >= 2 else symbols  # noqa: PLR2004
    # Exceptions carry little that needs explaining: they come last, unless the topic is made of them.
    exceptions: list[Symbol] = []
    others: list[Symbol] = []
    for symbol in pool:
        is_exception = symbol.kind is Kind.CLASS and describe.is_exception(repo_map, symbol)
        (exceptions if is_exception else others).append(symbol)
    if len(others) >= 2:  # noqa: PLR2004
        pool = [*others, *exceptions]
    chosen: list[Symbol] = []
    for symbol in pool:
        twin = symbol.name.startswith("Async") and any(
            known.name == symbol.name.removeprefix("Async") for known in chosen
        )
        small = symbol.line_count <= 3 and len(pool) > DEFINITIONS_MAX  # noqa: PLR2004 - an exception with a docstring
        if not twin and not small:
            chosen.append(symbol)
        if len(chosen) == DEFINITIONS_MAX:
            break
    return chosen or pool[:DEFINITIONS_MAX]
