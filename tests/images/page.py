"""The three tables of docs/operations/hardening.md, from the code: `python -m tests.images.page`."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from ops.audit.benchmark import ITEMS
from ops.audit.check import OURS, Check
from ops.audit.container_checks import CONTAINER_CHECKS
from ops.audit.facts import Kind
from ops.audit.image_checks import IMAGE_CHECKS
from tests.images.cases import CASES
from tests.images.inside import ENVIRONMENTS, roles_of
from tests.images.inside_mutants import MUTANTS as INSIDE_MUTANTS
from tests.images.mutants import CONFIGURATION_MUTANTS, CONTAINER_MUTANTS, FILE_MUTANTS, ContainerMutant

_WORDS = {
    frozenset({Kind.BASE, Kind.IMAGE}): "every image",
    frozenset({Kind.IMAGE}): "every image but the OS base",
    frozenset({Kind.SERVICE, Kind.COURIER}): "every container",
    frozenset({Kind.SERVICE}): "every container that runs",
    frozenset({Kind.COURIER}): "couriers",
}
CHECKS: Sequence[Check[Any]] = (*IMAGE_CHECKS, *CONTAINER_CHECKS)
_CELL_MAX = 110


def tables() -> str:
    """Return the tables of the audit as Markdown."""
    return "\n".join([*_benchmark(), "", *_mutants()])


def inside_table() -> str:
    """Return the table of what is asked inside of running containers as Markdown."""
    return "\n".join(_inside())


def _benchmark() -> Iterator[str]:
    yield "| item | | checks | result |"
    yield "|---|---|---|---|"
    for item in ITEMS:
        names = [check.name for check in CHECKS if check.item == item.number]
        result = f"**exception**: {item.exception}" if item.exception else ("holds" if names else "for a person")
        remark = f"; {item.note}" if item.note else ""
        yield f"| {item.number} | {item.title} | {', '.join(f'`{name}`' for name in names)} | {result}{remark} |"


def _mutants() -> Iterator[str]:
    holds = {check.name: (check.item, _WORDS[check.kinds]) for check in CHECKS}
    yield "| check | item | holds for | mutant that fails it |"
    yield "|---|---|---|---|"
    changes = {mutant.check: f"`{mutant.line}`" for mutant in (*CONFIGURATION_MUTANTS, *FILE_MUTANTS)}
    changes |= {mutant.check: _fields(mutant) for mutant in CONTAINER_MUTANTS}
    for name, change in changes.items():
        item, whom = holds[name]
        yield f"| `{name}` | {'ours' if item == OURS else item} | {whom} | {_cell(change)} |"


def _inside() -> Iterator[str]:
    yield "| case | what holds | development | production | mutant that fails it |"
    yield "|---|---|---|---|---|"
    mutants = {mutant.case: mutant for mutant in INSIDE_MUTANTS}
    for case in CASES:
        places = " | ".join(", ".join(roles_of(case, environment)) for environment in ENVIRONMENTS)
        mutant = mutants[case.name]
        yield f"| `{case.name}` | {case.says} | {places} | {mutant.container}: {_cell(mutant.change)} |"


def _fields(mutant: ContainerMutant) -> str:
    parts = [f"`{path.rpartition('.')[2]}: {json.dumps(value)}`" for path, value in mutant.fields.items()]
    started = ["started"] if mutant.running and not mutant.then else []
    return ", ".join([*parts, *started, *([mutant.then] if mutant.then else [])])


def _cell(text: str) -> str:
    short = text if len(text) <= _CELL_MAX else text[:_CELL_MAX].rstrip("`") + "…`"
    return short.replace("|", "\\|")


if __name__ == "__main__":
    print(tables(), inside_table(), sep="\n\n")  # noqa: T201 - for the page
