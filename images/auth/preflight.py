"""Proves the image's credential contract: exits 0 when it holds, 1 with the reasons when it does not.

Under mode `none` no credential may be within reach: a stray key would otherwise be used, and billed, unnoticed.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

CONTRACT = Path(__file__).with_name("contract.json")


def problems(contract: Mapping[str, object], environment: Mapping[str, str], home: Path, uid: int) -> list[str]:
    """Return one line per breach of the contract; names credentials, never shows them."""
    refused = contract["refused"]
    if not isinstance(refused, dict):
        raise TypeError("contract.json: refused: expected an object")
    found = [
        f"{name} is set but mode {contract['mode']} takes no credential: remove it from the container's environment"
        for name in refused["environment"]
        if environment.get(name)
    ]
    found += [
        f"{home / name} exists but mode {contract['mode']} takes no credential: remove it"
        for name in refused["files"]
        if (home / name).exists()
    ]
    if uid != contract["reader"]:
        found.append(f"the process runs as uid {uid}: run it as uid {contract['reader']}")
    return found


def main() -> int:
    """Check this process's surroundings; return the exit code."""
    contract = json.loads(CONTRACT.read_text())
    found = problems(contract, os.environ, Path(os.environ.get("HOME", "/")), os.getuid())
    for line in found:
        sys.stderr.write(f"preflight: {line}\n")
    if not found:
        sys.stdout.write(f"preflight: mode {contract['mode']}: no credential needed, none within reach\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
