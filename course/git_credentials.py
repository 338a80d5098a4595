"""Credentials for private git repositories: which addresses each is for, and which one an address gets. Shows none.

They are one JSON object, by the address that they are for (`host[:port][/path]`, without scheme):
`{"github.com/acme": {"token": "…"}, "git.example.com:8443": {"user": "reader", "token": "…"}}`
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

FILE_VARIABLE: Final = "FONDATION_GIT_CREDENTIALS_FILE"
HOSTS_VARIABLE: Final = "FONDATION_GIT_HOSTS"
# GitHub, GitLab, Gitea, Azure DevOps and Bitbucket take a token as the password of any user that is not empty.
DEFAULT_USER: Final = "x-access-token"
PREFIX_MAX: Final = 512
TOKEN_MIN: Final = 8
TOKEN_MAX: Final = 4_096
_HOST: Final = r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]"
_PREFIX: Final = re.compile(rf"(?P<netloc>(?:{_HOST})(?::\d{{1,5}})?)(?P<path>(?:/[A-Za-z0-9._~+-]+)*)")
_USER: Final = re.compile(r"[\x21-\x39\x3b-\x7e]{1,255}")  # no colon: it would end the name
_TOKEN: Final = re.compile(rf"[\x21-\x7e]{{{TOKEN_MIN},{TOKEN_MAX}}}")


class GitCredentialError(ValueError):
    """Credentials that cannot be used; the message names the address and never shows a token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GitCredential:
    """A token, or a user and a token, for a host or for everything below a path of it."""

    prefix: str
    token: str = field(repr=False)
    user: str = DEFAULT_USER

    @property
    def netloc(self) -> str:
        """The host with its port, as an address has it."""
        return self.prefix.partition("/")[0]

    def is_for(self, url: str) -> bool:
        """Whether an https address is the prefix's own, or lies below it."""
        parts = urlsplit(url)
        address = parts.netloc.lower() + parts.path.removesuffix(".git").rstrip("/")
        return parts.scheme == "https" and (address == self.prefix or address.startswith(f"{self.prefix}/"))


def prefix_of(text: str) -> str:
    """Return an address as credentials are kept by it.

    Raises:
        GitCredentialError: It is none.
    """
    bare = text.strip().removeprefix("https://").rstrip("/").removesuffix(".git")
    host, slash, path = bare.partition("/")
    prefix = f"{host.lower()}{slash}{path}"
    if len(prefix) > PREFIX_MAX or not _PREFIX.fullmatch(prefix) or ".." in prefix.split("/"):
        raise GitCredentialError(
            f"{text[:200]!r} is no host and no path of one: expected github.com, or github.com/acme"
        )
    return prefix


def checked(credential: GitCredential) -> GitCredential:
    """Return the credential.

    Raises:
        GitCredentialError: User or token have a form that no host takes.
    """
    if not _USER.fullmatch(credential.user):
        raise GitCredentialError(f"the user for {credential.prefix} is empty, or has a colon or white space")
    if not _TOKEN.fullmatch(credential.token):
        raise GitCredentialError(
            f"the token for {credential.prefix} is not {TOKEN_MIN} to {TOKEN_MAX} ASCII characters without white space:"
            " give the token alone"
        )
    return credential


def parse_git_credentials(text: str) -> tuple[GitCredential, ...]:
    """Return the credentials of a text, by address.

    Raises:
        GitCredentialError: The text has another form, or one of them cannot be used.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict) or not content:
        raise GitCredentialError('expected a JSON object such as {"github.com/acme": {"token": "…"}}')
    found = []
    for name, value in sorted(content.items()):
        if not isinstance(value, dict) or set(value) - {"user"} != {"token"} or not isinstance(value["token"], str):
            raise GitCredentialError(f'{str(name)[:200]!r}: expected {{"token": "…"}}, with "user" where it needs one')
        user = value.get("user", DEFAULT_USER)
        found.append(checked(GitCredential(prefix=prefix_of(name), user=str(user), token=value["token"])))
    return tuple(found)


def dump_git_credentials(credentials: Iterable[GitCredential]) -> str:
    """Return the text of credentials."""
    content = {item.prefix: {"user": item.user, "token": item.token} for item in credentials}
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


def credential_for(credentials: Sequence[GitCredential], url: str) -> GitCredential | None:
    """Return the one that is for an address, the one of the longest prefix where several are."""
    fitting = [item for item in credentials if item.is_for(url)]
    return max(fitting, key=lambda item: len(item.prefix), default=None)


def netlocs_of(prefixes: Iterable[str]) -> frozenset[str]:
    """Return the hosts, each with its port, that prefixes belong to."""
    return frozenset(prefix.partition("/")[0] for prefix in prefixes)
