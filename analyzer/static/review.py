"""Step 5: the chapter with everything that code can check checked, what fails mended, and a report at its end."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from analyzer.checks import Findings, check_document, check_headings, check_hrefs, check_quotation, read_document
from analyzer.markup import code, escape
from analyzer.mermaid import check_mermaid
from analyzer.plan import OrderEntry
from analyzer.static.catalogue import PHRASES
from analyzer.static.course import Course
from course import citations, markdown
from course.layout import REVIEWED_DIR, TUTORIALS_DIR, chapter_file, tutorial_file

_REVIEW_HEADINGS: Final = tuple(f"## {text}" for text in PHRASES["review"].values())
REASON_MAX_CHARS: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """The language model that wrote a chapter, and how many of its sentences a second reading let pass."""

    model: str
    supported: int
    replaced: int
    left_out: int

    @property
    def counts(self) -> dict[str, int]:
        """The numbers by their phrases."""
        return {"supported": self.supported, "replaced": self.replaced, "dropped": self.left_out}


@dataclass(slots=True)
class _Mending:
    """A text being mended, with what was done to it."""

    course: Course
    text: str
    done: list[str] = field(default_factory=list)

    def replace(self, old: str, new: str, reason: str) -> None:
        """Replace a piece of prose everywhere and note the reason."""
        if self.outside_fences(lambda line: line.replace(old, new)):
            self.done.append(reason)

    def outside_fences(self, change: Callable[[str], str]) -> bool:
        """Change the lines that are not in a code block; whether any line changed."""
        fenced = markdown.fenced_lines(self.text)
        lines = self.text.split("\n")
        changed = [line if number in fenced else change(line) for number, line in enumerate(lines)]
        self.text = "\n".join(changed)
        return changed != lines


def review_chapter(course: Course, entry: OrderEntry, chapter: str, *, author: Author | None = None) -> str:
    """Check, mend what failed, check again, and say so.

    What is still wrong after mending cannot be published as true: the caller's final check stops the run.

    Args:
        course: The course.
        entry: The chapter's place in it.
        chapter: Its text.
        author: Who wrote it and what a second reading found; None for a chapter that needs no model.
    """
    mending = _Mending(course=course, text=_without_review(chapter))
    _mend_title(mending, entry)
    slug, slugs = f"{REVIEWED_DIR}/{chapter_file(entry.index, entry.name)}", slugs_of(course)
    found = check_document(mending.text, course.repo_map.snapshot.lines, slugs, slug)
    if found.problems:
        _mend_headings(mending)
        _mend_fences(mending)
        _mend_quotations(mending)
        _mend_citations(mending)
        _mend_links(mending, slugs, slug)
        found = check_document(mending.text, course.repo_map.snapshot.lines, slugs, slug)
    return f"{mending.text.rstrip()}\n\n{_report(course, found, mending.done, mending.text, author)}\n"


def slugs_of(course: Course) -> list[str]:
    """What links may lead to: the reviewed chapters, then the tutorials."""
    order = course.plan.order
    chapters = [f"{REVIEWED_DIR}/{chapter_file(known.index, known.name)}" for known in order]
    return chapters + [f"{TUTORIALS_DIR}/{tutorial_file(known.index, known.name)}" for known in order]


def problems_of(course: Course, text: str, slug: str) -> Sequence[str]:
    """What of a finished document does not hold."""
    return check_document(text, course.repo_map.snapshot.lines, slugs_of(course), slug).problems


def _without_review(chapter: str) -> str:
    """The chapter without the report of an earlier review, which would be about another text."""
    text = chapter.replace("\r\n", "\n")
    for heading in _REVIEW_HEADINGS:
        head, separator, _ = text.rpartition(f"\n{heading}\n")
        text = head if separator else text
    return text.rstrip() + "\n"


def _mend_title(mending: _Mending, entry: OrderEntry) -> None:
    title = f"# {mending.course.words('chapter', number=entry.index + 1, title=escape(entry.name))}"
    if not mending.text.startswith(title + "\n"):
        mending.text = f"{title}\n\n{mending.text}"
        mending.done.append("the title was missing or different and was added")


def _mend_headings(mending: _Mending) -> None:
    """A second title, or a skipped level, becomes a section heading."""
    if not check_headings(read_document(mending.text).headings):
        return
    above = 0

    def level(line: str) -> str:
        nonlocal above
        match = re.match(r"(#{1,6})(\s+\S.*)$", line)
        if match is None:
            return line
        above = min(max(2, len(match[1])), above + 1) if above else 1
        return "#" * above + match[2]

    if mending.outside_fences(level):
        mending.done.append("the levels of the headings were put in order")


def _mend_fences(mending: _Mending) -> None:
    """An excerpt that differs from its lines, or a diagram that cannot be drawn, is replaced by a sentence."""
    lines_of = mending.course.repo_map.snapshot.lines
    cited = {(found.line, found.label): found for found in citations.citations(mending.text) if found.quote is not None}
    lines = mending.text.split("\n")
    for fence in reversed(markdown.fences(mending.text)):
        reason: str | None = None
        if fence.info.split(" ")[0] == "mermaid":
            reason = check_mermaid(fence.content)
        else:
            found = next((item for (line, _), item in cited.items() if line == fence.line), None)
            reason = citations.check_citation(found, lines_of) if found is not None else None
        if reason is not None:
            end = fence.line + len(fence.content.split("\n")) if fence.content else fence.line + 1
            what = "A diagram" if fence.info.startswith("mermaid") else "An excerpt"
            lines[fence.line - 1 : end] = [f"({what} stood here; the check removed it.)"]
            mending.done.append(f"{what.lower()} was removed: {reason}")
    mending.text = "\n".join(lines)


def _mend_quotations(mending: _Mending) -> None:
    for quotation in read_document(mending.text).quotations:
        reason = check_quotation(quotation, mending.course.repo_map.snapshot.lines)
        if reason is not None:
            label = re.escape(quotation.citation.label)
            pattern = re.compile(rf"(?:^> ?.*\n)*^> — `{label}`\n", re.MULTILINE)
            mending.text, changed = pattern.subn(
                "(A quotation stood here; the check removed it.)\n", mending.text, count=1
            )
            if changed:
                mending.done.append(f"a quotation was removed: {reason}")


def _mend_citations(mending: _Mending) -> None:
    for found in citations.citations(mending.text):
        reason = citations.check_citation(found, mending.course.repo_map.snapshot.lines)
        if reason is not None and found.quote is None:
            there = mending.course.repo_map.snapshot.lines(found.path) is not None
            plain = code(found.path) if there else "a file that is not there"
            mending.replace(f"`{found.label}`", plain, f"a citation was dropped: {reason}")


def _mend_links(mending: _Mending, slugs: Sequence[str], slug: str) -> None:
    """A link that leads nowhere becomes its text."""
    for href in dict.fromkeys(read_document(mending.text).hrefs):
        if check_hrefs([href], slugs, slug):
            pattern = re.compile(rf"(?<!!)\[((?:[^\]\[\\]|\\.)*)\]\(<?{re.escape(href)}>?\)")
            if mending.outside_fences(lambda line, pattern=pattern: pattern.sub(r"\1", line)):  # type: ignore[misc]
                mending.done.append(f"a link was unmade: {href}: no such chapter")


def _report(course: Course, found: Findings, done: Sequence[str], text: str, author: Author | None) -> str:
    words = course.words
    quoted, ours = _word_counts(text)
    counts = {
        "citations": found.citations,
        "excerpts": found.excerpts,
        "quotations": found.quotations,
        "diagrams": found.diagrams,
        "links": found.links,
        "headings": found.headings,
        "words-quoted": quoted,
        "words-ours": ours,
        "mended-count": len(done),
    }
    counts |= author.counts if author is not None else {}
    lines = [
        f"## {words('review')}",
        "",
        *((words("by-model", model=code(author.model)), "") if author is not None else ()),
        f"| {words('checked')} | {words('count')} |",
        "|---|---:|",
        *(f"| {words(kind)} | {number} |" for kind, number in counts.items()),
        "",
    ]
    for key, told in (("mended", done), ("still-open", found.problems)):
        if told:
            lines += [
                words(key, count=len(told)),
                "",
                *(f"- {escape(reason[:REASON_MAX_CHARS])}" for reason in told),
                "",
            ]
    return "\n".join(lines).rstrip()


def _word_counts(text: str) -> tuple[int, int]:
    """Words of block quotes, and of everything else outside code."""
    fenced = markdown.fenced_lines(text)
    lines = [line for number, line in enumerate(text.split("\n")) if number not in fenced]
    quoted = sum(len(line[1:].split()) for line in lines if line.startswith(">"))
    return quoted, sum(len(line.split()) for line in lines if not line.startswith(">"))
