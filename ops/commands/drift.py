"""`bin/fondation drift`: what became of a deployment behind Pulumi's back."""

import click

from ops.commands.shared import folders, say, stack_option


@click.command()
@stack_option
@click.option("--json", "as_data", is_flag=True, help="The same facts as JSON.")
def drift(*, stack_name: str, as_data: bool) -> None:
    """Compare what was deployed with what Docker has. Changes nothing; `up` repairs what it finds.

    Finds containers, networks, volumes, images and tags that were removed, stopped, edited (limits, restart policy,
    networks, name) or swapped for another of the same name.

    Exit codes: 0 nothing drifted; 40 something did; 26 the stack is not deployed; 6 Docker does not answer.
    """
    from ops.drift.report import as_json, as_lines  # noqa: PLC0415 - each command loads only what it needs
    from ops.drift.stack_drift import require_none, stack_drift  # noqa: PLC0415 - as above

    found = stack_drift(folders(), stack_name)
    for line in [as_json(stack_name, found)] if as_data else as_lines(stack_name, found):
        say(line)
    require_none(stack_name, found)
