"""Key ideas of a topic without definitions: its files, their headings and their first lines."""

from collections.abc import Iterator
from typing import Final

from analyzer.code.model import Module, Span
from analyzer.static import docs
from analyzer.static.excerpt import EXCERPT_MAX_LINES, excerpt
from analyzer.static.repository_map import RepositoryMap, Topic
from analyzer.static.text import cite, code, count, listing

FILES_MAX: Final = 5
SYMBOLS_SHOWN: Final = 8
HEAD_LINES: Final = 15


def file_ideas(repo_map: RepositoryMap, topic: Topic) -> Iterator[str]:
    """One short section per file, the largest first."""
    modules = sorted((repo_map.links.modules[path] for path in topic.paths), key=lambda m: (-m.line_count, m.path))
    for module in modules[:FILES_MAX]:
        yield f"### {code(module.path)}"
        yield _facts(module)
        if module.doc and docs.opening(module.doc.text):
            label = Span(path=module.path, start=module.doc.start, end=module.doc.end).label
            yield f"> {docs.markdown(docs.opening(module.doc.text))}\n>\n> — `{label}`"
        span = Span(path=module.path, start=1, end=min(module.line_count, HEAD_LINES, EXCERPT_MAX_LINES))
        if block := excerpt(repo_map, span):
            yield "It begins like this:"
            yield block
    if len(modules) > FILES_MAX:
        rest = [code(module.path) for module in modules[FILES_MAX : FILES_MAX + SYMBOLS_SHOWN]]
        yield f"The other files are smaller: {listing(rest)}."


def _facts(module: Module) -> str:
    shown = [
        f"{code(s.name)} ({cite(Span(path=module.path, start=s.span.start, end=s.span.start))})"
        for s in module.symbols[:SYMBOLS_SHOWN]
    ]
    title = f", titled {code(module.title)}" if module.title else ""
    told = f"A {code(module.language)} file of {count(module.line_count, 'line')}{title}."
    if not shown:
        return told
    more = len(module.symbols) - SYMBOLS_SHOWN
    return f"{told} Its parts: {listing(shown)}" + (f" and {count(more, 'other')}." if more > 0 else ".")
