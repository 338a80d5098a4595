"""`convex`: the functions of a Convex deployment."""

import click

from ops.commands.shared import context_of, say, stack_option


@click.group()
def convex() -> None:
    """Check and deploy the functions that a stack needs on its Convex deployment."""


@convex.command()
@stack_option
def check(*, stack_name: str) -> None:
    """Ask the stack's deployment for its functions.

    Exit codes: 0 they are those of this checkout; 47 there are none, others, or another version; 9 no answer, or the
    key is refused.
    """
    from ops.stack.functions import deployment_of, require_functions  # noqa: PLC0415 - each command loads what it needs
    from ops.stack.stack import Stack  # noqa: PLC0415 - as above

    stack = Stack(context_of(stack_name).folders, stack_name)
    url = stack.keys.convex_url or "the embedded backend"
    say(f"{url} has {require_functions(deployment_of(stack), url)}")


@convex.command()
@stack_option
@click.option("--dry-run", is_flag=True, help="Bundle them, say what would change, and change nothing.")
def deploy(*, stack_name: str, dry_run: bool) -> None:
    """Deploy the functions of this checkout, with the key `fondation:backendKey`, by Convex's own command."""
    from ops.machine import convex_cli  # noqa: PLC0415 - as above
    from ops.stack.functions import deployment_of, production_url, require_functions  # noqa: PLC0415 - as above
    from ops.stack.stack import Stack  # noqa: PLC0415 - as above

    context = context_of(stack_name)
    stack = Stack(context.folders, stack_name)
    url = production_url(stack)
    key = stack.secret("backendKey") or ""
    folders = context.folders
    convex_cli.deploy(url, key, root=folders.checkout, cache=folders.cache, note=say, dry_run=dry_run)
    if not dry_run:
        say(f"{url} has {require_functions(deployment_of(stack), url)}")
