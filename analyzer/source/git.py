"""One gate to git: argument lists, a clean environment, no network, no hooks, no filters.

It reads objects, never the index or the working tree, so what it returns is the commit and nothing else.
"""

import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from analyzer.errors import UnreadableInputError

GIT_TIMEOUT_S = 120
STDERR_MAX_CHARS = 400
# safe.directory: the worker's clone may belong to another user; nothing below runs code that the clone could choose.
SAFE_OPTIONS = (
    "-c",
    "safe.directory=*",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "protocol.allow=never",
    "--no-pager",
    "--no-replace-objects",
    "--literal-pathspecs",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeEntry:
    """One blob of a commit's tree, its path relative to the analysed directory."""

    path: str
    mode: str
    blob: str
    size_bytes: int


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return kept | {
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "HOME": "/nonexistent",
        "LC_ALL": "C.UTF-8",
    }


def _argv(directory: Path, arguments: Sequence[str]) -> list[str]:
    return ["git", *SAFE_OPTIONS, "-C", os.fspath(directory), *arguments]


def _git(directory: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            _argv(directory, arguments),
            capture_output=True,
            check=False,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            timeout=GIT_TIMEOUT_S,
        )
    except FileNotFoundError as error:
        raise UnreadableInputError(
            "git is not installed", remedy="install git, or analyse a plain directory"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise UnreadableInputError(
            f"git {arguments[0]} did not end within {GIT_TIMEOUT_S} s in {directory}",
            remedy="look at the disk; try a fresh clone",
        ) from error


def is_work_tree(directory: Path) -> bool:
    """Whether `directory` lies in a git repository (bare ones count); false also where git is missing."""
    try:
        return _git(directory, "rev-parse", "--git-dir").returncode == 0
    except UnreadableInputError:
        return False


def head_commit(directory: Path) -> str | None:
    """The full object name of HEAD's commit, or None while the branch has no commit."""
    done = _git(directory, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    return done.stdout.decode("ascii").strip() if done.returncode == 0 else None


def tree_entries(directory: Path, commit: str) -> list[TreeEntry]:
    """Every blob of the commit under `directory`; symbolic links and submodules included, by their mode.

    Raises:
        UnreadableInputError: the object store is damaged or incomplete.
    """
    done = _git(directory, "ls-tree", "-r", "-z", "--long", commit)
    if done.returncode != 0:
        reason = done.stderr.decode("utf-8", "replace").strip()[:STDERR_MAX_CHARS]
        raise UnreadableInputError(
            f"git cannot list commit {commit} in {directory}: {reason}", remedy="try a fresh clone"
        )
    entries: list[TreeEntry] = []
    for record in done.stdout.split(b"\0"):
        if not record:
            continue
        head, _, raw_path = record.partition(b"\t")
        mode, _kind, blob, size = head.decode("ascii").split()
        path = raw_path.decode("utf-8", "surrogateescape")
        entries.append(TreeEntry(path=path, mode=mode, blob=blob, size_bytes=int(size) if size.isdigit() else 0))
    return entries


def read_blobs(directory: Path, blobs: Sequence[str]) -> Iterator[bytes]:
    """Yield the content of each blob, in the order asked for, through one `git cat-file --batch`.

    Raises:
        UnreadableInputError: a blob is missing (a partial clone, a damaged store).
    """
    with subprocess.Popen(
        _argv(directory, ["cat-file", "--batch"]),
        env=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        if process.stdin is None or process.stdout is None:  # pragma: no cover - both are pipes, asked for above
            raise UnreadableInputError(f"git gave no pipe in {directory}")
        for blob in blobs:
            process.stdin.write(blob.encode("ascii") + b"\n")
            process.stdin.flush()
            header = process.stdout.readline().split()
            if len(header) != 3:  # noqa: PLR2004 - "<name> <type> <size>"; anything else says why there is no content
                raise UnreadableInputError(
                    f"git has no object {blob} in {directory}", remedy="fetch the whole commit, then try again"
                )
            content = process.stdout.read(int(header[2]))
            process.stdout.read(1)
            yield content
        process.stdin.close()
