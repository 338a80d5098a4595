"""The analysed repository as plain values: a commit, its text files, and what was left out.

A git repository is read from its objects, so every citation is true at the commit even when the working tree has
uncommitted changes. Anything else is walked. No link is followed out of the directory: links are not followed at all.
"""

import hashlib
import os
import stat
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from analyzer.errors import NothingToAnalyseError, UnreadableInputError
from analyzer.source import filters, git
from analyzer.source.filters import Skip

REGULAR_MODES = frozenset({"100644", "100755", "100664"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A file that may be read: its path, size and, in git, its blob."""

    path: str
    size_bytes: int
    blob: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What there is to read, before anything is read; `digest` changes whenever a file's name or content does."""

    root: Path
    commit: str
    digest: str
    candidates: tuple[Candidate, ...]
    skipped: Mapping[Skip, int]
    tracked_output: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The text of the repository: path to lines, in path order."""

    root: Path
    name: str
    commit: str
    files: Mapping[str, tuple[str, ...]]
    skipped: Mapping[Skip, int]

    def lines(self, path: str) -> Sequence[str] | None:
        """The lines of a file as citations count them, or None when the course may not cite it."""
        return self.files.get(path)


@dataclass(slots=True)
class _Sorting:
    """Collects candidates and counts what is left out."""

    candidates: list[Candidate] = field(default_factory=list)
    skipped: Counter[Skip] = field(default_factory=Counter)
    total_bytes: int = 0

    def offer(self, candidate: Candidate) -> None:
        reason = filters.skip_by_path(candidate.path, candidate.size_bytes)
        if reason is None and (
            len(self.candidates) >= filters.FILES_MAX
            or self.total_bytes + candidate.size_bytes > filters.TEXT_MAX_BYTES
        ):
            reason = Skip.TOO_MANY
        if reason is not None:
            self.skipped[reason] += 1
            return
        self.total_bytes += candidate.size_bytes
        self.candidates.append(candidate)

    def kept(self) -> tuple[Candidate, ...]:
        """What was offered and belongs to the project; folders that were copied in are counted as vendored."""
        apart = filters.licensed_apart((candidate.path, candidate.size_bytes) for candidate in self.candidates)
        inside = tuple(f"{folder}/" for folder in apart)
        kept = tuple(candidate for candidate in self.candidates if not candidate.path.startswith(inside))
        self.skipped.update([Skip.VENDORED] * (len(self.candidates) - len(kept)))
        return kept


def list_repository(root: Path, *, output: Path | None = None) -> Listing:
    """List what can be analysed under `root`; files under `output` are the course itself and never part of it.

    Raises:
        UnreadableInputError: `root` is missing, is not a directory or cannot be listed.
        NothingToAnalyseError: a git repository without a commit.
    """
    if not root.is_dir():
        what = "is not a directory" if root.exists() else "does not exist"
        raise UnreadableInputError(f"{root} {what}", remedy="name the directory of a repository")
    inside = _relative(output, root) if output else None
    if git.is_work_tree(root):
        commit = git.head_commit(root)
        if commit is None:
            raise NothingToAnalyseError(f"{root} has no commit yet", remedy="commit something, then run again")
        entries = git.tree_entries(root, commit)
        if entries:
            return _from_git(root, commit, entries, inside)
    return _from_walk(root, inside)


def read(listing: Listing, *, progress: Callable[[int, int], None] | None = None) -> Snapshot:
    """Read every candidate's text; what turns out not to be text is counted as skipped.

    Raises:
        NothingToAnalyseError: no text file is left.
    """
    skipped = Counter(listing.skipped)
    files: dict[str, tuple[str, ...]] = {}
    total = len(listing.candidates)
    for number, (candidate, content) in enumerate(zip(listing.candidates, _contents(listing), strict=True), start=1):
        if progress is not None:
            progress(number, total)
        text = filters.decode(content) if content is not None else Skip.UNREADABLE
        if isinstance(text, Skip):
            skipped[text] += 1
            continue
        lines = filters.lines_of(text)
        reason = filters.skip_by_text(lines)
        if reason is not None:
            skipped[reason] += 1
        elif any(line.strip() for line in lines):
            files[candidate.path] = lines
    if not files:
        left_out = ", ".join(f"{count} {reason}" for reason, count in sorted(skipped.items())) or "no files"
        raise NothingToAnalyseError(
            f"{listing.root} holds no text to explain ({left_out})",
            remedy="analyse a repository with source or text files",
        )
    name = listing.root.name or "repository"
    return Snapshot(root=listing.root, name=name, commit=listing.commit, files=files, skipped=dict(skipped))


def _contents(listing: Listing) -> Iterator[bytes | None]:
    if listing.commit:
        yield from git.read_blobs(listing.root, [candidate.blob for candidate in listing.candidates])
        return
    for candidate in listing.candidates:
        yield read_file(listing.root / candidate.path)


def read_file(path: Path) -> bytes | None:
    """Content of a regular file, or None; a link put in its place since the listing is not followed."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(descriptor, "rb") as stream:  # noqa: PTH123 - a descriptor, not a path
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                return None
            return stream.read(filters.FILE_MAX_BYTES + 1)
    except OSError:
        return None


def _relative(output: Path, root: Path) -> str | None:
    try:
        relative = output.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return None
    return None if relative == "." else relative + "/"


def _from_git(root: Path, commit: str, entries: list[git.TreeEntry], inside: str | None) -> Listing:
    sorting = _Sorting()
    digest = hashlib.sha256()
    tracked_output = False
    for entry in sorted(entries, key=lambda entry: entry.path):
        digest.update(f"{entry.mode} {entry.blob} {entry.path}\0".encode("utf-8", "surrogateescape"))
        if inside and entry.path.startswith(inside):
            tracked_output = True
            sorting.skipped[Skip.OUTPUT] += 1
        elif entry.mode not in REGULAR_MODES:
            sorting.skipped[Skip.LINK] += 1
        else:
            sorting.offer(Candidate(path=entry.path, size_bytes=entry.size_bytes, blob=entry.blob))
    candidates = sorting.kept()
    return Listing(
        root=root,
        commit=commit,
        digest=digest.hexdigest(),
        candidates=candidates,
        skipped=sorting.skipped,
        tracked_output=tracked_output,
    )


def _from_walk(root: Path, inside: str | None) -> Listing:
    sorting = _Sorting()
    for relative in sorted(_walk(root, sorting.skipped)):
        path = root / os.fsencode(relative).decode("utf-8", "surrogateescape")
        if inside and relative.startswith(inside):
            sorting.skipped[Skip.OUTPUT] += 1
            continue
        try:
            status = path.lstat()
        except OSError:
            sorting.skipped[Skip.UNREADABLE] += 1
            continue
        if stat.S_ISREG(status.st_mode):
            sorting.offer(Candidate(path=relative, size_bytes=status.st_size))
        else:
            sorting.skipped[Skip.LINK] += 1
    candidates = sorting.kept()
    digest = hashlib.sha256()
    for candidate in candidates:
        content = read_file(root / candidate.path) or b""
        digest.update(f"{candidate.path}\0{hashlib.sha256(content).hexdigest()}\0".encode())
    return Listing(
        root=root,
        commit="",
        digest=digest.hexdigest(),
        candidates=candidates,
        skipped=sorting.skipped,
        tracked_output=False,
    )


def _walk(root: Path, skipped: Counter[Skip]) -> Iterator[str]:
    """Relative paths of all files under `root`, without following a link and without the folders of tools."""

    def refuse(error: OSError) -> None:
        if error.filename is not None and Path(error.filename) == root:
            raise UnreadableInputError(
                f"{root} cannot be listed: {error.strerror}", remedy="check its permissions"
            ) from error
        skipped[Skip.UNREADABLE] += 1

    for folder, folders, names in os.walk(root, followlinks=False, onerror=refuse):
        kept = [name for name in sorted(folders) if not filters.skip_folder_of_plain_directory(name)]
        folders[:] = kept
        base = Path(folder).relative_to(root)
        for name in names:
            yield (base / name).as_posix()
