"""The credentials for private repositories in the stack's configuration: one encrypted secret, by host or path."""

from typing import Final

from course.git_credentials import (
    DEFAULT_USER,
    GitCredential,
    GitCredentialError,
    checked,
    dump_git_credentials,
    parse_git_credentials,
    prefix_of,
)
from ops.errors import CredentialMalformedError, CredentialMissingError
from ops.stack.stack import Stack

SECRET: Final = "gitCredentials"  # noqa: S105 - the key's name


def stored(stack: Stack) -> tuple[GitCredential, ...]:
    """Return what the stack has.

    Raises:
        CredentialMalformedError: It is not of its form.
        StackError: The passphrase is wrong.
    """
    text = stack.secret(SECRET)
    try:
        return () if text is None else parse_git_credentials(text)
    except GitCredentialError as error:
        raise CredentialMalformedError(f"fondation:{SECRET} of stack {stack.name} cannot be used: {error}") from error


def log_in(stack: Stack, place: str, token: str, *, user: str | None) -> bool:
    """Store a token for a host or a path of it; whether it takes the place of another.

    Raises:
        CredentialMalformedError: Place, user or token cannot be used; the message does not show the token.
    """
    known = {item.prefix: item for item in stored(stack)}
    try:
        new = checked(GitCredential(prefix=prefix_of(place), token=token, user=user or DEFAULT_USER))
    except GitCredentialError as error:
        raise CredentialMalformedError(str(error)) from error
    replaced = new.prefix in known
    stack.set_secret(SECRET, dump_git_credentials({**known, new.prefix: new}.values()))
    return replaced


def log_out(stack: Stack, place: str) -> None:
    """Forget the token for a host or a path of it.

    Raises:
        CredentialMissingError: There is none.
    """
    known = {item.prefix: item for item in stored(stack)}
    if known.pop(place.removeprefix("https://").rstrip("/"), None) is None:
        listed = ", ".join(known) or "none"
        raise CredentialMissingError(f"stack {stack.name} has no token for {place!r}; it has: {listed}")
    if known:
        stack.set_secret(SECRET, dump_git_credentials(known.values()))
    else:
        stack.set_value(SECRET, None)
