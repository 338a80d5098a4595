"""Steps as `pulumi preview --json --show-sames` prints them, made for one fact each."""

from collections.abc import Mapping
from typing import Any

STACK = "urn:pulumi:dev::fondation::"
PARENTS = {"Container": "Worker", "Volume": "Worker", "Tag": "ImageChain", "Image": "ImageChain"}


def urn(kind: str, name: str, parent: str | None = None) -> str:
    above = parent or PARENTS.get(kind)
    within = f"fondation:components:{above}$" if above else ""
    return f"{STACK}{within}docker:index/{kind.lower()}:{kind}::{name}"


def step(
    operation: str,
    kind: str,
    name: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    diff: Mapping[str, str] | None = None,
    parent: str | None = None,
) -> dict[str, Any]:
    """One step; before and after are inputs, diff is the kind of difference by property."""
    found: dict[str, Any] = {"op": operation, "urn": urn(kind, name, parent)}
    if before is not None:
        found["oldState"] = {"custom": True, "inputs": before, "outputs": before}
    if after is not None:
        found["newState"] = {"custom": True, "inputs": after}
    found["detailedDiff"] = None if diff is None else {path: {"kind": kind} for path, kind in diff.items()}
    return found


def worker(**changed: object) -> dict[str, Any]:
    inputs: dict[str, Any] = {
        "name": "fondation-dev-worker",
        "image": "sha256:1",
        "envs": ["FONDATION_LEASE_S=30", "NODE_ENV=development"],
        "labels": [{"label": "org.fondation.digest", "value": f"sha256:{'a' * 64}"}],
        "memory": 1024,
        "start": True,
    }
    return {**inputs, **changed}
