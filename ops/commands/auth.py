"""`auth`: the credential for engine `claude`."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ops.commands.shared import context_of, say, stack_option

if TYPE_CHECKING:
    from ops.credential.service import Keeper

Command = TypeVar("Command", bound=Callable[..., Any])
_CODES = """

\b
Exit codes: 0 good, 31 none configured, 32 malformed or readable by others, 33 refused by the
service, 34 expired, 35 expires within 14 days, 36 no answer, 37 rate limited.
"""


def _new_credential(command: Command) -> Command:
    """Options that say where a new credential comes from and what is known about it."""
    for option in (
        click.option("--file", type=click.Path(path_type=Path), help="Read it from a file that only you may read."),
        click.option("--stdin", "from_stdin", is_flag=True, help="Read it from standard input."),
        click.option("--mode", type=click.Choice(["runtime", "api-key", "baked"]), help="Mode; by default as before."),
        click.option(
            "--expires",
            type=click.DateTime(["%Y-%m-%d"]),
            help="First day on which it is no longer good; a year from today by default, none for an API key.",
        ),
    ):
        command = option(command)
    return command


@click.group()
def auth() -> None:
    """Store, watch, verify and rotate the credential for engine `claude`."""


@auth.command(epilog=_CODES)
@stack_option
@_new_credential
@click.option(
    "--setup", is_flag=True, help="Run `claude setup-token` in the authenticated image first (needs a terminal)."
)
def login(
    *, stack_name: str, file: Path | None, from_stdin: bool, mode: str | None, expires: dt.datetime | None, setup: bool
) -> None:
    """Store a credential, encrypted, in the stack's configuration and choose engine `claude`.

    Asks for it at a hidden prompt unless --file or --stdin is given; it is never an argument.
    """
    from ops.credential.setup import run_setup_token  # noqa: PLC0415 - each command loads only what it needs
    from ops.credential.token import read_token  # noqa: PLC0415 - as above

    keeper = _keeper(stack_name)
    if setup:
        run_setup_token(keeper.image())
    new = read_token(file, from_stdin=from_stdin)
    keeper.log_in(new, mode=mode, expires=expires.date() if expires else None)
    say(f"`bin/fondation up --stack {stack_name}` verifies and delivers it.")


@auth.command(epilog=_CODES)
@stack_option
def status(*, stack_name: str) -> None:
    """Show mode, dates, days left, place and last verification; the exit code says which state it is in."""
    _keeper(stack_name).status()


@auth.command(epilog=_CODES)
@stack_option
def verify(*, stack_name: str) -> None:
    """Prove the stored credential: a real `run -p test` in the authenticated image against the configured service."""
    say(f"accepted: {_keeper(stack_name).verify()}")


@auth.command(epilog=_CODES)
@stack_option
@_new_credential
def rotate(
    *, stack_name: str, file: Path | None, from_stdin: bool, mode: str | None, expires: dt.datetime | None
) -> None:
    """Replace the credential: the new one is verified first, then delivered; the worker is not restarted.

    The old one stays in use until then, and is put back when anything fails. Revoke it afterwards.
    """
    from ops.credential.token import read_token  # noqa: PLC0415 - as above

    new = read_token(file, from_stdin=from_stdin)
    _keeper(stack_name).rotate(new, mode=mode, expires=expires.date() if expires else None)
    say("You can revoke the old credential now.")


def _keeper(stack_name: str) -> "Keeper":
    from ops.credential.service import Keeper  # noqa: PLC0415 - as above
    from ops.stack.stack import Stack  # noqa: PLC0415 - as above

    context = context_of(stack_name)
    return Keeper(context=context, stack=Stack(context.folders, stack_name))
