"""Proves the image's credential contract: exits 0 when it holds, 1 with the reasons when it does not.

Under every mode no credential may be where Claude Code would pick it up, and bill it, unnoticed. Under all but `none`
the credential has to be where the contract says, readable by this user alone, and well formed. Whether the service
accepts it is not asked here: `run` does. Names credentials, never shows them.
"""

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

CONTRACT = Path(__file__).with_name("contract.json")
# The rules for a credential are the CLI's own: whoever passes here, passes there.
sys.path.insert(0, "/opt/fondation/cli/dist/cli.bundled.pyz")

from analyzer.claude.credential import read_token  # noqa: E402 - the path has to be set first
from analyzer.errors import CredentialConfigError  # noqa: E402
from course.credential import FILE_VARIABLE  # noqa: E402


def problems(contract: Mapping[str, Any], environment: Mapping[str, str], home: Path, uid: int) -> Iterator[str]:
    """Yield one line per breach of the contract."""
    mode, token_file = contract["mode"], contract["tokenFile"]
    why = "takes no credential" if token_file is None else f"takes its credential from {token_file}"
    for name in contract["refused"]["environment"]:
        if environment.get(name):
            yield f"{name} is set but mode {mode} {why}: remove it from the container's environment"
    for name in contract["refused"]["files"]:
        if (home / name).exists():
            yield f"{home / name} exists but mode {mode} {why}: remove it"
    if uid != contract["reader"]:
        yield f"the process runs as uid {uid}: run it as uid {contract['reader']}"
    if token_file is not None:
        yield from _credential_problems(Path(environment.get(FILE_VARIABLE) or token_file))


def _credential_problems(file: Path) -> Iterator[str]:
    try:
        read_token(file)
    except CredentialConfigError as error:
        yield f"{error}: {error.remedy}"
    try:
        with tempfile.TemporaryFile():
            pass
    except OSError as error:
        yield f"Claude Code needs a home that it may write, below TMPDIR: {error.strerror}: mount a tmpfs on /tmp"


def main() -> int:
    """Check this process's surroundings; return the exit code."""
    contract = json.loads(CONTRACT.read_text())
    found = list(problems(contract, os.environ, Path(os.environ.get("HOME", "/")), os.getuid()))
    for line in found:
        sys.stderr.write(f"preflight: {line}\n")
    if not found:
        state = "no credential needed, none within reach"
        if contract["tokenFile"] is not None:
            state = "a well-formed credential, readable by this user alone"
        sys.stdout.write(f"preflight: mode {contract['mode']}: {state}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
