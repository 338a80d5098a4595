"""What every command has: the option that names the stack, the folders, and where progress and results go."""

import sys
import time
from pathlib import Path
from typing import Final

import click

from components.machine import MachineFolders, machine_folders
from ops.context import Context, LineReport

ROOT: Final = Path(__file__).resolve().parents[2]

stack_option = click.option(
    "--stack", "stack_name", default="dev", show_default=True, envvar="PULUMI_STACK", help="Stack to work on."
)


def folders() -> MachineFolders:
    """Return the folders of this checkout."""
    return machine_folders(ROOT)


def context_of(stack: str) -> Context:
    """Return what a command for a stack works with: progress on standard error, results on standard output.

    The seconds of the progress count from this call.
    """
    return Context(folders=folders(), stack=stack, report=line_report(), say=say)


def line_report() -> LineReport:
    """Return a report of progress on standard error."""
    return LineReport(sys.stderr, time.monotonic)


def say(line: str) -> None:
    """Print one line of a command's result."""
    click.echo(line)
