"""Starts the bundle as our own CLI would be started: `launch.py [node cli.bundled.cjs] <arguments>`.

The credential is read from its file, as our CLI reads it, and is in the bundle's environment alone. What the bundle
does not say by its exit code, which is 1 for every cause, is read from the words of its short answers: whoever asks
`run` learns of a refused credential by our codes. Everything else is the bundle's own.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
NODE = "/opt/node/bin/node"
PROGRAM = "dist/cli.bundled.cjs"
PREFIXES = (("node", "cli.bundled.cjs"), ("node", PROGRAM))
# The rules for a credential are the CLI's own.
sys.path.insert(0, "/opt/fondation/cli/dist/cli.bundled.pyz")

from analyzer.claude.command import claude_environment  # noqa: E402 - the path has to be set first
from analyzer.claude.credential import read_credential  # noqa: E402
from analyzer.errors import CredentialConfigError  # noqa: E402
from course.exit_codes import ExitCode  # noqa: E402

REFUSED = re.compile(
    r"authentication_error|invalid (?:api key|bearer token)|oauth token|please run /login|\b401\b", re.IGNORECASE
)
LIMITED = re.compile(r"rate_limit_error|usage limit|limit reached|\b429\b", re.IGNORECASE)


def environment(own: dict[str, str]) -> dict[str, str]:
    """Return the bundle's whole environment."""
    temporary = tempfile.gettempdir()
    home = Path(own.get("HOME", temporary))
    variables = claude_environment(own, read_credential(own), home=home, base_url=own.get("FONDATION_CLAUDE_BASE_URL"))
    variables |= {"TMPDIR": temporary, "NODE_ENV": "production", "SHELL": "/bin/bash"}
    if model := own.get("FONDATION_CLAUDE_MODEL"):
        variables["CLAUDE_MODEL"] = model
    return variables


def workplace() -> Path:
    """Return a folder that may be written and looks like the bundle's: it writes its logs where it is started."""
    folder = Path(tempfile.mkdtemp(prefix="bundle-", dir=tempfile.gettempdir()))
    for name in ("cli.bundled.cjs", "dist", "package.json", "prompts"):
        (folder / name).symlink_to(HERE / name)
    return folder


def code_of(done: subprocess.CompletedProcess[bytes]) -> int:
    """Return our exit code for how a short answer ended."""
    said = (done.stderr + done.stdout).decode("utf-8", errors="replace")
    if done.returncode != 1:
        return done.returncode
    if REFUSED.search(said):
        return ExitCode.CREDENTIAL_REFUSED
    return ExitCode.RATE_LIMITED if LIMITED.search(said) else ExitCode.MODEL_UNAVAILABLE


def main(arguments: list[str]) -> int:
    """Run the bundle; return the exit code."""
    if tuple(arguments[:2]) in PREFIXES:
        arguments = arguments[2:]
    try:
        variables = environment(dict(os.environ))
        os.chdir(workplace())
    except CredentialConfigError as error:
        sys.stderr.write(f"{error}: {error.remedy}\n")
        return ExitCode.CREDENTIAL_UNUSABLE
    except OSError as error:
        sys.stderr.write(f"there is no room to work in ({error.strerror}): mount a tmpfs on /tmp\n")
        return ExitCode.OUTPUT_NOT_WRITABLE
    argv = [NODE, PROGRAM, *arguments]
    if "run" not in arguments[:2]:
        os.execve(NODE, argv, variables)  # noqa: S606 - an argument list; there is no shell
    done = subprocess.run(argv, env=variables, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    sys.stdout.buffer.write(done.stdout)
    sys.stderr.buffer.write(done.stderr)
    return code_of(done)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
