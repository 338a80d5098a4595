"""Histories as Pulumi writes them, made by hand: small, and with every form that an entry can have."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HEAD = "18045e1532a8aad8ae6fad45ccd0e15cca15fd1f"
SALT = "v1:8cR3DvZQ+cw=:v1:1wPQAJ7XtC3lQKUy:BDkeDLN5IH+KstKowBeul2cQqFURVQ=="


def entry(**changes: object) -> dict[str, Any]:
    """Return the content of a `.history.json` of a successful update."""
    return {
        "kind": "update",
        "startTime": 1795526336,
        "message": "Release one\n\nwith a body",
        "environment": {"exec.kind": "cli", "exec.agent": "ann@host", "git.head": HEAD, "git.dirty": "false"},
        "config": {"fondation:webPort": "8420", "fondation:backendKey": {"secure": "v1:abc:def"}},
        "version": 0,
        "result": "succeeded",
        "endTime": 1795526354,
        "resourceChanges": {"create": 24},
        **changes,
    }


def rollback_entry(version: int, **changes: object) -> dict[str, Any]:
    """Return the entry of a rollback, made in a checkout that has moved on."""
    environment = {"exec.kind": "auto.inline", "exec.agent": "bob@host", "git.head": "f" * 40, "git.dirty": "true"}
    return entry(message=f"rollback to #{version}", environment=environment, **changes)


def checkpoint(*resources: Mapping[str, Any], outputs: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the content of a `.checkpoint.json`."""
    exports = {"release": "608b56ad3b6d", "images": {"worker": "sha256:e010"}} if outputs is None else outputs
    root = {"urn": "urn:pulumi:blue::fondation::pulumi:pulumi:Stack::fondation-blue", "custom": False}
    stack = {**root, "type": "pulumi:pulumi:Stack", "outputs": exports}
    latest = {
        "secrets_providers": {"type": "passphrase", "state": {"salt": SALT}},
        "resources": [stack, *resources],
    }
    return {"version": 3, "checkpoint": {"stack": "organization/fondation/blue", "latest": latest}}


def resource(name: str, kind: str = "docker:index/container:Container", **more: object) -> dict[str, Any]:
    """Return a resource of a checkpoint."""
    urn = f"urn:pulumi:blue::fondation::{kind}::{name}"
    return {"urn": urn, "custom": True, "type": kind, "id": f"id-of-{name}", **more}


def write_history(folder: Path, *entries: Mapping[str, Any], stack: str = "blue") -> Path:
    """Write entries, each with a state, where a local backend keeps them; return that folder."""
    place = folder / ".pulumi" / "history" / "fondation" / stack
    place.mkdir(parents=True)
    for number, content in enumerate(entries):
        stem = place / f"{stack}-{1795526354159381423 + number}"
        stem.with_name(f"{stem.name}.history.json").write_text(json.dumps(content))
        stem.with_name(f"{stem.name}.checkpoint.json").write_text(json.dumps(checkpoint()))
    return place
