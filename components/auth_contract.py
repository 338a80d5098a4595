"""The authenticated image's credential contract: which mode, where the credential is, who may read it, what is refused.

The image carries it as `contract.json`; its preflight proves it and the CLI finds the credential by it. No credential
is in it.
"""

import json
from typing import Final

from components.credential import PURPOSE, AuthMode

READER: Final = 10001
NO_DATE: Final = "none"
_TOKEN_FILES: Final = {
    AuthMode.NONE: None,
    AuthMode.RUNTIME: f"/run/fondation/{PURPOSE}/value",
    AuthMode.API_KEY: f"/run/fondation/{PURPOSE}/value",
    AuthMode.BAKED: "/opt/fondation/auth/credential/value",
}
_TOKEN_VARIABLES: Final = {
    AuthMode.NONE: None,
    AuthMode.RUNTIME: "CLAUDE_CODE_OAUTH_TOKEN",
    AuthMode.API_KEY: "ANTHROPIC_API_KEY",
    AuthMode.BAKED: "CLAUDE_CODE_OAUTH_TOKEN",
}
# A credential found here would be used, and billed, unnoticed.
_STRAYS: Final = {
    "environment": ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"],
    "files": [".claude/.credentials.json", ".claude.json"],
}


def contract(mode: AuthMode, since: str = NO_DATE) -> bytes:
    """Return `contract.json`.

    Args:
        mode: How the image gets at its credential.
        since: Day on which the credential in the image was made, ISO; `none` where the image has none.
    """
    content = {
        "mode": mode,
        "tokenFile": _TOKEN_FILES[mode],
        "tokenVariable": _TOKEN_VARIABLES[mode],
        "reader": READER,
        "since": None if since == NO_DATE else since,
        "refused": _STRAYS,
    }
    return (json.dumps(content, indent=2) + "\n").encode()
