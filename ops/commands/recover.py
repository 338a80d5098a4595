"""`bin/fondation recover`: puts a stack right after an update that was killed."""

import click

from ops.commands.shared import context_of, stack_option


@click.command()
@stack_option
def recover(*, stack_name: str) -> None:
    """Put a stack right after an update that was killed, so that `up` works again. Loses no data.

    Takes away the lock if the process that held it is gone, removes containers and networks that were made but not
    recorded, and lets Pulumi read what became of the rest. Does nothing where no update was interrupted.

    Exit codes: 0 the stack is in order; 43 the update still runs, here or on another machine.
    """
    from ops.stack.recovery import recover as put_right  # noqa: PLC0415 - each command loads only what it needs

    put_right(context_of(stack_name))
