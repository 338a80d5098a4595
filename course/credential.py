"""The rules for a model's credential, for whoever delivers, reads or checks one: its form, and where it may be.

Standard library only: the authenticated image's preflight imports this, too. Never shows a credential; whether the
service accepts one only a call can tell.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

# Variables: the path of the file that holds a credential, and the two that Claude Code takes it from.
FILE_VARIABLE: Final = "FONDATION_CLAUDE_TOKEN_FILE"
OAUTH_VARIABLE: Final = "CLAUDE_CODE_OAUTH_TOKEN"
API_KEY_VARIABLE: Final = "ANTHROPIC_API_KEY"
# In an environment any of them would be used, and billed, unnoticed.
STRAY_VARIABLES: Final = (API_KEY_VARIABLE, "ANTHROPIC_AUTH_TOKEN", OAUTH_VARIABLE)
API_KEY_PREFIX: Final = "sk-ant-api"
YEAR_TOKEN_PREFIX: Final = "sk-ant-oat"  # noqa: S105 - a prefix, not a token
EXPIRY_FILE: Final = "expires"
"""Name of the file beside a credential that holds the first day on which it is no longer good."""
MIN_CHARACTERS: Final = 20
MAX_CHARACTERS: Final = 2048
_CHARACTERS: Final = re.compile(r"[A-Za-z0-9._~+/=:-]+")


def form_problems(token: str) -> Iterator[str]:
    """Yield what is wrong with a credential's form, in words that do not show it.

    A token that was copied with `#` and what follows it passes Claude Code's own checks and is refused by the service;
    so is one that a terminal broke over two lines.
    """
    if not token.strip():
        yield "it is empty"
    if token.lstrip().startswith("{"):
        yield (
            "it is a login's .credentials.json, whose refresh token is good for one use and breaks when two copies"
            " live: make a token that lasts a year with `claude setup-token`"
        )
    if "#" in token:
        yield "it contains `#`: copy the token alone, up to and without that character"
    if any(character.isspace() for character in token):
        yield "it contains white space: copy the token as one line"
    if not MIN_CHARACTERS <= len(token) <= MAX_CHARACTERS:
        yield f"it has {len(token)} characters: expected {MIN_CHARACTERS} to {MAX_CHARACTERS}"
    if not _CHARACTERS.fullmatch(token):
        yield "it contains a character that no token has: copy it again"


def is_api_key(token: str) -> bool:
    """Return whether a credential is an API key; otherwise it is a login's token."""
    return token.startswith(API_KEY_PREFIX)


def strays(environment: Mapping[str, str]) -> list[str]:
    """Return the variables that hold a credential where none may be."""
    return [name for name in STRAY_VARIABLES if environment.get(name)]
