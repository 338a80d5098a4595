"""The credential in the stack's configuration: an encrypted secret, its mode and its dates. Verifies nothing."""

import contextlib
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from components.credential import AuthMode
from ops.errors import CredentialMissingError
from ops.stack.stack import Stack

YEAR_TOKEN_DAYS: Final = 365
WARN_DAYS: Final = 14
SECRET: Final = "claudeToken"  # noqa: S105 - the key's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What is known about a stored credential, without it: its mode and its first and first bad day."""

    mode: AuthMode
    since: dt.date | None
    expires: dt.date | None

    def days_left(self, today: dt.date) -> int | None:
        """Return the days that it is still good, None where that is not known."""
        return None if self.expires is None else (self.expires - today).days


def described(mode: AuthMode, today: dt.date, expires: dt.date | None) -> Credential:
    """Return a credential made today; a token of `claude setup-token` is good for a year, an API key has no end."""
    if expires is None and mode is not AuthMode.API_KEY:
        expires = today + dt.timedelta(days=YEAR_TOKEN_DAYS)
    return Credential(mode=mode, since=today, expires=expires)


def stored(stack: Stack) -> Credential:
    """Return what the stack's configuration says about its credential.

    Raises:
        CredentialMissingError: It has none.
        StackError: A value is not of its form.
    """
    keys = stack.keys
    if keys.auth_mode is AuthMode.NONE or not keys.has(SECRET):
        raise CredentialMissingError(
            f"stack {stack.name} has no credential (engine {keys.engine}, mode {keys.auth_mode}):"
            " `bin/fondation auth login` stores one"
        )
    return Credential(mode=keys.auth_mode, since=keys.claude_token_since, expires=keys.claude_token_expires)


def store(stack: Stack, token: str, credential: Credential) -> None:
    """Write a credential and what is known about it into the stack's configuration, and choose engine `claude`."""
    stack.set_secret(SECRET, token)
    stack.set_value("engine", "claude")
    stack.set_value("authMode", credential.mode)
    stack.set_value("claudeTokenSince", None if credential.since is None else credential.since.isoformat())
    stack.set_value("claudeTokenExpires", None if credential.expires is None else credential.expires.isoformat())


@contextlib.contextmanager
def restored_on_failure(stack: Stack) -> Iterator[None]:
    """Put the stack's configuration file back as it was when the block fails; its secrets are encrypted in it."""
    before = stack.file.read_bytes() if stack.file.is_file() else None
    try:
        yield
    except BaseException:
        if before is not None:
            stack.file.write_bytes(before)
        raise
