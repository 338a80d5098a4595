"""The whole examination: every check in turn, none able to stop the others."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from components.machine import MachineFolders
from ops.doctor.finding import Finding, Level, count, failure
from ops.doctor.machine_checks import check_machine
from ops.doctor.stack_checks import check_stack
from ops.errors import OpsError
from ops.machine.facts import this_machine

Check = Callable[[], Iterable[Finding]]


def examine(folders: MachineFolders, stack: str) -> Iterator[Finding]:
    """Yield the findings about this machine and a stack, each as soon as it is known."""
    return run_checks(
        {
            "machine": lambda: check_machine(folders, this_machine()),
            "stack": lambda: check_stack(folders, stack),
        }
    )


def run_checks(checks: dict[str, Check]) -> Iterator[Finding]:
    """Yield what the checks find; one that fails with an error of ours becomes a finding itself."""
    for name, check in checks.items():
        try:
            yield from check()
        except OpsError as error:
            yield failure(name, str(error), "")


def verdict(findings: Sequence[Finding]) -> str:
    """Return the sentence that sums the findings up."""
    failures, warnings = count(findings, Level.FAILURE), count(findings, Level.WARNING)
    if not failures and not warnings:
        return f"{len(findings)} checks, all well"
    return f"{len(findings)} checks: {failures} to mend, {warnings} to watch"
