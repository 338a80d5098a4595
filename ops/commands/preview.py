"""`bin/fondation preview`: what a deployment would do, for the reviewers of a change."""

from pathlib import Path

import click

from ops.commands.shared import folders, say, stack_option


@click.command()
@stack_option
@click.option("--json", "as_data", is_flag=True, help="The same facts as JSON instead of Markdown.")
@click.option("--output", type=click.Path(path_type=Path), help="Write the report into this file.")
@click.option("--refresh", is_flag=True, help="First ask Docker what became of the deployed objects.")
@click.option("--expect-no-changes", is_flag=True, help="Exit with code 20 if anything would change.")
def preview(*, stack_name: str, as_data: bool, output: Path | None, refresh: bool, expect_no_changes: bool) -> None:
    """Report what a deployment would do, as Markdown for a pull request. Changes nothing.

    Exit codes: 0 there is a report; 8 there is none, because the program or its configuration has an error (the
    report then says which); 20 with --expect-no-changes, if something would change.
    """
    from ops.errors import ChangesError  # noqa: PLC0415 - each command loads only what it needs
    from ops.preview.collect import preview as collect  # noqa: PLC0415 - as above
    from ops.preview.markdown import as_markdown  # noqa: PLC0415 - as above
    from ops.preview.report import as_json  # noqa: PLC0415 - as above

    found = collect(folders(), stack_name, refresh=refresh)
    text = as_json(found.report) if as_data else as_markdown(found.report)
    if output is not None:
        output.write_text(text, encoding="utf-8")
    elif found.error is None or as_data:
        say(text.rstrip("\n"))
    if found.error is not None:
        raise found.error
    if expect_no_changes and found.report.changed:
        raise ChangesError(f"stack {stack_name} was expected to be up to date. {found.report.summary}")
