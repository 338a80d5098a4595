"""Pages in Markdown, read by markdown-it-py: sections, paragraphs, examples, items and notes with their lines."""

import re
from collections.abc import Sequence
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from analyzer.code.roles import language_of
from analyzer.documentation.draft import PageDraft
from analyzer.documentation.includes import snippet_path
from analyzer.documentation.model import BlockKind, Page
from analyzer.documentation.restructured import EXAMPLES, NOTES, read_embedded

TAB_INDENT: Final = "    "
_TAB: Final = re.compile(r'^===[!+]? "[^"]*"\s*$')
_ALERT: Final = re.compile(r"^\[!(?P<label>[A-Z]+)\]\s*")
_LONG_MARKS: Final = re.compile(r"(?<!`)(?P<marks>`{2,})(?!`)\s?(?P<code>[^`]+?)\s?(?P=marks)(?!`)")
_FENCE_END: Final = re.compile(r"\s:::+$")  # of a directive, right below its last line
_ADMONITION: Final = re.compile(r"^(?:!!!|\?\?\?\+?|:::+)\s*\{?(?P<label>\w+)\}?")
_ANCHOR: Final = re.compile(r"\s*\{[#:.][^}]*\}\s*$")
_DIRECTIVE: Final = re.compile(r"^\{(?P<name>[\w:+.-]+)\}\s*(?P<argument>[\w+#./-]*)")
_LANGUAGE: Final = re.compile(r"^[A-Za-z][\w+#.-]*")
_MODULE: Final = re.compile(r"(?:import|export)\s+(?:[\w{},*\s]+\sfrom\s+)?['\"]|export\s+(?:const|default)\b")
_BREAK: Final = re.compile(r"\\$", re.MULTILINE)
_RUST: Final = frozenset({"rust", "no_run", "should_panic", "compile_fail"})
_HIDDEN: Final = re.compile(r"\s*#(\s|$)")
# An image that is a link: what its project counts.
_BADGE: Final = re.compile(r"\s*\[!\[[^\]]*\]\([^)]*\)\]\([^)]*\)(?:\s*&nbsp;)*\s*")
# To another page, as everybody writes it or as DocC does.
_LINK: Final = re.compile(r"\]\((?P<target>[^)\s]+\.(?:md|rst|adoc))(?:#[^)]*)?\)|<(?P<doc>doc:\w[\w-]*)>")
# How DocC's pages are headed: by the definition that they are about, with what it is in.
_SYMBOL_LINK: Final = re.compile(r"(?:\w+/)*(?P<name>\w+)(?:\([\w:]*\))?")
_MARKUP_ALONE: Final = re.compile(r"(\s*<[^<>]+>)+\s*")  # an anchor, an image
_FRONT_MATTER_TITLE: Final = re.compile(r"^title:\s*[\"']?(?P<title>[^\"'\n]+)", re.MULTILINE)


def read_markdown(path: str, lines: Sequence[str]) -> Page:
    """Read one Markdown page."""
    draft = PageDraft(path=path, lines=lines)
    skip = _front_matter(lines)
    if skip and (match := _FRONT_MATTER_TITLE.search("\n".join(lines[:skip]))):
        draft.title = match["title"].strip()
    tokens = MarkdownIt("commonmark").enable("table").parse("\n".join([""] * skip + _untabbed(lines[skip:])))
    inside: list[str] = []
    label = ""
    for place, token in enumerate(tokens):
        if token.type in {"list_item_open", "blockquote_open", "table_open"}:
            inside.append(token.type)
        elif token.type in {"list_item_close", "blockquote_close", "table_close"} and inside:
            inside.pop()
        elif token.type == "heading_open" and token.map and not inside:
            draft.heading(_title(tokens[place + 1]), int(token.tag[1]), token.map[0] + 1)
        elif token.type in {"fence", "code_block"} and token.map:
            _example(draft, token, note=label)
        elif token.type == "inline" and token.map and tokens[place - 1].type == "paragraph_open":
            label = _paragraph(draft, token, inside)
    return draft.page()


def _untabbed(lines: Sequence[str]) -> list[str]:
    """The lines with what stands in MkDocs' tabs (`=== "Kotlin"`) one below the other, each on the line it is on."""
    found: list[str] = []
    is_inside = False
    for line in lines:
        is_tab = _TAB.match(line) is not None
        is_inside = is_tab or (is_inside and (not line.strip() or line.startswith(TAB_INDENT)))
        found.append("" if is_tab else line.removeprefix(TAB_INDENT) if is_inside else line)
    return found


def _front_matter(lines: Sequence[str]) -> int:
    """How many lines of YAML stand before the page."""
    if not lines or lines[0].strip() != "---":
        return 0
    return next((number + 1 for number, line in enumerate(lines[1:60], start=1) if line.strip() == "---"), 0)


def _title(inline: Token) -> str:
    children = [child for child in inline.children or [] if child.type in {"text", "code_inline", "softbreak"}]
    if len(children) == 1 and children[0].markup == "``" and (link := _SYMBOL_LINK.fullmatch(children[0].content)):
        return link["name"]
    text = "".join(child.content for child in children)
    return _ANCHOR.sub("", text).strip()


def _example(draft: PageDraft, token: Token, *, note: str) -> None:
    if token.map is None:
        return
    fenced = token.type == "fence"
    start = token.map[0] + (2 if fenced else 1)
    if not fenced and note:  # the indented body of `!!! note`
        text = " ".join(token.content.split())
        draft.add(BlockKind.NOTE, start, start + token.content.count("\n") - 1, text, label=note)
        return
    if directive := _DIRECTIVE.match(token.info.strip()):
        _directive(draft, directive["name"], directive["argument"], start, token.content)
        return
    if included := snippet_path(token.content):
        draft.include(included, language=language_of(included, ""))
        return
    match = _LANGUAGE.match(token.info.strip())
    language = match[0].lower() if match else ""
    lines = token.content.splitlines()
    first, last = _shown_in_rust(lines) if language in _RUST or draft.path.endswith(".rs") else (0, len(lines))
    draft.add(BlockKind.CODE, start + first, start + last - 1, "\n".join(lines[first:last]), language=language)


def _shown_in_rust(lines: Sequence[str]) -> tuple[int, int]:
    """The lines of an example without those at its ends that only compile it: Rust's documentation hides them."""
    shown = [number for number, line in enumerate(lines) if line.strip() and not _HIDDEN.match(line)]
    return (shown[0], shown[-1] + 1) if shown else (0, len(lines))


def _directive(draft: PageDraft, name: str, written: str, start: int, content: str) -> None:
    """What MyST writes as a fence: Sphinx's directives; those that a course has no use for are left out."""
    end, argument = start + content.count("\n") - 1, written.lower()
    if name == "literalinclude":
        draft.include(written, language=language_of(written, ""))
    elif name == "eval-rst":
        read_embedded(draft, start - 1, end)
    elif name == "toctree":
        listed = [line.strip() for line in content.splitlines()]
        draft.leads_to += [line for line in listed if line and not line.startswith((":", "-"))]
    elif name in EXAMPLES:
        draft.add(BlockKind.CODE, start, end, content, language="pycon" if name == "doctest" else argument)
    elif name in NOTES:
        draft.add(BlockKind.NOTE, start, end, " ".join(content.split()), label=name)


def _paragraph(draft: PageDraft, token: Token, inside: list[str]) -> str:
    """Add a paragraph; returns the label of the note that it opens, if it opens one."""
    if token.map is None:
        return ""
    start, end = token.map[0] + 1, token.map[1]
    if not inside and _MODULE.match(token.content):  # what a page written in MDX imports
        return ""
    text = " ".join(_BREAK.sub("", token.content).split())
    if included := snippet_path(token.content):
        draft.include(included, language=language_of(included, ""))
        return ""
    if "list_item_open" in inside:
        draft.leads_to += [match["target"] or match["doc"] for match in _LINK.finditer(text)]
    if match := _ADMONITION.match(text):
        return match["label"].lower()
    if inside and inside[-1] == "blockquote_open":
        alert = _ALERT.match(text)
        draft.add(BlockKind.NOTE, start, end, _ALERT.sub("", text), label=alert["label"].lower() if alert else "")
    else:
        text = _LONG_MARKS.sub(r"`\g<code>`", text)
        text = " ".join(_FENCE_END.sub("", _BADGE.sub(" ", text)).split())
        if text and not _MARKUP_ALONE.fullmatch(text):
            draft.add(BlockKind.ITEM if inside else BlockKind.PROSE, start, end, text)
    return ""
