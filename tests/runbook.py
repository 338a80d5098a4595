"""The runbook's entries for alerts, and the alert rules that they belong to."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
RULES = ROOT / "images" / "prometheus" / "rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One alert's entry: the commands of its Check and of its Fix."""

    meaning: str
    check: tuple[str, ...]
    fix: tuple[str, ...]


def entries() -> dict[str, Entry]:
    """Return the entries below the runbook's section on alerts, by alert."""
    section = (ROOT / "docs" / "runbook.md").read_text().partition("\n## Alerts\n")[2].partition("\n## ")[0]
    found = {}
    for text in section.split("\n### ")[1:]:
        name, _, body = text.partition("\n")
        meaning, _, rest = body.partition("**Check.**")
        check, _, fix = rest.partition("**Fix.**")
        assert "**Meaning.**" in meaning, f"{name} has no Meaning"
        found[name] = Entry(meaning=meaning, check=_commands(check), fix=_commands(fix))
    return found


def rules() -> dict[str, Mapping[str, Any]]:
    """Return the alert rules by name."""
    groups = [group for file in sorted(RULES.glob("*.yml")) for group in yaml.safe_load(file.read_text())["groups"]]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def _commands(text: str) -> tuple[str, ...]:
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    lines = [line.partition(" #")[0].strip() for block in blocks for line in block.splitlines()]
    return tuple(line for line in lines if line and not line.startswith("#"))
