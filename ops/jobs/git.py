"""git on the operator's machine: what the commands ask of a repository. Writes into no repository that it was given."""

import os
from pathlib import Path
from typing import Final

from ops.errors import CommandError, NotFoundError
from ops.machine.command import run

CLONE_TIMEOUT_S: Final = 600


def clean_environment() -> dict[str, str | None]:
    """Return changes to the environment that make git look at the named repository only and never ask anything."""
    kept = {"GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_SSL_NO_VERIFY", "GIT_EXEC_PATH"}
    changes: dict[str, str | None] = {name: None for name in os.environ if name.startswith("GIT_") and name not in kept}
    return changes | {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "true", "LC_ALL": "C.UTF-8"}


def head_commit(path: Path) -> str:
    """Return the commit that a repository has checked out.

    Raises:
        NotFoundError: The path is no git repository, or has no commit yet.
    """
    if not path.is_dir():
        raise NotFoundError(f"{path} is not a folder: give the path of a git repository")
    try:
        _git(path, "rev-parse", "--git-dir")
    except CommandError as error:
        raise NotFoundError(
            f"{path} is not a git repository: `git init` and commit its files, then try again"
        ) from error
    try:
        return _git(path, "rev-parse", "--verify", "HEAD^{commit}").strip()
    except CommandError as error:
        raise NotFoundError(f"{path} has no commit yet: commit something, then try again") from error


def require_whole(path: Path) -> None:
    """Check that a repository holds every file of the commit that it has checked out; nothing is fetched for that.

    Raises:
        NotFoundError: Some are missing, as in a clone with `--filter` or a damaged one.
    """
    try:
        listed = _git(path, "rev-list", "--objects", "--missing=print", "--no-object-names", "--max-count=1", "HEAD")
    except CommandError as error:
        raise NotFoundError(f"{path} is damaged: `git -C {path} fsck` says where; clone it again ({error})") from error
    missing = sum(line.startswith("?") for line in listed.splitlines())
    if missing:
        raise NotFoundError(
            f"{path} lacks {missing} of the files of its commit, as a clone with `--filter` does:"
            f" `git -C {path} checkout HEAD -- .` or `git -C {path} fetch --refetch` brings them, then try again"
        )


def is_worktree(path: Path) -> bool:
    """Return whether a repository has its files beside it, unlike a bare one."""
    return _git(path, "rev-parse", "--is-inside-work-tree").strip() == "true"


def has_changes(path: Path) -> bool:
    """Return whether files differ from the last commit; a course is made from commits alone."""
    return bool(_git(path, "status", "--porcelain", "--untracked-files=no").strip())


def bare_clone(source: Path | str, target: Path, *, branch: str | None = None) -> None:
    """Clone a repository, all branches, without files; `branch` becomes its HEAD.

    Raises:
        CommandError: git failed.
    """
    run(
        [
            "git",
            "clone",
            "--quiet",
            "--bare",
            "--no-hardlinks",
            *(("--branch", branch) if branch else ()),
            "--",
            str(source),
            str(target),
        ],
        env=clean_environment(),
        timeout_s=CLONE_TIMEOUT_S,
    )


def fetch_commit(url: str, commit: str, target: Path) -> None:
    """Bring one commit of a remote repository into a new bare one; the whole repository where a host wants that.

    Raises:
        CommandError: git failed.
        NotFoundError: The repository does not have the commit any more.
    """
    environment = clean_environment()
    run(["git", "init", "--quiet", "--bare", str(target)], env=environment)
    try:
        run(
            ["git", "-C", str(target), "fetch", "--quiet", "--depth", "1", "--", url, commit],
            env=environment,
            timeout_s=CLONE_TIMEOUT_S,
        )
    except CommandError:
        run(
            ["git", "-C", str(target), "fetch", "--quiet", "--", url, "+refs/*:refs/*"],
            env=environment,
            timeout_s=CLONE_TIMEOUT_S,
        )
    require_commit(target, commit, name=url)


def require_commit(clone: Path, commit: str, *, name: str) -> None:
    """Check that a clone has a commit.

    Raises:
        NotFoundError: It has not.
    """
    try:
        _git(clone, "cat-file", "-e", f"{commit}^{{commit}}")
    except CommandError as error:
        raise NotFoundError(f"{name} does not have commit {commit} any more: submit the repository again") from error


def _git(path: Path, *arguments: str) -> str:
    return run(["git", "-C", str(path), *arguments], env=clean_environment(), timeout_s=60)
