"""The CLI of the rotation's bench: `model_job.py <Claude Code> <arguments of the analyzer>`.

`analyze` asks the model one prompt and then writes the static engine's course; everything else is the analyzer's own.
Ends with the analyzer's exit code.
"""

import os
import subprocess
import sys

_ANALYZER = (sys.executable, "-m", "analyzer", "--json")
_PROMPT = ("run", "-p", "Name one idea of a repository.")


def main(program: str, arguments: list[str]) -> int:
    """Run the analyzer once, or twice for a course."""
    environment = {**os.environ, "FONDATION_CLAUDE_PROGRAM": program}
    if "analyze" not in arguments:
        return subprocess.run([*_ANALYZER, *arguments], env=environment, check=False).returncode
    asked = subprocess.run([*_ANALYZER, *_PROMPT], env=environment, check=False).returncode
    if asked != 0:
        return asked
    static = [*arguments[: arguments.index("--engine")], "--engine", "static"]
    return subprocess.run([*_ANALYZER, *static], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], [argument for argument in sys.argv[2:] if argument != "--json"]))
