"""The one gate for repository URLs: what web, backend and worker agree to clone.

Pure text rules. Whether a host's name resolves to a public address is checked by the worker when it connects.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

MAX_URL_CHARACTERS: Final = 2048
_SHORTHAND: Final = re.compile(r"^[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}$")
_HOST: Final = re.compile(r"^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$")
_PATH: Final = re.compile(r"^(?:/[A-Za-z0-9._~+-]+)+/?$")
_LOCAL_NAME: Final = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}\.git$")
_BRANCH: Final = re.compile(r"^[A-Za-z0-9._/+@-]{1,250}$")
_PRIVATE_SUFFIXES: Final = (".local", ".localhost", ".internal", ".intranet", ".lan", ".home", ".corp", ".arpa")
_REMEDY: Final = "give an address such as https://host/owner/name.git"


class RepositoryUrlError(ValueError):
    """A repository URL that this stack does not clone; the message names the value, the reason and the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlPolicy:
    """What a stack allows besides public https hosts.

    Attributes:
        local_prefix: Folder whose bare repositories `<name>.git` may be given as `file://` URLs.
        allow_http: Accept `http` beside `https`.
        allow_private_hosts: Accept IP addresses, ports and names that are not public.
        known_hosts: Hosts, each with its port where it has one, that are accepted over https although they are not
            public: those for which somebody gave a credential.
    """

    local_prefix: str | None = None
    allow_http: bool = False
    allow_private_hosts: bool = False
    known_hosts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryUrl:
    """An accepted URL in its normal form; `host` is None for a local repository."""

    url: str
    host: str | None
    full_name: str


def parse_repository_url(text: str, policy: UrlPolicy) -> RepositoryUrl:
    """Return the accepted, normalised URL.

    `owner/name` stands for that repository on github.com.

    Raises:
        RepositoryUrlError: The text is no URL that the policy accepts.
    """
    text = text.strip()
    if not text:
        raise RepositoryUrlError(f"no repository URL was given: {_REMEDY}")
    if len(text) > MAX_URL_CHARACTERS:
        raise RepositoryUrlError(
            f"the repository URL has {len(text)} characters, more than {MAX_URL_CHARACTERS}: {_REMEDY}"
        )
    if _SHORTHAND.match(text) and ".." not in text:
        text = f"https://github.com/{text.removesuffix('.git')}.git"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise _refused(text, f"it is not a URL ({error})", _REMEDY) from error
    if parts.scheme == "file":
        return _local(text, parts, policy)
    return _remote(text, parts, port, policy)


def valid_branch(name: str) -> bool:
    """Return whether a branch name is safe to hand to git and well formed by its rules (git-check-ref-format)."""
    components = name.split("/")
    return (
        _BRANCH.match(name) is not None
        and not name.startswith("-")
        and ".." not in name
        and "@{" not in name
        and name != "@"
        and not name.endswith(".")
        and all(part and not part.startswith(".") and not part.endswith(".lock") for part in components)
    )


def _remote(text: str, parts: SplitResult, port: int | None, policy: UrlPolicy) -> RepositoryUrl:
    schemes = ("https", "http") if policy.allow_http else ("https",)
    if parts.scheme not in schemes:
        raise _refused(text, f"only {' and '.join(schemes)} repositories are accepted here", _REMEDY)
    if "@" in parts.netloc:
        raise _refused(
            _without_userinfo(parts), "it carries a user name or password", "remove what stands before the @"
        )
    if parts.query or parts.fragment:
        raise _refused(text, "it has a query or a fragment", "end it after the repository's name")
    host = (parts.hostname or "").rstrip(".").lower()
    is_known = parts.scheme == "https" and parts.netloc.lower() in policy.known_hosts
    if not policy.allow_private_hosts and not is_known:
        if port not in {None, 443 if parts.scheme == "https" else 80}:
            raise _refused(text, f"port {port} is not the standard one", "leave the port out")
        if not _is_public_name(host):
            raise _refused(text, f"{host!r} is not a public host name", _REMEDY)
        port = None
    elif not host:
        raise _refused(text, "it names no host", _REMEDY)
    if not _PATH.match(parts.path) or any(part in {".", ".."} for part in parts.path.split("/")):
        raise _refused(text, "its path is not that of a repository", _REMEDY)
    path = parts.path.rstrip("/")
    netloc = f"[{host}]" if ":" in host else host
    return RepositoryUrl(
        url=f"{parts.scheme}://{netloc}{f':{port}' if port else ''}{path}",
        host=host,
        full_name="/".join(path.removesuffix(".git").strip("/").split("/")[-2:]),
    )


def _local(text: str, parts: SplitResult, policy: UrlPolicy) -> RepositoryUrl:
    if policy.local_prefix is None:
        raise _refused(text, "local repositories are not accepted in this stack", _REMEDY)
    prefix = policy.local_prefix.rstrip("/") + "/"
    name = parts.path.removeprefix(prefix)
    if (
        parts.netloc
        or not parts.path.startswith(prefix)
        or not _LOCAL_NAME.match(name)
        or parts.query
        or parts.fragment
    ):
        raise _refused(text, "it is not a repository that was imported here", f"give file://{prefix}<name>.git")
    return RepositoryUrl(url=f"file://{prefix}{name}", host=None, full_name=f"local/{name.removesuffix('.git')}")


def _is_public_name(host: str) -> bool:
    if not _HOST.match(host) or host.endswith(_PRIVATE_SUFFIXES):
        return False
    # A last label of digits or 0x… is an IPv4 address in one of its many spellings.
    last = host.rsplit(".", 1)[-1]
    if last.isdigit() or last.startswith("0x"):
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return True
    return False


def _without_userinfo(parts: SplitResult) -> str:
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _refused(text: str, reason: str, remedy: str) -> RepositoryUrlError:
    shown = text if len(text) <= 200 else text[:200] + "…"  # noqa: PLR2004 - a message stays readable
    return RepositoryUrlError(f"{shown!r} is not accepted: {reason}; {remedy}")
