"""`backend`: a stack's jobs and courses, out of it and into it; its backups."""

import time
from pathlib import Path

import click

from ops.commands.shared import context_of, say, stack_option


@click.group()
def backend() -> None:
    """Move a stack's jobs, courses and logs: out of it, and into it; its backups."""


@backend.command("export")
@stack_option
@click.argument("file", type=click.Path(path_type=Path))
def export(*, stack_name: str, file: Path) -> None:
    """Write all data of a stack into FILE, a ZIP in the form of `npx convex export`. The stack goes on meanwhile.

    Jobs that are at work stand in it as waiting. It holds the tokens of jobs: only you may read it, keep it that way.
    """
    from ops.stack.archive import export_data  # noqa: PLC0415 - each command loads only what it needs

    say(f"{file}: {export_data(context_of(stack_name), file)}")


@backend.command("import")
@stack_option
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Let the data that is there give way; it is kept in the volume.")
def import_(*, stack_name: str, file: Path, replace: bool) -> None:
    """Bring FILE, an archive of `export` or of `npx convex export`, into a stack: all of it, or nothing.

    The embedded backend stands still for it, half a minute for a thousand courses. Exit codes: 10 FILE is no archive;
    8 it does not fit, or there is data already; 43 another command is at work on the stack.
    """
    from ops.stack.archive import import_data  # noqa: PLC0415 - as above

    say(f"stack {stack_name} has {import_data(context_of(stack_name), file, replace=replace)}")


@backend.command("backups")
@stack_option
def backups(*, stack_name: str) -> None:
    """List the backups that the embedded backend made (`fondation:backupHours`), the newest first."""
    from ops.stack.archive import backups_of  # noqa: PLC0415 - as above

    found = backups_of(context_of(stack_name))
    for backup in found:
        made = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(backup.completed_s))
        say(f"{backup.name}  {made}  {backup.size_bytes / 1e6:.1f} MB")
    if not found:
        say(f"stack {stack_name} has no backup: fondation:backupHours says how often one is made")


@backend.command("restore")
@stack_option
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def restore(*, stack_name: str, name: str, yes: bool) -> None:
    """Bring the backup NAME in the place of the data of a stack; what came since is gone from the stack.

    The data from before is kept in the backend's volume, as `backend.sqlite3.before-import`. Exit codes as of `import`.
    """
    from ops.stack.archive import restore as bring_back  # noqa: PLC0415 - as above

    if not yes:
        click.confirm(f"Bring {name} in the place of the data of stack {stack_name}?", abort=True)
    bring_back(context_of(stack_name), name)
    say(f"stack {stack_name} has the data of {name}")
