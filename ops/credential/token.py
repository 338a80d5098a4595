"""Where a new credential comes from: a hidden prompt, standard input or a file. Never an argument or a variable."""

import getpass
import os
import stat
import sys
from pathlib import Path
from typing import Final

from components.credential import AuthMode, form_problem
from course.credential import MAX_CHARACTERS, is_api_key
from ops.errors import CredentialMalformedError

_FILE_MODE: Final = 0o600


def read_token(file: Path | None, *, from_stdin: bool) -> str:
    """Return the credential that the operator gives, without the line's end.

    Raises:
        CredentialMalformedError: The file cannot be read, belongs to another user, or others may read it.
    """
    if file is not None:
        return _from_file(file)
    if from_stdin or not sys.stdin.isatty():
        return sys.stdin.read(MAX_CHARACTERS + 1).strip()
    return getpass.getpass("Paste the credential (it is not shown): ").strip()


def mode_of(token: str, asked: str | None, configured: AuthMode) -> AuthMode:
    """Return the mode for a credential: the one asked for, else the configured one, else what its prefix says."""
    if asked:
        return AuthMode(asked)
    if configured is not AuthMode.NONE:
        return configured
    return AuthMode.API_KEY if is_api_key(token) else AuthMode.RUNTIME


def require_form(token: str, mode: AuthMode) -> None:
    """Check a credential before anything is asked or stored.

    Raises:
        CredentialMalformedError: It has the wrong form; the message does not show it.
    """
    if problem := form_problem(token, mode):
        raise CredentialMalformedError(f"the credential cannot be used: {problem}")


def _from_file(file: Path) -> str:
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise CredentialMalformedError(
            f"{file} cannot be read ({error.strerror}): name a file that holds the credential alone"
        ) from error
    with os.fdopen(descriptor, "rb") as stream:
        found = os.fstat(stream.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise CredentialMalformedError(f"{file} is not a regular file: name a file that holds the credential alone")
        if found.st_uid != os.geteuid():
            raise CredentialMalformedError(f"{file} belongs to another user: run `chown $USER {file}` first")
        mode = stat.S_IMODE(found.st_mode)
        if mode & ~_FILE_MODE:
            raise CredentialMalformedError(
                f"{file} has mode {mode:04o}, so that others may read it: run `chmod 600 {file}`, and make a new"
                " credential if others could have read this one"
            )
        content = stream.read(MAX_CHARACTERS + 1)
    try:
        return content.decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise CredentialMalformedError(f"{file} is not ASCII text: it holds no credential") from error
