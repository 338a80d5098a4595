"""The credential for Claude: its modes, its form and what the configuration must say about it. Never shows one.

A mode says where the credential is: nowhere (`none`), on a volume at run time (`runtime`, `api-key`), or in the image
(`baked`). Storing, verifying and rotating it is `ops.credential`'s part.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final

from course.credential import YEAR_TOKEN_PREFIX, form_problems, is_api_key

PURPOSE: Final = "claude-token"
BAKED_FILE: Final = "/opt/fondation/auth/credential/value"
_LOGIN: Final = "bin/fondation auth login"


class AuthMode(StrEnum):
    """How the authenticated image gets at its credential."""

    NONE = "none"
    RUNTIME = "runtime"
    API_KEY = "api-key"
    BAKED = "baked"

    @property
    def is_delivered(self) -> bool:
        """Whether the credential is a file that the containers mount."""
        return self in {AuthMode.RUNTIME, AuthMode.API_KEY}


def form_problem(token: str, mode: AuthMode) -> str | None:
    """Return what is wrong with a credential for a mode, in words that do not show it; None when nothing is."""
    return next(_problems(token, mode), None)


def _problems(token: str, mode: AuthMode) -> Iterator[str]:
    yield from form_problems(token)
    if mode is AuthMode.API_KEY and token.startswith(YEAR_TOKEN_PREFIX):
        yield f"it is a login's token and fondation:authMode is {mode}: set the mode to {AuthMode.RUNTIME}"
    if mode is not AuthMode.API_KEY and is_api_key(token):
        yield f"it is an API key and fondation:authMode is {mode}: set the mode to {AuthMode.API_KEY}"


def expiry_text(expires: dt.date | None) -> str:
    """Return a date as the expiry file holds it: ISO, or `none`, so that it always replaces an older one."""
    return "none" if expires is None else expires.isoformat()


def credential_problems(values: Mapping[str, str]) -> list[str]:
    """Return what the raw configuration (keys without namespace) gets wrong about the credential.

    Looks at raw values, so that these problems are reported beside those of single keys.
    """
    try:
        mode = AuthMode(values.get("authMode", AuthMode.NONE))
    except ValueError:
        return []  # reported as a problem of its own key
    engine, token = values.get("engine", "static"), values.get("claudeToken")
    problems = []
    if engine == "claude" and mode is AuthMode.NONE:
        problems.append(
            f"fondation:authMode is {mode}: engine claude needs a credential: set it with `{_LOGIN}`"
            f" (modes: {AuthMode.RUNTIME}, {AuthMode.API_KEY}, {AuthMode.BAKED})"
        )
    if engine == "static" and mode is not AuthMode.NONE:
        problems.append(
            f"fondation:authMode is {mode}: engine static takes no credential; set fondation:engine to claude, or"
            " remove the mode with `pulumi config rm fondation:authMode`"
        )
    if mode is not AuthMode.NONE and token is None:
        problems.append(f"fondation:claudeToken is missing: set it with `{_LOGIN}`")
    if token is not None and (problem := form_problem(token, mode)):
        problems.append(f"fondation:claudeToken is set: {problem}")
    if mode is AuthMode.BAKED and values.get("environment") == "production":
        problems.append(
            f"fondation:authMode is {mode}: whoever has the image has the credential, so production refuses it;"
            f" set the mode to {AuthMode.RUNTIME}"
        )
    return problems
