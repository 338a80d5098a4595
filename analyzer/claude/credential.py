"""The credential for the model: where it is, whether it may be used, and under which name the child gets it.

Read at every call, so that a rotation counts at once. It is never kept, logged or shown; whether the service accepts it
only a call can tell. Standard library only: the image's preflight imports this, too.
"""

import json
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from analyzer.errors import CredentialConfigError
from course.credential import (
    API_KEY_VARIABLE,
    FILE_VARIABLE,
    MAX_CHARACTERS,
    OAUTH_VARIABLE,
    form_problems,
    is_api_key,
    strays,
)

CONTRACT: Final = Path("/opt/fondation/auth/contract.json")
_LOGIN: Final = "run `bin/fondation auth login`, which delivers it as a file"
_REDACTED: Final = b"[redacted]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A well-formed credential and the environment variable that Claude Code takes it from."""

    variable: str
    value: str = field(repr=False)

    def redact(self, output: bytes) -> bytes:
        """Return what the child wrote without the credential."""
        return output.replace(self.value.encode(), _REDACTED)


def read_credential(environment: Mapping[str, str], contract_file: Path = CONTRACT) -> Credential:
    """Return the credential of this moment.

    Args:
        environment: This process's variables.
        contract_file: The image's contract; where there is none, the variable with the file's path decides.

    Raises:
        CredentialConfigError: A credential is in the environment itself, or the file cannot be used; the message names
            variable, file and reason.
    """
    for problem in stray_problems(environment):
        raise CredentialConfigError(problem, remedy=f"take it away; {_LOGIN}")
    contract = read_contract(contract_file)
    named = environment.get(FILE_VARIABLE) or contract.get("tokenFile")
    if not named:
        raise CredentialConfigError(f"{FILE_VARIABLE} is not set: no credential is delivered", remedy=_LOGIN)
    value = read_token(Path(str(named)))
    variable = contract.get("tokenVariable") or (API_KEY_VARIABLE if is_api_key(value) else OAUTH_VARIABLE)
    return Credential(variable=str(variable), value=value)


def read_contract(file: Path) -> Mapping[str, Any]:
    """Return the image's contract, empty where there is none.

    Raises:
        CredentialConfigError: It is not what it should be.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise CredentialConfigError(f"{file} cannot be used: {error}", remedy="build the image again") from error
    if not isinstance(content, dict):
        raise CredentialConfigError(f"{file} cannot be used: it is not an object", remedy="build the image again")
    return content


def stray_problems(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield one line per credential in the environment, where it would be used, and billed, unnoticed."""
    for name in strays(environment):
        yield f"{name} is set in the environment, where it would be used, and billed, unnoticed"


def read_token(file: Path) -> str:
    """Return the credential in a file.

    Raises:
        CredentialConfigError: The file is missing, unreadable, open to others, or its content is not a credential.
    """
    try:
        with file.open("rb") as stream:
            problem = exposure_problem(os.fstat(stream.fileno()), os.fstatvfs(stream.fileno()))
            content = stream.read(MAX_CHARACTERS * 2)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CredentialConfigError(f"the credential's file {file} cannot be read: {reason}", remedy=_LOGIN) from error
    if problem:
        raise CredentialConfigError(f"the credential's file {file} {problem}", remedy=f"`chmod 0400 {file}`")
    token = content.decode("utf-8", errors="replace").removesuffix("\n").removesuffix("\r")
    if problem := next(form_problems(token), None):
        raise CredentialConfigError(f"the credential in {file} cannot be one: {problem}", remedy=_LOGIN)
    return token


def exposure_problem(status: os.stat_result, file_system: os.statvfs_result) -> str | None:
    """Return who else may read or change a file; None when nobody may.

    A file system that is mounted read-only is a volume that was delivered to this container alone: its modes are those
    of the deliverer, and the container is the boundary.
    """
    if not stat.S_ISREG(status.st_mode):
        return "is not a regular file"
    if file_system.f_flag & os.ST_RDONLY:
        return None
    if status.st_mode & (stat.S_IROTH | stat.S_IWOTH | stat.S_IWGRP):
        return f"has mode {stat.S_IMODE(status.st_mode):04o}: others may read or change it"
    return None
