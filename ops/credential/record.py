"""When a credential was last verified, and how that ended: a small file in the project's home. Holds no secret."""

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from components.machine import MachineFolders

ACCEPTED: Final = "accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """A verification: its time, its end in words, and the image that asked."""

    at: dt.datetime
    outcome: str
    image: str


def note(folders: MachineFolders, stack: str, verification: Verification) -> None:
    """Keep a stack's last verification."""
    file = _file(folders, stack)
    file.parent.mkdir(parents=True, exist_ok=True)
    values = {"at": verification.at.isoformat(), "outcome": verification.outcome, "image": verification.image}
    file.write_text(json.dumps(values) + "\n", encoding="utf-8")


def last(folders: MachineFolders, stack: str) -> Verification | None:
    """Return a stack's last verification on this machine, None where there is none that can be read."""
    try:
        values = json.loads(_file(folders, stack).read_text(encoding="utf-8"))
        return Verification(
            at=dt.datetime.fromisoformat(values["at"]), outcome=str(values["outcome"]), image=str(values["image"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _file(folders: MachineFolders, stack: str) -> Path:
    return folders.home / "auth" / f"{stack}.json"
