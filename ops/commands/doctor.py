"""`bin/fondation doctor`: what is wrong with a machine or a stack, and what to do."""

import json

import click

from ops.commands.shared import folders, say, stack_option


@click.command()
@stack_option
@click.option("--json", "as_data", is_flag=True, help="Write the findings as JSON.")
def doctor(*, stack_name: str, as_data: bool) -> None:
    """Check this machine and a stack: versions, disk, ports, clock, daemon, backend, credentials. Changes nothing.

    Exit codes: 0 nothing to mend (there may be warnings); 25 something is to be mended.
    """
    from ops.doctor.examination import examine, verdict  # noqa: PLC0415 - each command loads only what it needs
    from ops.doctor.finding import Level  # noqa: PLC0415 - as above
    from ops.errors import UnwellError  # noqa: PLC0415 - as above

    findings = []
    for finding in examine(folders(), stack_name):
        findings.append(finding)
        if not as_data:
            for line in finding.lines:
                say(line)
    if as_data:
        say(json.dumps({"stack": stack_name, "findings": [finding.as_data() for finding in findings]}, indent=2))
    if any(finding.level is Level.FAILURE for finding in findings):
        raise UnwellError(verdict(findings))
    if not as_data:
        say(verdict(findings))
