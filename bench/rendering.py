"""How long the web page takes to turn a long chapter into HTML, beside its Markdown parser alone on the same text.

`python -m bench.rendering` prints the figure by itself.
"""

import statistics
from collections.abc import Iterator
from functools import partial

from markdown_it import MarkdownIt

from bench.report import Figure, machine, table, timed
from web.rendering import Context, Renderer
from web.sources import source_links

_RUNS = 20
_SECTIONS = 12
_CHAPTER = "reviewed-chapters/chapter_1_a.md"
_NEXT = "reviewed-chapters/chapter_2_b.md"
_PLACE = Context(
    slug=_CHAPTER,
    slugs=frozenset({_CHAPTER, _NEXT}),
    sources=source_links("https://github.com/o/n.git", "0123456789abcdef0123456789abcdef01234567"),
    diagram_source="As text",
)


def measure() -> Iterator[Figure]:
    """Yield the figure of one process; each run renders another text, since a page is remembered."""
    renderer, parser, text = Renderer(), MarkdownIt("commonmark").enable("table"), chapter()
    renderer.render(text, _PLACE)
    texts = [f"{text}{number}" for number in range(_RUNS)]
    bare = statistics.median(timed(partial(parser.render, other)) for other in texts)
    yield Figure(
        name=f"web: a chapter of {len(text) // 1000} kB with links, citations and highlighted code rendered",
        samples=[timed(partial(renderer.render, other, _PLACE)) * 1000 for other in texts],
        unit="ms",
        limit=40,
        peer=f"markdown-it-py alone: {bare * 1000:.3g} ms",
    )


def chapter() -> str:
    """Return a chapter with links, citations and code in each of its sections."""
    prose = (
        "The `Client` keeps [a pool](chapter_2_b.md) of connections, see `src/client.py#L10-L20`. One that was "
        "idle for longer than the limit is closed before the next request, and the request waits for a new one. " * 3
    ) + "\n\n"
    sections = []
    for number in range(_SECTIONS):
        call = f"def send(self, request):\n    return self.pool.s{number}(request)\n\n"
        code = f"```python src/client.py#L10-L24\n{call * 5}```\n\n"
        sections.append(f"## Section {number}\n\n{prose * 4}{code}")
    return "# Title\n\n" + "".join(sections)


if __name__ == "__main__":
    print(f"Machine: {machine()}\n")
    print(table(list(measure())))
