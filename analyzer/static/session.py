"""Commands that the documentation shows, to practise on: what is typed, what it prints, what to type next."""

import re
from dataclasses import dataclass
from typing import Final

from analyzer.code.model import Span
from analyzer.concepts.model import Concept
from analyzer.documentation import prose
from analyzer.documentation.model import BlockKind, Section
from analyzer.static.excerpts import Example, examples_in
from analyzer.static.quotation import is_sayable
from analyzer.static.repository_map import RepositoryMap

LINES_MAX: Final = 25
TASK_WORDS: Final = (4, 45)
_PROMPT: Final = re.compile(r"^\s*(?:[\w@~:/.-]*[$%#>]|PS>|C:\\\\>)\s+\S")
_WORD: Final = re.compile(r"(?<=\s)(--?[A-Za-z][\w-]*|'[^']+'|\"[^\"]+\"|[\w./:-]{2,})")
_INSTALLS: Final = re.compile(r"\b(install|add|get|upgrade)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Lines of a page: a command, what it prints (None when the page does not say), and a command to write.

    `word` is a part of the first command that can be changed; `task` what the page says before the second one.
    """

    command: Span
    output: Span | None
    word: str
    following: Span
    task: str


def session_of(repo_map: RepositoryMap, concept: Concept) -> Session | None:
    """The first commands of a concept's pages, and those after them as the task."""
    own = {section.key: section for section in concept.sections}
    # The task may be what the page goes on with.
    pages = {section.path: repo_map.evidence.page_of(section) for section in concept.sections}
    own |= {section.key: section for page in pages.values() for section in page.sections if section.key not in own}
    found = [
        (section, example)
        for section in own.values()
        for example in examples_in(repo_map, section)
        if example.language == "console" and example.block is not None and not _INSTALLS.search(example.text[:60])
    ]
    for place, (here, example) in enumerate(found):
        if here.key not in {section.key for section in concept.sections}:
            return None
        command, output = _parts(repo_map, example)
        words = _WORD.findall(repo_map.snapshot.files[command.path][command.start - 1])
        if not words:
            continue
        section, other = found[place + 1] if place + 1 < len(found) else (found[place][0], example)
        return Session(
            command=command,
            output=output,
            word=words[-1],
            following=_parts(repo_map, other)[0],
            task=_task(section, other) if other is not example else "",
        )
    return None


def _parts(repo_map: RepositoryMap, example: Example) -> tuple[Span, Span | None]:
    """The lines of the first command and those of what it prints."""
    lines = repo_map.lines(example.span)
    prompts = [number for number, line in enumerate(lines) if _PROMPT.match(line)]
    if not prompts:
        return _lines(example, 0, min(len(lines), LINES_MAX)), None
    end = prompts[0] + 1
    while end < len(lines) and lines[end - 1].rstrip().endswith("\\"):
        end += 1
    stop = prompts[1] if len(prompts) > 1 else len(lines)
    output = _lines(example, end, min(stop, end + LINES_MAX)) if end < stop else None
    return _lines(example, prompts[0], end), output


def _lines(example: Example, start: int, end: int) -> Span:
    return Span(path=example.span.path, start=example.span.start + start, end=example.span.start + end - 1)


def _task(section: Section, example: Example) -> str:
    """What stands right before an example."""
    if example.block is None:
        return ""
    place = section.blocks.index(example.block)
    before = section.blocks[place - 1] if place else None
    if before is None or before.kind is BlockKind.CODE or not is_sayable(before.text):
        return ""
    text = before.text.strip()
    return prose.markdown(text) if TASK_WORDS[0] <= len(text.split()) <= TASK_WORDS[1] else ""
