"""`bin/fondation neighbours`: whose the objects of a stack's names are."""

import click

from ops.commands.shared import context_of, stack_option


@click.command()
@stack_option
@click.option("--unowned/--no-unowned", default=True, help="Also refuse volumes that no state has.")
@click.option("--quiet", is_flag=True, help="Say nothing where all is well.")
def neighbours(*, stack_name: str, unowned: bool, quiet: bool) -> None:
    """Find out whether containers, networks or volumes with the stack's names belong to another state.

    Changes nothing. `up`, `down` and `recover` ask it themselves; `bin/pulumi` does before `up` and `destroy`.

    Exit codes: 0 they are this state's, or there are none; 45 another state has some; 46 volumes are there that no
    state has.
    """
    from ops.stack.neighbours import neighbours as found_by  # noqa: PLC0415 - each command loads only what it needs
    from ops.stack.neighbours import require_own  # noqa: PLC0415 - as above
    from ops.stack.stack import Stack  # noqa: PLC0415 - as above

    context = context_of(stack_name)
    found = found_by(context.folders, stack_name, Stack(context.folders, stack_name).state())
    require_own(found, context.folders, stack_name, adopted=() if unowned else None)
    if not quiet:
        context.say(f"what has the names of stack {stack_name} is its own, or there is nothing")
