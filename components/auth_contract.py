"""The authenticated image's credential contract: which mode, where the credential is, who may read it, what is refused.

The image carries it as `contract.json`; its preflight proves it and the CLI finds the credential by it. No credential
is in it.
"""

import json
from typing import Final

from components.credential import BAKED_FILE, PURPOSE, AuthMode
from components.image_layout import secret_path
from course.credential import API_KEY_VARIABLE, OAUTH_VARIABLE, STRAY_VARIABLES
from course.identity import USER_ID

NO_DATE: Final = "none"
_TOKEN_FILES: Final = {
    AuthMode.NONE: None,
    AuthMode.RUNTIME: secret_path(PURPOSE),
    AuthMode.API_KEY: secret_path(PURPOSE),
    AuthMode.BAKED: BAKED_FILE,
}
_TOKEN_VARIABLES: Final = {
    AuthMode.NONE: None,
    AuthMode.RUNTIME: OAUTH_VARIABLE,
    AuthMode.API_KEY: API_KEY_VARIABLE,
    AuthMode.BAKED: OAUTH_VARIABLE,
}
# A credential found here would be used, and billed, unnoticed.
_STRAYS: Final = {
    "environment": list(STRAY_VARIABLES),
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
        "reader": USER_ID,
        "since": None if since == NO_DATE else since,
        "refused": _STRAYS,
    }
    return (json.dumps(content, indent=2) + "\n").encode()
