"""Docstrings and comments as readable text: first sentences, the meaning of parameters, prose to quote."""

import html
import re
from collections.abc import Iterator
from typing import Final

from analyzer.markup import code, escape

QUOTE_MAX_CHARS: Final = 420
GAP: Final = "[…]"
WORDLIKE_SHARE: Final = 0.65
# What marks a reference before its text, in reStructuredText and in MyST.
_ROLE: Final = re.compile(r"(?::[a-zA-Z][\w:+.-]*:|\{[a-zA-Z][\w:+.-]*\})`[~!./]*")
_BRACKETED: Final = re.compile(
    r"(?<!\])\[(`[^`\[\]]+`|(?=\w*[A-Z_:.])[A-Za-z_][\w.:]*)\](?![(\[]|:\s*[<#/.\w-]*[/#:.])"
)
_SPAN: Final = re.compile(r"``(.+?)``|`([^`]+?)`_{0,2}")
_TARGET: Final = re.compile(r"\s+<[^<>`]*>$")
_MD_LINK: Final = re.compile(r"\[([^\]\[]+)\](?:\([^()\s]*\)|\[[^\]\[]*\])")
_EMPHASIS: Final = re.compile(r"(?<!\w)(\*\*|__|\*|_)(?=\S)(.+?)(?<=\S)\1(?!\w)")
_STOP: Final = re.compile(r"(?<=[.!?])[\"')\]`*]*\s+(?=[\"'(`*A-Z0-9])")
_ABBREVIATION: Final = re.compile(r"(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|resp|Dr|No|Fig|incl|al)|\.\.)\.$", re.IGNORECASE)
_FIELD: Final = re.compile(
    r"^:(?:param|parameter|arg|argument|key|keyword)\s+(?:[^:]*?\s)?\**(?P<name>\w+)\s*:\s*(?P<text>.*)$"
)
_GOOGLE: Final = re.compile(r"^\s{2,8}\**(?P<name>\w+)(?:\s*\([^)]*\))?\s*:\s+(?P<text>\S.*)$")
_BULLET: Final = re.compile(
    r"^[*-]\s+(?:\*\*|`)(?P<name>\w+)(?:\*\*|`)\s*[-:\u2013]\s*(?:\*\(optional\)\*\s*)?(?P<text>\S.*)$"
)
_SECTION: Final = re.compile(
    r"^(?:\*\*)?(?:Args|Arguments|Parameters|Params|Returns?|Raises|Yields|Examples?|Attributes|Notes?|See Also|"
    r"Usage|Todo|Warnings?|Keyword Args|References|Warns)s?(?:\*\*)?:{0,2}\s*$",
    re.IGNORECASE,
)
_INLINE_TAG: Final = re.compile(r"\{@(?:code|link|linkplain|literal|value|inheritDoc)\s*([^{}]*)\}")
_XML_REF: Final = re.compile(r"<(?:see|paramref|typeparamref)\s+\w+=\"(?:\w:)?([^\"]*)\"\s*/?>")
_RDOC_LINK: Final = re.compile(r"\{([^{}]+)\}\[https?://[^\]\s]+\]")
_DOC_MARK: Final = re.compile(
    r"</?(?:p|code|pre|tt|b|i|em|strong|ul|ol|li|br|summary|remarks|para|c|h\d|a)\b[^<>]*>|^\s*[@\\\\](?:brief|rst|endrst)\s*",
    re.IGNORECASE | re.MULTILINE,
)
_WORDLIKE: Final = re.compile(r"^[\"'(*`]*[A-Za-z][\w'\u2019`*-]*[\"')*`]*[.,;:!?]?[\"')*`]*$|^-$|^\d+[.,]?$")
_DIRECTIVE: Final = re.compile(r"^\s*(?:\.\.\s|:\w[^:]*:(?:\s|$)|>>>|```|~~~|@[\w-]+\s|//|\[\d+\]:|---+$|===+$|\|)")


def _paragraphs(text: str) -> list[tuple[str, bool]]:
    """The prose paragraphs, each with whether something was left out between it and the one before."""
    found: list[tuple[str, bool]] = []
    gap = False
    for lines in _blocks(text):
        joined = " ".join(line.strip() for line in lines)
        if _is_prose(lines, joined):
            found.append((joined, gap))
            gap = False
        else:
            gap = True
    return found


def _blocks(text: str) -> Iterator[list[str]]:
    """Lines between blank lines; a fenced block or a section with its indented body is one block."""
    block: list[str] = []
    in_fence = in_section = False
    for line in [*text.split("\n"), ""]:
        stripped = line.strip()
        if stripped.startswith(("```", "~~~")):
            in_fence = not in_fence
        if in_section and stripped and not line[:1].isspace() and not block[-1].strip():
            yield block
            block, in_section = [], False
        if not stripped and not in_fence and not in_section:
            if block:
                yield block
            block = []
            continue
        in_section = in_section or (not block and bool(_SECTION.match(stripped)))
        block.append(line)
    if block:
        yield block


def _is_prose(lines: list[str], joined: str) -> bool:
    first = lines[0]
    if first[:1].isspace() or first.startswith(("#", "* ", "- ", "+ ", "<", "|")) or _SECTION.match(first.strip()):
        return False
    if any(_DIRECTIVE.match(line) for line in lines) or (len(lines) > 1 and len(set(lines[1].strip())) == 1):
        return False
    pieces = joined.split()
    wordlike = sum(1 for piece in pieces if _WORDLIKE.match(piece))
    return wordlike >= WORDLIKE_SHARE * len(pieces) and (len(pieces) > 1 or joined.endswith("."))


def sentences(paragraph: str) -> list[str]:
    """Split into sentences, abbreviations respected."""
    found: list[str] = []
    start = 0
    for match in _STOP.finditer(paragraph):
        piece = paragraph[start : match.start()]
        if _ABBREVIATION.search(piece):
            continue
        found.append(paragraph[start : match.end()].strip())
        start = match.end()
    rest = paragraph[start:].strip()
    return [*found, rest] if rest else found


def first_sentence(text: str) -> str:
    """The first sentence of the prose, or nothing."""
    for paragraph, _ in _paragraphs(text):
        for found in sentences(paragraph)[:1]:
            return found.rstrip(":")
    return ""


def opening(text: str, limit: int = QUOTE_MAX_CHARS) -> str:
    """The first sentences up to `limit` characters, over more than one paragraph when the first is short."""
    chosen: list[str] = []
    length = 0
    for paragraph, gap in _paragraphs(text)[:2]:
        if gap and chosen:
            chosen.append(GAP)
        for found in sentences(paragraph):
            if chosen and length + len(found) > limit:
                return _ended(chosen)
            chosen.append(found)
            length += len(found) + 1
        if length > limit // 2:
            break
    return _ended(chosen)


def _ended(chosen: list[str]) -> str:
    """Without a last sentence that announces something which is not quoted."""
    while len(chosen) > 1 and (chosen[-1].endswith(":") or chosen[-1] == GAP):
        chosen.pop()
    return " ".join(chosen)


def without_links(text: str) -> str:
    """Prose in which links are their text, and names that are links are code."""
    return _MD_LINK.sub(r"\1", _ROLE.sub("`", _BRACKETED.sub(_as_code, text)))


def markdown(text: str) -> str:
    """Docstring prose as safe Markdown: code spans stay code, links and emphasis become their text."""
    plain = _EMPHASIS.sub(r"\2", _EMPHASIS.sub(r"\2", without_links(html.unescape(text))))  # one in another
    pieces: list[str] = []
    start = 0
    for match in _SPAN.finditer(plain):
        pieces.append(_plain(plain[start : match.start()]))
        pieces.append(code(_TARGET.sub("", match[1] or match[2]).lstrip("~!") or match[0], limit=200))
        start = match.end()
    pieces.append(_plain(plain[start:]))
    return "".join(pieces).strip()


def _as_code(match: re.Match[str]) -> str:
    """A name in brackets, as documentation comments of Rust and Go link to it; `RFC5424` is none."""
    is_plain = match[1].startswith("`") or (match[1].isupper() and match[1][-1].isdigit())
    return match[1] if is_plain else f"`{match[1]}`"


def _plain(text: str) -> str:
    """Escaped text that keeps one space where the original had white space at its ends."""
    if not text.strip():
        return " " if text else ""
    return (" " if text[:1].isspace() else "") + escape(text) + (" " if text[-1:].isspace() else "")


def parameter_notes(text: str) -> dict[str, str]:
    """What a docstring says about each parameter: reST fields, Google sections, bullet lists."""
    notes: dict[str, str] = {}
    name = ""
    for line in text.split("\n"):
        match = (
            _FIELD.match(line.strip()) or _BULLET.match(line) or (_GOOGLE.match(line) if line[:1].isspace() else None)
        )
        if match:
            name = match["name"]
            notes.setdefault(name, match["text"].strip())
        elif not line.strip() or (line.strip().startswith((":", "*", "-", ".. ")) and not _ROLE.match(line.strip())):
            name = ""
        elif name and (line[:1].isspace() or not _SECTION.match(line)):
            notes[name] += " " + line.strip()
    return {key: " ".join(sentences(value)[:1]) for key, value in notes.items() if value}


def without_doc_tags(text: str) -> str:
    """A comment without the marks of Javadoc, Doxygen, RDoc and C#'s XML: names in them become code spans."""
    plain = _INLINE_TAG.sub(lambda match: f"`{name}`" if (name := match[1].strip().lstrip("#")) else "", text)
    plain = _RDOC_LINK.sub(r"\1", _XML_REF.sub(r"`\1`", plain))
    return _DOC_MARK.sub("", plain)


def quote_key(text: str) -> str:
    """Letters and digits only: what a quotation and its source must have in common."""
    text = html.unescape(without_doc_tags(text))
    return re.sub(r"[\W_]+", "", _ROLE.sub("`", re.sub(r"\s<[^<>\s]*>(?=`)", "", _MD_LINK.sub(r"\1", text)))).lower()
