"""Command lines and environment for git, and what its failures mean. Runs nothing.

Everything that a repository, a user or a system could configure is off: no configuration files, hooks, filters,
submodules, symbolic links, credential helpers but our own, redirects or further protocols.
"""

import shlex
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from course import git_helper
from course.redaction import bounded
from course.repository import RepositoryUrl
from worker.errors import JobError, PermanentError, TryAgainError
from worker.processes import Finished

Protocol = Literal["https", "http", "file"]

_OPTIONS: Final = (
    "core.hooksPath=/dev/null",
    "core.symlinks=false",
    "core.fsmonitor=false",
    "core.autocrlf=false",
    "core.attributesFile=/dev/null",
    "filter.lfs.smudge=",
    "filter.lfs.process=",
    "filter.lfs.required=false",
    "submodule.recurse=false",
    "transfer.bundleURI=false",
    "credential.helper=",
    "http.followRedirects=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "advice.detachedHead=false",
    "protocol.allow=never",
)
_GONE: Final = (
    "repository not found",
    "does not appear to be a git repository",
    "does not exist",
    "not found",
    "could not read username",
    "could not read password",
    "authentication failed",
    "the requested url returned error: 401",
    "the requested url returned error: 403",
    "the requested url returned error: 404",
)
_FORBIDDEN: Final = ("the requested url returned error: 403",)
_REFUSED: Final = ("authentication failed", "the requested url returned error: 401", "could not read")
_MOVED: Final = ("the requested url returned error: 30", "unable to update url base from redirection")
# A program that passes RLIMIT_FSIZE ends by SIGXFSZ; git reports that of its children in one of these ways.
_FILE_SIZE_CODES: Final = (-signal.SIGXFSZ, 128 + signal.SIGXFSZ)
_FILE_TOO_LARGE: Final = ("file too large", f"died of signal {int(signal.SIGXFSZ)}")
_NO_SPACE: Final = ("no space left on device", "disk quota exceeded")
_CAUSE_MAX: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A credential that a clone may use, without it: the file that it is in, and what it is for."""

    file: Path
    prefix: str

    @property
    def helper(self) -> str:
        """The program that gives it to git, as git's configuration names one: a line for a shell.

        What stands in it are paths of ours and a prefix of checked characters.
        """
        netloc = self.prefix.partition("/")[0]
        return shlex.join([sys.executable, "-IS", git_helper.__file__, str(self.file), self.prefix, netloc])


def protocol_of(url: RepositoryUrl) -> Protocol:
    """Return the one protocol that git may use for this URL."""
    if url.host is None:
        return "file"
    return "http" if url.url.startswith("http:") else "https"


def clone_argv(
    url: RepositoryUrl,
    target: Path,
    *,
    branch: str | None,
    addresses: Sequence[str] = (),
    access: Access | None = None,
) -> tuple[str, ...]:
    """Return the command line that clones one commit of one branch.

    Args:
        url: An accepted URL.
        target: The folder to create.
        branch: A valid branch name, or None for the remote's default branch.
        addresses: Checked addresses of the host; git connects to these and asks no name service (git 2.37).
        access: Where the credential for the host is; None for a repository that anybody may read.
    """
    protocol = protocol_of(url)
    options = [*_OPTIONS, f"protocol.{protocol}.allow=always"]
    if url.host is not None and addresses:
        port = urlsplit(url.url).port or (443 if protocol == "https" else 80)
        joined = ",".join(f"[{address}]" if ":" in address else address for address in addresses)
        options.append(f"http.curloptResolve={url.host}:{port}:{joined}")
    if access is not None:
        options.append(f"credential.helper={access.helper}")
    return (
        "git",
        *(part for option in options for part in ("-c", option)),
        "clone",
        "--quiet",
        "--depth=1",
        "--no-tags",
        "--single-branch",
        "--template=",
        *(() if branch is None else (f"--branch={branch}",)),
        "--",
        url.url,
        str(target),
    )


def head_argv(clone: Path) -> tuple[str, ...]:
    """Return the command line that prints the commit of a clone."""
    return ("git", "-C", str(clone), "rev-parse", "--verify", "--quiet", "HEAD^{commit}")


def git_environment(
    inherited: Mapping[str, str], *, home: Path, protocol: Protocol, config: Path | None = None
) -> dict[str, str]:
    """Return git's whole environment.

    Args:
        inherited: PATH and the configuration of certificate authorities.
        home: An empty folder.
        protocol: The one protocol allowed.
        config: A configuration file of ours; without one, none is read.
    """
    environment = {
        "PATH": "/usr/bin:/bin",
        **inherited,
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": str(config or "/dev/null"),
        "GIT_ALLOW_PROTOCOL": protocol,
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
    }
    if "SSL_CERT_FILE" in inherited:
        environment.setdefault("GIT_SSL_CAINFO", inherited["SSL_CERT_FILE"])
    return environment


def local_config(repository: Path) -> str:
    """Return git configuration that accepts a local repository of another owner.

    A file, because git drops `-c safe.directory` on the way to the process that serves a local repository.
    """
    return f'[safe]\n\tdirectory = "{repository}"\n'


def clone_failure(
    url: RepositoryUrl, branch: str | None, finished: Finished, *, max_bytes: int, access: Access | None = None
) -> JobError:
    """Return what a failed clone means: a cause that stays fails the job, any other may pass."""
    text = finished.stderr_tail.lower()
    cause = bounded(finished.stderr_tail, max_characters=_CAUSE_MAX) or f"git ended with code {finished.code}"
    if any(sign in text for sign in _NO_SPACE):
        return TryAgainError(f"no space is left for the clone of {url.url}; free space in the worker's data folder")
    if finished.code in _FILE_SIZE_CODES or any(sign in text for sign in _FILE_TOO_LARGE):
        return PermanentError(f"{url.url} is too large: more than {max_bytes} bytes; analyse a smaller repository")
    if "remote branch" in text and "not found" in text:
        return PermanentError(f"{url.url} has no branch {branch!r}; choose one that exists")
    if any(sign in text for sign in _MOVED):
        return PermanentError(f"{url.url} has moved; submit its new address ({cause})")
    if "could not resolve host" not in text and any(sign in text for sign in _GONE):
        return PermanentError(f"{url.url} {_closed(url, text, access)} ({cause})")
    return TryAgainError(f"{url.url} could not be cloned: {cause}")


def _closed(url: RepositoryUrl, text: str, access: Access | None) -> str:
    """Say why a repository could not be read, and whose turn it is."""
    if access is None:
        given = f"; a private one needs a token: `bin/fondation git login {url.host}`" if url.host is not None else ""
        return f"was not found or is private; check the address{given}"
    login = f"`bin/fondation git login {access.prefix}`"
    if any(sign in text for sign in _FORBIDDEN):
        return f"may not be read with the token for {access.prefix}: give that the right, or store another: {login}"
    if any(sign in text for sign in _REFUSED):
        return f"refuses the token for {access.prefix}: it is wrong, expired or revoked; store a new one: {login}"
    return f"was not found, or the token for {access.prefix} may not see it; check the address and what it may read"
