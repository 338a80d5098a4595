"""`history`, `rollback` and `prune`: what was deployed, going back to it, and what of it is kept."""

import click

from ops.commands.shared import context_of, folders, say, stack_option


def _version(context: click.Context, parameter: click.Parameter, value: str) -> int | None:
    """A number in the history, or `previous`, which is None."""
    if value == "previous":
        return None
    number = value.removeprefix("#")
    if not number.isdecimal():
        raise click.BadParameter(
            f"{value!r} is neither a number of `bin/fondation history` nor `previous`", context, parameter
        )
    return int(number)


@click.command()
@stack_option
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=1), help="Updates to show.")
@click.option("--json", "as_json", is_flag=True, help="Print all that is known of them, as JSON, oldest first.")
def history(*, stack_name: str, limit: int, as_json: bool) -> None:
    """Show what was deployed: revision, images, configuration, who, when and how it ended; newest first."""
    from ops.releases import listing  # noqa: PLC0415 - each command loads only what it needs: `--help` answers at once

    for line in listing.lines(folders(), stack_name, limit=limit, as_json=as_json):
        say(line)


@click.command()
@stack_option
@click.argument("to", metavar="[N|previous]", callback=_version, default="previous")
def rollback(*, stack_name: str, to: int | None) -> None:
    """Apply the recorded inputs of an earlier release again: images, configuration and secrets.

    `previous` is the newest good release with other inputs than what runs now. A plain `up` rolls forward again.
    """
    from ops.releases.rollback import roll_back  # noqa: PLC0415 - as above

    roll_back(context_of(stack_name), to)


@click.command()
@stack_option
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
def prune(*, stack_name: str, dry_run: bool) -> None:
    """Remove images and build folders that none of the last releases needs; how many stay is configured."""
    from ops.releases.retention import prune as remove  # noqa: PLC0415 - as above

    remove(context_of(stack_name), dry_run=dry_run)
