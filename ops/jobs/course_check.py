"""Proof of a course: every citation, excerpt and link of its documents against the repository at the analysed commit.

Reading the repository is behind `Source`; how it came to this machine is not decided here.
"""

import json
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from course.citations import check_citation, check_links, citations
from course.documents import Document, DocumentKind
from course.layout import RELATIONSHIPS_FILE
from course.markdown import links
from ops.errors import CheckError

GIT_TIMEOUT_S: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What was checked and what failed; each failure is one line."""

    documents: int
    citations: int
    quotes: int
    links: int
    failures: tuple[str, ...]

    @property
    def summary(self) -> str:
        """The counts in one line."""
        found = (
            f"{self.documents} documents: {self.citations} citations ({self.quotes} of them excerpts)"
            f" and {self.links} links"
        )
        if self.failures:
            return f"{found}; {len(self.failures)} do not resolve"
        return f"{found}, all resolved"


class Source:
    """A repository's files at one commit, read with git from any clone, bare or not."""

    def __init__(self, clone: Path, commit: str) -> None:
        self._clone = clone
        self._commit = commit
        self._lines: dict[str, Sequence[str] | None] = {}

    def lines_of(self, path: str) -> Sequence[str] | None:
        """Return a file's lines without line ends, or None where there is no such file."""
        if path not in self._lines:
            done = subprocess.run(
                ["git", "-C", str(self._clone), "cat-file", "blob", f"{self._commit}:{path}"],
                capture_output=True,
                check=False,
                timeout=GIT_TIMEOUT_S,
            )
            self._lines[path] = split_lines(done.stdout) if done.returncode == 0 else None
        return self._lines[path]


def split_lines(data: bytes) -> list[str]:
    """Return the lines of a file; only a line feed ends a line, as in git and on hosting sites."""
    lines = data.decode("utf-8", errors="replace").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def analysed_commit(documents: Iterable[Document]) -> str:
    """Return the commit that a course was made from.

    Raises:
        CheckError: The course does not say.
    """
    for document in documents:
        if document.kind is DocumentKind.YAML and document.slug.rpartition("/")[2] == RELATIONSHIPS_FILE:
            try:
                commit = json.loads(document.content).get("commit")
            except (ValueError, AttributeError):
                commit = None
            if commit:
                return str(commit)
    raise CheckError(f"the course does not name the commit that it was made from ({RELATIONSHIPS_FILE}: commit)")


def check_course(documents: Sequence[Document], source: Source) -> Result:
    """Check every Markdown document of a course."""
    texts = {document.slug: document.content for document in documents if document.kind is not DocumentKind.YAML}
    failures: list[str] = []
    total = quotes = 0
    for slug, text in texts.items():
        for citation in citations(text):
            total += 1
            quotes += citation.quote is not None
            reason = check_citation(citation, source.lines_of)
            if reason is not None:
                failures.append(f"{slug}:{citation.line}: {reason}")
    failures += check_links(texts)
    return Result(
        documents=len(texts),
        citations=total,
        quotes=quotes,
        links=sum(len(links(text)) for text in texts.values()),
        failures=tuple(failures),
    )
