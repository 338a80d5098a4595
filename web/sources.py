"""Where a cited line can be read: links to the source at the analysed commit on hosts whose URL form is known."""

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, urlsplit

from course.cited_sources import CitedSources

_COMMIT: Final = re.compile(r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$")
_CITATION: Final = re.compile(r"^(?P<path>[^\s#][^#\n]*)#L(?P<start>[1-9]\d{0,8})(?:-L(?P<end>[1-9]\d{0,8}))?$")
# Path before the commit, and the form of a line range, per kind of host.
_FORMS: Final = {
    "github": ("/blob/", "#L{start}-L{end}"),
    "gitlab": ("/-/blob/", "#L{start}-{end}"),
    "gitea": ("/src/commit/", "#L{start}-L{end}"),
    "bitbucket": ("/src/", "#lines-{start}:{end}"),
}
_HOSTS: Final = {
    "github.com": "github",
    "gitlab.com": "gitlab",
    "codeberg.org": "gitea",
    "gitea.com": "gitea",
    "bitbucket.org": "bitbucket",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A citation's parts: `path#L3-L9`, or `path#L3` with `end` equal to `start`."""

    path: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SourceLinks:
    """Turns citations into links below `base` (address and commit), written in the form of `kind`."""

    base: str
    kind: str

    def href(self, label: Label) -> str:
        """Return the address of the cited lines."""
        lines = _FORMS[self.kind][1].format(start=label.start, end=label.end)
        return f"{self.base}{quote(label.path)}{lines}"


@dataclass(frozen=True, slots=True)
class KeptSources:
    """Links to the source that is kept with a course, below `base`; `sources` is not part of its text form."""

    base: str
    sources: CitedSources = field(repr=False)

    def href(self, label: Label) -> str | None:
        """Return the address of the cited lines in the course, None where they are not kept."""
        file = self.sources.files.get(label.path)
        if file is None or not file.holds(label.start, label.end):
            return None
        return f"{self.base}{quote(label.path)}?lines={label.start}-{label.end}#L{label.start}"


def label_from(text: str) -> Label | None:
    """Return the citation that a text is, or None."""
    match = _CITATION.match(text)
    if match is None:
        return None
    start = int(match["start"])
    return Label(path=match["path"], start=start, end=int(match["end"] or start))


def source_links(clone_url: str, commit: str) -> SourceLinks | None:
    """Return the links for a repository, or None where the host's form or the commit is unknown."""
    try:
        parts = urlsplit(clone_url)
    except ValueError:
        return None
    kind = _kind(parts.hostname or "")
    if parts.scheme != "https" or kind is None or not _COMMIT.match(commit):
        return None
    repository = parts.path.rstrip("/").removesuffix(".git")
    return SourceLinks(f"https://{parts.netloc}{quote(repository)}{_FORMS[kind][0]}{commit}/", kind)


def _kind(host: str) -> str | None:
    """Return a host's kind: well-known hosts, and a team's own by its first label (`gitlab.example.org`)."""
    first = host.partition(".")[0]
    return _HOSTS.get(host) or (first if first in {"github", "gitlab", "gitea"} else None)
