"""Pages in reStructuredText, line by line: sections, paragraphs, examples, items, notes, tables of contents.

The reference parser (docutils) builds a full document tree, at about 0.2 MB a second; Django's documentation alone
would take a minute. What a course needs is a small part of the format, and all of it is a matter of indentation.
"""

import re
from collections.abc import Sequence
from typing import Final

from analyzer.code.roles import language_of
from analyzer.documentation.draft import PageDraft
from analyzer.documentation.model import BlockKind, Page

_UNDERLINE: Final = re.compile(r"^([=\-~^\"'`#*+:._<>])\1{2,}\s*$")
_DIRECTIVE: Final = re.compile(r"^\.\.\s+(?:\|[^|]+\|\s+)?(?P<name>[\w:+.-]+)::(?:\s+(?P<argument>.*))?$")
_OPTION: Final = re.compile(r"^:(?P<name>[\w-]+):\s*(?P<value>.*)$")
_ITEM: Final = re.compile(r"^(?:[-*+•]|\(?(?:\d+|#)[.)])\s+\S")
# A link by its name alone: `WSGI_`.
_REFERENCE: Final = re.compile(r"(?<![\w`_:.])([A-Za-z][\w.+-]*?)__?(?![\w`_(])")
EXAMPLES: Final = frozenset(
    {"code-block", "code", "sourcecode", "testcode", "doctest", "parsed-literal", "prompt", "example"}
)
NOTES: Final = frozenset(
    {"note", "warning", "tip", "important", "caution", "attention", "danger", "hint", "error", "seealso", "admonition"}
)
_OBJECT: Final = re.compile(
    r"^(?:py:|c:|cpp:|js:)?(?:auto|current)?(?:class|function|method|exception|module|data|attribute|decorator|classmethod|"
    r"staticmethod|property|describe|object|option|setting|django-admin|templatetag|templatefilter)$"
)
_TRANSPARENT: Final = frozenset({"tab", "tabs", "group-tab", "versionadded", "versionchanged", "rst-class", "topic"})
_TOC_TITLE: Final = re.compile(r"^.*<(?P<target>[^<>]+)>$")
NESTING_MAX: Final = 12
# What stands for a longer text is mostly a link to a definition of that name.
_SUBSTITUTED: Final = re.compile(r"(?<![\w|])\|([A-Za-z_]\w*)\|(?![\w|])")


def read_restructured(path: str, lines: Sequence[str]) -> Page:
    """Read one reStructuredText page."""
    draft = PageDraft(path=path, lines=lines)
    _Reader(draft, lines).block(0, len(lines), indent=0, depth=0)
    return draft.page()


def read_embedded(draft: PageDraft, begin: int, end: int) -> None:
    """Read some lines of another format's page that are reStructuredText; counted from 0, the end not included."""
    _Reader(draft, draft.lines).block(begin, end, indent=0, depth=1)


def indentation(line: str) -> int:
    """Columns of white space before the text."""
    expanded = line.expandtabs(8)
    return len(expanded) - len(expanded.lstrip())


class _Reader:
    """Goes through a page's lines once; positions are counted from 0, the end not included."""

    def __init__(self, draft: PageDraft, lines: Sequence[str]) -> None:
        self.draft = draft
        self.lines = lines
        self.styles: list[str] = []
        self.module = ""

    def block(self, begin: int, end: int, *, indent: int, depth: int) -> None:
        """Read the lines of one indented block."""
        place = begin
        while place < end:
            line = self.lines[place]
            if not line.strip():
                place += 1
            elif indent == 0 and depth == 0 and (taken := self._heading(place, end)):
                place += taken
            elif match := _DIRECTIVE.match(line.strip()):
                place = self._directive(place, end, match["name"], (match["argument"] or "").strip(), depth)
            elif line.strip().startswith(".."):
                place = self._indented_end(place + 1, end, indentation(line))
            elif line.strip().startswith(">>>"):
                stop = self._paragraph_end(place, end)
                self.draft.add(BlockKind.CODE, place + 1, stop, self._raw(place, stop), language="pycon")
                place = stop
            else:
                place = self._paragraph(place, end, depth)

    def _heading(self, place: int, end: int) -> int:
        """How many lines a heading at `place` takes; 0 when there is none."""
        line = self.lines[place]
        following = self.lines[place + 1] if place + 1 < end else ""
        if _UNDERLINE.match(line) and following.strip() and place + 2 < end:
            under = self.lines[place + 2]
            if _UNDERLINE.match(under) and under[0] == line[0] and not _UNDERLINE.match(following):
                self._section(following.strip(), f"{line[0]}{line[0]}", place)
                return 3
        if _UNDERLINE.match(following) and not line[:1].isspace() and len(following.strip()) >= min(len(line), 4):
            self._section(line.strip(), following[0], place)
            return 2
        return 0

    def _section(self, title: str, style: str, place: int) -> None:
        if style not in self.styles:
            self.styles.append(style)
        plain = re.sub(r":[\w:+.-]+:`([^`]*)`", r"\1", title).replace("`", "").replace("\\", "")
        plain = re.sub(r"\s*<[^<>]*>$", "", plain)
        self.draft.heading(plain, self.styles.index(style) + 1, place + 1)

    def _directive(self, place: int, end: int, name: str, argument: str, depth: int) -> int:
        indent = indentation(self.lines[place])
        stop = self._indented_end(place + 1, end, indent)
        body = place + 1
        while body < stop and (not self.lines[body].strip() or self.lines[body].strip().startswith(":")):
            body += 1
        if name.rpartition(":")[2] in EXAMPLES:
            language = "pycon" if name == "doctest" else "console" if name == "prompt" else argument.lower()
            self._example(body, stop, language)
        elif name == "literalinclude":
            self._include(argument, place + 1, body)
        elif name == "toctree":
            self._table_of_contents(body, stop)
        elif name in NOTES:
            if argument and name != "admonition":
                first = place
                self.draft.add(
                    BlockKind.NOTE,
                    first + 1,
                    self._paragraph_end(first, stop),
                    self._note(first, stop, name),
                    label=name,
                )
            else:
                self._notes(body, stop, name)
        elif _OBJECT.match(name):
            self.draft.objects.append(self._object(name, re.split(r"[(\s]", argument)[0], depth))
            if depth < NESTING_MAX:
                self.block(body, stop, indent=indent + 1, depth=depth + 1)
        elif name in _TRANSPARENT and depth < NESTING_MAX and name not in {"versionadded", "versionchanged"}:
            self.block(body, stop, indent=indent + 1, depth=depth + 1)
        return stop

    def _object(self, directive: str, written: str, depth: int) -> str:
        """A documented name with its module; what stands inside of another directive is a member's."""
        if directive.endswith("module"):
            self.module = written
            return written
        is_bare = depth == 0 and self.module and "." not in written
        return f"{self.module}.{written}" if is_bare else written

    def _note(self, place: int, stop: int, name: str) -> str:
        end = self._paragraph_end(place, stop)
        text = self._joined(place, end)
        return text.partition(f"{name}::")[2].strip()

    def _notes(self, body: int, stop: int, name: str) -> None:
        while body < stop:
            if not self.lines[body].strip():
                body += 1
                continue
            end = self._paragraph_end(body, stop)
            if not self.lines[body].strip().startswith(".."):
                self.draft.add(BlockKind.NOTE, body + 1, end, self._joined(body, end), label=name)
            body = end

    def _example(self, body: int, stop: int, language: str) -> None:
        while stop > body and not self.lines[stop - 1].strip():
            stop -= 1
        self.draft.add(BlockKind.CODE, body + 1, stop, self._raw(body, stop), language=language)

    def _include(self, target: str, begin: int, end: int) -> None:
        matches = [match for line in self.lines[begin:end] if (match := _OPTION.match(line.strip()))]
        options = {match["name"]: match["value"] for match in matches}
        if not {"pyobject", "start-after", "start-at", "diff"} & options.keys():
            self.draft.include(
                target, language=options.get("language", "") or language_of(target, ""), lines=options.get("lines", "")
            )

    def _table_of_contents(self, body: int, stop: int) -> None:
        for line in self.lines[body:stop]:
            written = line.strip()
            if written and not written.startswith(":"):
                match = _TOC_TITLE.match(written)
                self.draft.leads_to.append(match["target"] if match else written)

    def _paragraph(self, place: int, end: int, depth: int) -> int:
        line = self.lines[place]
        indent = indentation(line)
        stop = self._paragraph_end(place, end)
        text = self._joined(place, stop)
        if _is_table(line):
            self.draft.add(BlockKind.TABLE, place + 1, stop, text)
            return stop
        following = next((n for n in range(stop, end) if self.lines[n].strip()), end)
        if text.endswith("::") and following < end and indentation(self.lines[following]) > indent:
            self._text(place, stop, text)
            literal_end = self._indented_end(following, end, indent)
            self._example(following, literal_end, "pycon" if self.lines[following].strip().startswith(">>>") else "")
            return literal_end
        if _ITEM.match(line.strip()):
            return self._items(place, end, depth)
        self._text(place, stop, text)
        return stop

    def _items(self, place: int, end: int, depth: int) -> int:
        """One list item: its first paragraph, then whatever is indented under it."""
        indent = indentation(self.lines[place])
        stop = place + 1
        while stop < end and self.lines[stop].strip() and indentation(self.lines[stop]) > indent:
            stop += 1
        text = re.sub(r"^(?:[-*+•]|\(?(?:\d+|#)[.)])\s+", "", self._joined(place, stop))
        self.draft.add(BlockKind.ITEM, place + 1, stop, text)
        inner = self._indented_end(stop, end, indent)
        if inner > stop and depth < NESTING_MAX:
            self.block(stop, inner, indent=indent + 1, depth=depth + 1)
            return inner
        return stop

    def _text(self, place: int, stop: int, text: str) -> None:
        field = text.startswith(":") and re.match(r"^:[\w -]+(?: [\w*]+)?:(?:\s|$)", text) is not None
        if not field and not re.fullmatch(r"[\W_]+", text):
            self.draft.add(
                BlockKind.PROSE, place + 1, stop, text.removesuffix("::") + (":" if text.endswith("::") else "")
            )

    def _paragraph_end(self, place: int, end: int) -> int:
        stop = place + 1
        while stop < end and self.lines[stop].strip():
            stop += 1
        return stop

    def _indented_end(self, place: int, end: int, indent: int) -> int:
        """Where the lines that are indented more than `indent` end."""
        stop = place
        while stop < end and (not self.lines[stop].strip() or indentation(self.lines[stop]) > indent):
            stop += 1
        while stop > place and not self.lines[stop - 1].strip():
            stop -= 1
        return max(stop, place)

    def _joined(self, begin: int, end: int) -> str:
        text = " ".join(line.strip() for line in self.lines[begin:end])
        return _SUBSTITUTED.sub(r"``\1``", _REFERENCE.sub(r"\1", text))

    def _raw(self, begin: int, end: int) -> str:
        return "\n".join(self.lines[begin:end]) + "\n"


def _is_table(line: str) -> bool:
    stripped = line.strip()
    return stripped.startswith(("+-", "+=")) or (stripped.startswith("==") and " " in stripped)
