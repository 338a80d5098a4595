"""What the project asks of a Markdown text: its title, fences, links and inline code.

Parsed by markdown-it-py (CommonMark), so a `# comment` inside a code fence is never taken for a heading. Rendering is
not done here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """A fenced code block; `line` is that of the opening fence, counted from 1."""

    info: str
    content: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link's target and text; `line` is where its paragraph begins, counted from 1."""

    href: str
    text: str
    line: int


def first_heading(text: str) -> str | None:
    """Return the plain text of the first level-1 heading, or None."""
    line = text.partition("\n")[0]
    # Most texts begin with it; a link in it may be explained anywhere.
    if line != text and line.startswith("# ") and "[" not in line and (title := first_heading(line)):
        return title
    tokens = _parse(text)
    for index, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h1":
            title = _plain(tokens[index + 1]).strip()
            if title:
                return title
    return None


def fences(text: str) -> list[Fence]:
    """Return every fenced code block, in order."""
    return [
        Fence(info=token.info.strip(), content=token.content, line=_line(token))
        for token in _parse(text)
        if token.type == "fence"
    ]


def fenced_lines(text: str) -> set[int]:
    """Return the lines of all fenced code blocks, fences included, counted from 0."""
    return {
        number for block in fences(text) for number in range(block.line - 1, block.line + block.content.count("\n") + 1)
    }


def links(text: str) -> list[Link]:
    """Return every link, in order; images are not links."""
    found: list[Link] = []
    for inline in _inlines(text):
        children = inline.children or []
        for index, child in enumerate(children):
            if child.type == "link_open":
                label = "".join(_label(children[index + 1 :]))
                found.append(Link(href=str(child.attrGet("href") or ""), text=label, line=_line(inline)))
    return found


def inline_code(text: str) -> list[tuple[str, int]]:
    """Return the content of every inline code span with the line where its paragraph begins, counted from 1."""
    return [
        (child.content, _line(inline))
        for inline in _inlines(text)
        for child in inline.children or []
        if child.type == "code_inline"
    ]


@lru_cache(maxsize=64)
def _parse(text: str) -> tuple[Token, ...]:
    """Return the text's tokens; a text is asked several questions in a row, so its tokens are kept for a while."""
    # Tables are the one extension the project writes: inline code inside a cell is a citation too.
    return tuple(MarkdownIt("commonmark").enable("table").parse(text))


def _inlines(text: str) -> Iterator[Token]:
    return (token for token in _parse(text) if token.type == "inline")


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 1


def _plain(inline: Token) -> str:
    return "".join(
        " " if child.type in {"softbreak", "hardbreak"} else child.content for child in inline.children or []
    )


def _label(children: list[Token]) -> Iterator[str]:
    for child in children:
        if child.type == "link_close":
            return
        yield child.content
