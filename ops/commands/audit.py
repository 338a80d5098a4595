"""`bin/fondation audit`: what of the security benchmark holds for a stack."""

import json

import click

from ops.commands.shared import context_of, say, stack_option
from ops.errors import AuditError


@click.command()
@stack_option
@click.option("--json", "as_json", is_flag=True, help="Print every finding as JSON.")
def audit(*, stack_name: str, as_json: bool) -> None:
    """Check a stack's images and containers against the CIS Docker Benchmark, sections 4 and 5."""
    from ops.audit.audit import audit_stack  # noqa: PLC0415 - each command loads only what it needs

    found = audit_stack(context_of(stack_name))
    if as_json:
        say(json.dumps(found.as_json(), indent=2))
    else:
        for line in found.as_text():
            say(line)
    if found.failures:
        raise AuditError(f"{len(found.failures)} checks of stack {stack_name} fail; the lines above say which")
