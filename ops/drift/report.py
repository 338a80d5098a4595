"""Drift as text for people and as JSON for programs."""

import json
from collections.abc import Sequence

from ops.drift.comparison import Comparison


def as_json(stack: str, found: Comparison) -> str:
    """Return the comparison as one JSON object."""
    return json.dumps(
        {
            "stack": stack,
            "compared": found.compared,
            "notCompared": list(found.not_compared),
            "drift": [
                {
                    "kind": item.kind.value,
                    "resource": item.resource,
                    "urn": item.urn,
                    "name": item.name,
                    "detail": item.detail,
                }
                for item in found.drift
            ],
        },
        indent=2,
    )


def as_lines(stack: str, found: Comparison) -> Sequence[str]:
    """Return the comparison as lines, one for each difference, and a last one that sums up."""
    lines = [f"{item.kind.value:8} {item.resource}  {item.name}: {item.detail}" for item in found.drift]
    if found.not_compared:
        lines.append(f"not looked at: {', '.join(found.not_compared)}")
    if not found.drift:
        lines.append(f"stack {stack}: all {found.compared} deployed objects are as they were deployed")
    return lines
