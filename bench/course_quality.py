"""What courses of well-known projects teach, in which order, and whose words they use.

`python -m bench quality` prints the figures by themselves. The measures are crude on purpose: they look for words in
titles and headings. The peer is a generator whose courses a language model writes (PocketFlow's published ones).
"""

import re
import statistics
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.projects import PROJECTS, Project, fetched
from bench.report import Figure
from tests.trial import ROOT

RECURS_IN: Final = 3
_HEADING: Final = re.compile(r"^(#{1,3}) (?:Chapter \d+: )?(.*)$", re.MULTILINE)
_FENCE: Final = re.compile(r"```.*?```", re.DOTALL)
_MASKED: Final = re.compile(r"`[^`]*`|\[[^\]]*\]\([^)]*\)|“[^”]*”|\b\d[\d ]*\b")
_TRIVIA: Final = re.compile(
    r"(^|\W)(utils?|utilities|helpers?|version|compat\w*|unicode\w*|locales?|baseline|cells|structures|init|index|status|"
    r"bool|misc)(\W|$)|: main|plural|typing",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A course as a reader sees it: its chapters' texts in order."""

    project: Project
    chapters: Sequence[str]

    @property
    def titles(self) -> list[str]:
        """The chapters' titles."""
        return [_headings(chapter)[0] for chapter in self.chapters]

    @property
    def headings(self) -> list[str]:
        """All headings, titles included."""
        return [heading for chapter in self.chapters for heading in _headings(chapter)]

    def taught(self, texts: Sequence[str]) -> float:
        """The share of the project's concepts that one of the texts is about."""
        return statistics.fmean(_matches(pattern, texts) for pattern in self.project.concepts)

    @property
    def begins_well(self) -> bool:
        """Whether the first chapter is where a newcomer begins."""
        return re.search(self.project.first, self.titles[0], re.IGNORECASE) is not None

    @property
    def in_order(self) -> tuple[int, int]:
        """Pairs of concepts in the documentation's order, and all pairs; one that is not taught is in no order."""
        places = [next((n for n, title in enumerate(self.titles) if re.search(p, title, re.IGNORECASE)), None)
                  for p in self.project.order]  # fmt: skip
        pairs = [(one, other) for n, one in enumerate(places) for other in places[n + 1 :]]
        return sum(one is not None and other is not None and one <= other for one, other in pairs), len(pairs)


def measure() -> Iterator[Figure]:
    """Yield the figures of all projects together; what each course is made of goes to stderr."""
    with tempfile.TemporaryDirectory(prefix="fondation-quality-") as scratch:
        courses = [_course(project, Path(scratch) / project.name) for project in PROJECTS]
    for course in courses:
        print(f"{course.project.name}: {'; '.join(course.titles)}", file=sys.stderr)
    count = len(courses)
    good, pairs = (sum(numbers) for numbers in zip(*(course.in_order for course in courses), strict=True))
    titles = [title for course in courses for title in course.titles]
    ours, quoted, excerpts, recurring = _words(courses)
    for name, samples, limit, peer in (
        ("concepts that no chapter is about", [100 - 100 * c.taught(c.titles) for c in courses], 20, "24 %"),
        ("… and no section", [100 - 100 * c.taught(c.headings) for c in courses], 5, "14 %"),
        ("begin elsewhere than a newcomer", [100 * (not c.begins_well) for c in courses], 100 / count, "0 %"),
        ("pairs of concepts out of order", [100 - 100 * good / pairs], 15, "25 %"),
        ("chapters about trivia", [100 * sum(bool(_TRIVIA.search(title)) for title in titles) / len(titles)], 2, "0 %"),
        ("our words in sentences whose shape recurs", [100 * recurring], 40, "3 %"),
        ("our words for each of theirs", [100 * ours / quoted], 100, "they quote nothing"),
    ):  # fmt: skip
        mean = statistics.fmean(samples)
        yield Figure(name=f"{count} courses: {name}", samples=[mean], unit="%", limit=limit, peer=peer)
    yield Figure(
        name=f"{count} courses: excerpts a chapter", samples=[excerpts / len(titles)], unit="", limit=8, peer="7.0"
    )


def _course(project: Project, output: Path) -> Course:
    """Write a course, have it proved, and read it."""
    repository = fetched(project)
    for command in (["analyze", str(repository), "-o", str(output)], ["check", str(output), "-r", str(repository)]):
        subprocess.run([sys.executable, "-m", "analyzer", "--quiet", *command], cwd=ROOT, check=True)
    paths = sorted((output / "reviewed-chapters").iterdir(), key=lambda path: int(path.name.split("_")[1]))
    return Course(project=project, chapters=[path.read_text() for path in paths])


def _headings(chapter: str) -> list[str]:
    return [match[2].replace("`", "").strip() for match in _HEADING.finditer(_FENCE.sub("", chapter))]


def _matches(pattern: str, texts: Sequence[str]) -> bool:
    return any(re.search(pattern, text, re.IGNORECASE) for text in texts)


def _words(courses: Sequence[Course]) -> tuple[int, int, int, float]:
    """Our words, quoted words, excerpts, and the share of ours in sentences of a shape that several projects have."""
    where: defaultdict[str, set[str]] = defaultdict(set)
    words: Counter[str] = Counter()
    quoted = excerpts = 0
    for course in courses:
        for chapter in course.chapters:
            excerpts += chapter.count("```") // 2
            lines = _FENCE.sub("", chapter).splitlines()
            quoted += sum(len(line.split()) for line in lines if line.startswith(">"))
            prose = "\n".join(line for line in lines if not line.startswith((">", "#", "|")))
            for sentence in re.split(r"(?<=[.:?!])\s+|\n", prose):
                shape = re.sub(r"X(,? (and )?X)*", "X", _MASKED.sub("X", sentence.strip(" -*0123456789.")))
                where[shape].add(course.project.name)
                words[shape] += len(sentence.split())
    recurring = sum(count for shape, count in words.items() if len(where[shape]) >= RECURS_IN)
    return words.total(), quoted, excerpts, recurring / words.total()
