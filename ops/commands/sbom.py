"""`bin/fondation sbom`: what a stack's images are made of."""

from pathlib import Path

import click

from ops.commands.shared import context_of, say, stack_option


@click.command()
@stack_option
@click.argument("roles", nargs=-1, metavar="[IMAGE]...")
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), help="Write a file per image to a folder.")
def sbom(*, stack_name: str, roles: tuple[str, ...], output: Path | None) -> None:
    """List the parts of the named images (os, cli, auth, worker, server), or of all, as CycloneDX JSON."""
    from ops.audit.bill import bills, write  # noqa: PLC0415 - each command loads only what it needs

    if output is None and len(roles) != 1:
        raise click.UsageError("name one image, or a folder with --output")
    for role, bill in bills(context_of(stack_name), roles):
        say(bill.rstrip() if output is None else str(write(bill, output, role)))
