"""Settings, read once from the environment into a frozen object.

No default key exists on purpose: a backend without one would accept anybody's writes.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from backend.errors import SettingsError

KEY_MIN_CHARACTERS = 8
PORT_MAX = 65535
NUMBER_MAX = 10_000
MEMORY = ":memory:"
DATABASE = "/var/lib/fondation/backend.sqlite3"

HELP = """\
usage: python -m backend [--help]

Serves Convex's HTTP function API and sync protocol from one SQLite file.

environment:
  FONDATION_BACKEND_KEY_FILE  file that holds the key which every write must present (required)
  FONDATION_DATABASE          database file (default /var/lib/fondation/backend.sqlite3; ":memory:" keeps nothing)
  FONDATION_OPEN_READS        true: queries need no key (default false)
  FONDATION_HOST              address to listen on (default 0.0.0.0)
  FONDATION_BACKUP_HOURS      pause between backups, in hours (default 0: none is made)
  FONDATION_BACKUPS_KEPT      how many backups stay (default 7)
  FONDATION_PORT              port to listen on (default 3210; 0 takes a free one and prints it)
"""


@dataclass(frozen=True, slots=True)
class Key:
    """The backend's key; its text never shows up in a repr."""

    text: str

    def matches(self, candidate: str) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(self.text.encode(), candidate.encode(errors="replace"))

    def __repr__(self) -> str:
        return "Key(***)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one backend process is told."""

    key: Key
    database: str = DATABASE
    open_reads: bool = False
    host: str = "0.0.0.0"  # noqa: S104 - inside a container every interface is the container's network
    port: int = 3210
    backup_hours: int = 0
    backups_kept: int = 7

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the settings.

        Raises:
            SettingsError: With one line per problem.
        """
        problems: list[str] = []
        key = _read_key(environment.get("FONDATION_BACKEND_KEY_FILE", ""), problems)
        defaults = cls(key=key)
        settings = cls(
            key=key,
            database=database_in(environment),
            open_reads=_read_flag("FONDATION_OPEN_READS", environment, problems),
            host=environment.get("FONDATION_HOST", "") or defaults.host,
            port=_read_number("FONDATION_PORT", environment, defaults.port, problems, most=PORT_MAX),
            backup_hours=_read_number("FONDATION_BACKUP_HOURS", environment, defaults.backup_hours, problems),
            backups_kept=_read_number("FONDATION_BACKUPS_KEPT", environment, defaults.backups_kept, problems, least=1),
        )
        if problems:
            raise SettingsError("\n".join(problems))
        return settings


def database_in(environment: Mapping[str, str]) -> str:
    """Return the database's file."""
    return environment.get("FONDATION_DATABASE") or DATABASE


def _read_key(file: str, problems: list[str]) -> Key:
    if not file:
        problems.append(
            "FONDATION_BACKEND_KEY_FILE is not set: name a file that holds the key for writes "
            "(for instance: head -c 32 /dev/urandom | base64 > backend.key)",
        )
        return Key("")
    try:
        text = Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"FONDATION_BACKEND_KEY_FILE={file}: cannot be read ({error}): give a readable text file")
        return Key("")
    if len(text) < KEY_MIN_CHARACTERS:
        problems.append(
            f"FONDATION_BACKEND_KEY_FILE={file}: holds {len(text)} characters, "
            f"a key has at least {KEY_MIN_CHARACTERS}: write a random one into it",
        )
    return Key(text)


def _read_flag(name: str, environment: Mapping[str, str], problems: list[str]) -> bool:
    text = environment.get(name, "") or "false"
    if text not in {"true", "false"}:
        problems.append(f"{name}={text}: expected true or false")
    return text == "true"


def _read_number(
    name: str,
    environment: Mapping[str, str],
    default: int,
    problems: list[str],
    *,
    least: int = 0,
    most: int = NUMBER_MAX,
) -> int:
    text = environment.get(name, "") or str(default)
    if text.isascii() and text.isdecimal() and least <= int(text) <= most:
        return int(text)
    problems.append(f"{name}={text}: expected a number from {least} to {most}")
    return default
