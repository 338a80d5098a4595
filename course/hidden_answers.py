"""Answers that a reader opens: the one piece of HTML that a course text may hold, recognised by its exact form.

    <details><summary>Answer</summary>

    any Markdown

    </details>

The parser knows no HTML; these two lines become tokens of their own, and the label is escaped like any other text. A
line that closes nothing, and one that is never closed, stays text.
"""

import re
from collections.abc import Sequence
from html import escape
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

_OPEN: Final = re.compile(r"<details><summary>([^<>\n]{1,80})</summary>")
_CLOSE: Final = "</details>"
_PARAGRAPH: Final = ("paragraph_open", "inline", "paragraph_close")


def hide_answers(markdown: MarkdownIt) -> None:
    """Teach a parser the form."""
    markdown.core.ruler.after("block", "hidden_answers", _rule)
    markdown.add_render_rule("answer_open", _open)
    markdown.add_render_rule("answer_close", lambda *_: "</details>\n")


def _rule(state: StateCore) -> None:
    """Replace the two paragraphs of each answer by one token each; answers do not nest."""
    tokens = state.tokens
    opened: tuple[int, str] | None = None
    pairs: list[tuple[int, int, str]] = []
    for place in range(len(tokens)):
        text = _paragraph_at(tokens, place)
        if text is None or tokens[place].level != 0:
            continue
        if match := _OPEN.fullmatch(text):
            opened = (place, match[1])
        elif text == _CLOSE and opened is not None:
            pairs.append((opened[0], place, opened[1]))
            opened = None
    for start, end, label in reversed(pairs):
        tokens[end : end + 3] = [Token("answer_close", "details", -1, block=True)]
        opening = Token("answer_open", "details", 1, block=True, content=label)
        tokens[start : start + 3] = [opening]


def _paragraph_at(tokens: Sequence[Token], place: int) -> str | None:
    three = tokens[place : place + 3]
    return three[1].content.strip() if tuple(token.type for token in three) == _PARAGRAPH else None


def _open(_: RendererHTML, tokens: Sequence[Token], index: int, __: object, ___: object) -> str:
    return f'<details class="answer"><summary>{escape(tokens[index].content)}</summary>\n'
