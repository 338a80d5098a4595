"""`git`: what private repositories are read with."""

from pathlib import Path

import click

from ops.commands.shared import context_of, say, stack_option


@click.group()
def git() -> None:
    """Store, list and remove the tokens with which private repositories are read."""


@git.command()
@stack_option
@click.argument("place", metavar="HOST[/PATH]")
@click.option("--user", help="User that goes with the token, where the host looks at it.")
@click.option("--file", type=click.Path(path_type=Path), help="Read the token from a file that only you may read.")
@click.option("--stdin", "from_stdin", is_flag=True, help="Read it from standard input.")
def login(*, stack_name: str, place: str, user: str | None, file: Path | None, from_stdin: bool) -> None:
    """Store a token for a host (github.com) or for what lies below a path of it (github.com/acme), encrypted.

    It needs to read repositories, and nothing else: a fine-grained token of GitHub with "Contents: read", GitLab's
    read_repository, Azure's Code (read). Asks for it at a hidden prompt unless --file or --stdin is given.
    """
    from ops.credential import git as credentials  # noqa: PLC0415 - each command loads only what it needs
    from ops.credential.token import read_token  # noqa: PLC0415 - as above
    from ops.stack.stack import Stack  # noqa: PLC0415 - as above

    stack = Stack(context_of(stack_name).folders, stack_name)
    replaced = credentials.log_in(stack, place, read_token(file, from_stdin=from_stdin), user=user)
    say(f"{'replaced' if replaced else 'stored'}: `bin/fondation up --stack {stack_name}` delivers it.")


@git.command()
@stack_option
@click.argument("place", metavar="HOST[/PATH]")
def logout(*, stack_name: str, place: str) -> None:
    """Remove a token."""
    from ops.credential import git as credentials  # noqa: PLC0415 - as above
    from ops.stack.stack import Stack  # noqa: PLC0415 - as above

    credentials.log_out(Stack(context_of(stack_name).folders, stack_name), place)
    say(f"removed: `bin/fondation up --stack {stack_name}` takes it from the worker. Revoke it at its host.")


@git.command()
@stack_option
def status(*, stack_name: str) -> None:
    """List the hosts and paths that there is a token for, with their users."""
    from ops.credential import git as credentials  # noqa: PLC0415 - as above
    from ops.stack.stack import Stack  # noqa: PLC0415 - as above

    found = credentials.stored(Stack(context_of(stack_name).folders, stack_name))
    for item in found:
        say(f"{item.prefix}  as {item.user}")
    if not found:
        say("no tokens: `bin/fondation git login github.com/<owner>` stores one")
