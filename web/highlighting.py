"""Code to highlighted HTML: Pygments reads it, eight classes mark it, the style sheet colours them.

Its own small formatter instead of Pygments': one class per kind of word and none for plain names keeps a chapter's
page half as large and twice as fast.
"""

from functools import lru_cache
from html import escape
from typing import Final

from pygments.lexer import Lexer
from pygments.lexers import find_lexer_class_for_filename, get_lexer_by_name
from pygments.token import Token, _TokenType
from pygments.util import ClassNotFound

MAX_CHARACTERS: Final = 100_000
MAX_LEXERS: Final = 64
KEPT_BLOCKS: Final = 256

_CLASSES: Final[dict[_TokenType, str]] = {
    Token.Comment: "k-c",
    Token.Keyword: "k-k",
    Token.Operator.Word: "k-k",
    Token.Literal.String: "k-s",
    Token.Literal.Number: "k-m",
    Token.Name.Function: "k-f",
    Token.Name.Class: "k-f",
    Token.Name.Tag: "k-k",
    Token.Name.Attribute: "k-f",
    Token.Name.Builtin: "k-b",
    Token.Name.Exception: "k-b",
    Token.Name.Decorator: "k-d",
    Token.Generic.Deleted: "k-x",
    Token.Generic.Inserted: "k-s",
    Token.Generic.Heading: "k-f",
}


class Highlighter:
    """Highlights blocks and keeps the latest: a reviewed chapter quotes the same lines as its draft."""

    def __init__(self, *, kept_blocks: int = KEPT_BLOCKS) -> None:
        self._lexers: dict[str, Lexer | None] = {}
        self._marked = lru_cache(maxsize=kept_blocks)(self._mark)

    def html(self, code: str, language: str, *, first_line: int | None = None) -> str:
        """Return the inner HTML of a `pre` element.

        Unknown languages and very long texts are escaped only. With `first_line` every line begins with its number in
        the source file.
        """
        html = self._marked(code, language.lower()) if len(code) <= MAX_CHARACTERS else escape(code, quote=False)
        if first_line is None:
            return html
        lines = html.removesuffix("\n").split("\n")
        width = len(str(first_line + len(lines) - 1))
        return "".join(
            f'<span class="line-number">{number:>{width}}  </span>{line}\n'
            for number, line in enumerate(lines, first_line)
        )

    def lines(self, code: str, path: str) -> list[str]:
        """Return the HTML of each line of a file's text; the file's name tells its language."""
        return self.html(code, language_of(path)).removesuffix("\n").split("\n")

    def _mark(self, code: str, language: str) -> str:
        lexer = self._lexer(language)
        if lexer is None:
            return escape(code, quote=False)
        parts: list[str] = []
        for kind, text in lexer.get_tokens(code):
            name = _class_of(kind)
            safe = escape(text, quote=False)
            if not name:
                parts.append(safe)
                continue
            # A span never crosses a line, so that line numbers can be put in front of lines.
            parts.append("\n".join(f'<span class="{name}">{line}</span>' if line else "" for line in safe.split("\n")))
        return "".join(parts)

    def _lexer(self, name: str) -> Lexer | None:
        if name not in self._lexers:
            if len(self._lexers) >= MAX_LEXERS:
                self._lexers.clear()
            try:
                self._lexers[name] = get_lexer_by_name(name, stripnl=False)
            except ClassNotFound:
                self._lexers[name] = None
        return self._lexers[name]


def _class_of(kind: _TokenType) -> str:
    while kind is not Token:
        if kind in _CLASSES:
            return _CLASSES[kind]
        if kind.parent is None:
            break
        kind = kind.parent
    return ""


def language_of(path: str) -> str:
    """Return the name of a file's language as the highlighter knows it; empty where its name tells none."""
    found = find_lexer_class_for_filename(path.rpartition("/")[2])
    return found.aliases[0] if found is not None and found.aliases else ""
