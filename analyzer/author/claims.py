"""The sentences of a chapter, one by one: what a review is asked about, and what becomes of those that do not hold."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from analyzer.author.answers import Verdict
from analyzer.code.model import Span
from analyzer.documentation import prose
from course import citations, markdown

_NOT_PROSE: Final = re.compile(r"^\s*(#|>|<|$)")
_ARROW: Final = re.compile(r"-[-.]*>|--|==+>|-\)|-x")
_ITEM: Final = re.compile(r"^(\s*(?:[-*]|\d+\.)\s+)?(?P<text>.*)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence of ours or the model's, or an arrow of a diagram: its line (from 0), its text as it stands there.

    `diagram` are the first and the last line of the drawing that an arrow belongs to.
    """

    line: int
    text: str
    diagram: tuple[int, int] | None = None


def sentences_in(text: str, ours: Sequence[str] = ()) -> list[Sentence]:
    """All sentences that are neither quoted nor code nor a heading, in order.

    Args:
        text: Markdown.
        ours: What lines begin with that our code wrote; a heading among them ends what is read.
    """
    lines = list(_lines_of_prose(text, ours))
    found = [
        Sentence(line=number, text=sentence)
        for number, line in lines
        for sentence in _sentences(line)
        if len(sentence.split()) > 2  # noqa: PLR2004 - less claims nothing
    ]
    last = max((number for number, _ in lines), default=0)
    arrows = [arrow for arrow in _arrows(text) if arrow.line < last]
    return sorted(found + arrows, key=lambda sentence: sentence.line)


def _arrows(text: str) -> Iterator[Sentence]:
    """What the diagrams say: each line that leads from one thing to another."""
    for block in markdown.fences(text):
        if block.info != "mermaid":
            continue
        lines = block.content.splitlines()
        first = block.line - 1
        for number, line in enumerate(lines, start=first + 1):
            if _ARROW.search(line):
                yield Sentence(line=number, text=line.strip(), diagram=(first, first + len(lines) + 1))


def _sentences(line: str) -> list[str]:
    """The sentences of a line; a row of a table is one."""
    if line.startswith("|"):
        return [] if set(line) <= set("|-: ") else [line]
    return prose.sentences(_ITEM.match(line)["text"])  # type: ignore[index]


def _lines_of_prose(text: str, ours: Sequence[str]) -> Iterator[tuple[int, str]]:
    fenced = markdown.fenced_lines(text)
    for number, line in enumerate(text.split("\n")):
        is_ours = bool(ours) and line.startswith(tuple(ours))
        if is_ours and line.startswith("#"):
            return
        if number not in fenced and not is_ours and not _NOT_PROSE.match(line):
            yield number, line


def as_list(sentences: Sequence[Sentence]) -> str:
    """The sentences as the prompt shows them."""
    return "\n".join(
        f"{number}. {'(diagram) ' if sentence.diagram else ''}{sentence.text}"
        for number, sentence in enumerate(sentences, start=1)
    )


def mended(text: str, sentences: Sequence[Sentence], instead: Mapping[int, str]) -> str:
    """The text with some sentences (by number, from 1) replaced; an empty one goes, an arrow with its drawing."""
    lines: list[str | None] = list(text.split("\n"))
    for number, new in instead.items():
        sentence = sentences[number - 1]
        if sentence.diagram is not None:
            first, last = sentence.diagram
            lines[first : last + 1] = [None] * (last + 1 - first)
            continue
        line = lines[sentence.line]
        if line is None or sentence.text not in line:
            continue
        changed = re.sub(r"(?<=\S)  +", " ", line.replace(sentence.text, new, 1)).rstrip()
        # A list item or a line that has nothing left is no line.
        lines[sentence.line] = changed if _ITEM.match(changed)["text"].strip() else None  # type: ignore[index]
    kept: list[str] = []
    for place, line in enumerate(lines):
        # A line that is gone takes one of the blank lines around it along.
        after_gap = place > 0 and lines[place - 1] is None and bool(kept) and not kept[-1].strip()
        if line is not None and not (after_gap and not line.strip()):
            kept.append(line)
    return "\n".join(kept)


def replacement(verdict: Verdict, sentence: Sentence, shown: Collection[Span]) -> str:
    """What to say instead: the review's own sentence if it cites only lines that it was shown, else nothing."""
    if sentence.diagram is not None or re.search(r"[<>\[\]]|https?:", verdict.instead):
        return ""
    cited = citations.citations(verdict.instead)
    is_proved = bool(cited) and all(
        any(item.path == span.path and span.start <= item.start <= item.end <= span.end for span in shown)
        for item in cited
    )
    return verdict.instead if is_proved else ""
