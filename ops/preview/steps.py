"""The engine's steps as changes, and what the changes do to a running system.

Without `--show-replacement-steps` the engine reports a replacement as one step, and the program's components and
Docker objects alike.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from ops.preview.report import Change, Effects, Operation
from ops.preview.values import causes

_SILENT: Final = frozenset(
    {
        "same",
        "read",
        "read-discard",
        "refresh",
        "create-replacement",
        "delete-replaced",
        "discard-replaced",
        "remove-pending-replace",
    }
)
"""Steps that change nothing, or that belong to a replacement which has a step of its own."""

_RUNNING: Final = frozenset({"Container", "Service"})
_DATA: Final = frozenset({"Volume"})
_SECRET_FILE: Final = "SecretFile"  # noqa: S105 - a component: its volume holds a delivered copy, nothing of its own


def operation_of(engine_operation: str) -> Operation | None:
    """Return what the engine's operation does to a resource; None for nothing."""
    if engine_operation in _SILENT:
        return None
    try:
        return Operation(engine_operation)
    except ValueError:
        return Operation.OTHER


def changes(steps: Iterable[Mapping[str, Any]]) -> list[Change]:
    """Return what the steps of `pulumi preview --json` change, each component's together.

    The engine's own order is that of parallel registrations: it differs from run to run.
    """
    steps = list(steps)
    gone = {step["urn"] for step in steps if step["op"] == "refresh" and not step.get("newState")}
    found = []
    for step in steps:
        operation = operation_of(step["op"])
        if operation is not None:
            found.append(_change(step, operation, gone=step["urn"] in gone and operation is Operation.CREATE))
    return sorted(found, key=lambda change: change.urn)


def _change(step: Mapping[str, Any], operation: Operation, *, gone: bool) -> Change:
    old, new = step.get("oldState") or {}, step.get("newState") or {}
    kinds, name = step["urn"].split("::", 3)[2:]
    *parents, kind = (part.rpartition(":")[2] for part in kinds.split("$"))
    old_inputs, new_inputs = old.get("inputs") or {}, new.get("inputs") or {}
    inputs = new_inputs or old_inputs
    host = inputs.get("name") or inputs.get("imageName") or inputs.get("targetImage")
    kept = bool(old.get("retainOnDelete"))
    return Change(
        operation=operation,
        kind=kind,
        name=name,
        object=host if isinstance(host, str) else None,
        urn=step["urn"],
        causes=tuple(causes(step.get("detailedDiff"), old, new)),
        gone=gone,
        runs=kind in _RUNNING and inputs.get("start") is not False,
        data=kind in _DATA and not kept and _SECRET_FILE not in parents,
        component=not (new or old).get("custom", False),
    )


def effects(found: Sequence[Change]) -> Effects:
    """Return what the changes do to a running system."""

    def named(*operations: Operation, runs: bool = False, data: bool = False) -> tuple[str, ...]:
        chosen = (change for change in found if change.operation in operations and not change.component)
        return tuple(change.label for change in chosen if (change.runs or not runs) and (change.data or not data))

    rolling = tuple(
        change.label for change in found if change.kind == "Service" and change.operation is Operation.UPDATE
    )
    return Effects(
        starts=named(Operation.CREATE, runs=True),
        restarts=named(Operation.REPLACE, runs=True) + rolling,
        stops=named(Operation.DELETE, runs=True),
        deletes=named(Operation.DELETE),
        loses=named(Operation.DELETE, Operation.REPLACE, data=True),
    )


def summary(found: Sequence[Change], effect: Effects, *, deployed: bool) -> str:
    """Return one sentence: what restarts, what is deleted, whether data is lost."""
    if not found:
        return "Nothing changes."
    if not deployed:
        return f"Everything is new: {_count(len(effect.starts), 'container')} start, nothing is replaced or deleted."
    parts = [
        f"{_count(len(names), 'container')} {verb if len(names) > 1 else verb + 's'} ({_listed(names)})"
        for names, verb in ((effect.restarts, "restart"), (effect.starts, "start"), (effect.stops, "stop"))
        if names
    ]
    parts = parts or ["no container restarts"]
    if effect.loses:
        parts.append(f"DATA IS LOST: everything on {_count(len(effect.loses), 'volume')} ({_listed(effect.loses)})")
    else:
        parts.append("no data is lost" if effect.deletes else "nothing is deleted and no data is lost")
    if effect.deletes:
        parts.insert(-1, f"{_count(len(effect.deletes), 'object')} deleted ({_listed(effect.deletes)})")
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _listed(names: Sequence[str], most: int = 6) -> str:
    left = len(names) - most
    return ", ".join(names[:most]) + (f" and {left} more" if left > 0 else "")
