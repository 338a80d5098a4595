"""The existing CLI as the worker starts it: its command line, what it must not find in a clone, where its course is.

It writes into the clone and lets Claude Code work there with tools (contract, sections 3.4 and 4). What a repository
could have Claude Code do by its settings, and a course that it brings along, is taken away first.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from worker.folders import remove

OUTPUT: Final = ".claude-tutorial-output"
UNTOLD: Final = 1
"""The exit code of every failure."""
# Read by Claude Code as its operator's words: settings with commands to run, servers to start, instructions.
_SETTINGS: Final = (".claude", ".mcp.json", "CLAUDE.md", "CLAUDE.local.md")


def analyze_argv(cli: Sequence[str], clone: Path) -> tuple[str, ...]:
    """Return the command line of an analysis."""
    return (*cli, "analyze", str(clone), "--profile", "production")


def output_in(clone: Path) -> Path:
    """Return the folder that the CLI writes."""
    return clone / OUTPUT


def make_ready(clone: Path) -> None:
    """Take away what a repository could pass off as a course, or as the operator's words to Claude Code."""
    for name in _SETTINGS:
        for path in [*clone.rglob(name)]:
            _remove(path)
    _remove(clone / OUTPUT)


def collect(clone: Path, output: Path) -> None:
    """Move what the CLI wrote to where courses are read from; nothing is moved where it wrote nothing."""
    made = output_in(clone)
    if made.is_dir() and not made.is_symlink():
        remove(output)
        shutil.move(made, output)


def _remove(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.is_dir():
        remove(path)
