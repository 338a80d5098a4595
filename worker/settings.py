"""The worker's settings: read once from the environment into a frozen object.

Reports every problem at once. Reads no other source, and nothing in the worker reads the environment after this.
"""

import json
import math
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeVar, cast
from urllib.parse import urlsplit

from course import jobs
from course.credential import FILE_VARIABLE, strays
from worker.errors import ConfigurationError
from worker.secret import Secret

Mode = Literal["production", "development"]
T = TypeVar("T")

_PREFIX: Final = "FONDATION_"
_DEFAULT_CLI: Final = '["/opt/fondation/venv/bin/python","/opt/fondation/cli/dist/cli.bundled.pyz"]'
HELP: Final = """\
  CONVEX_URL                      the backend's address (required)
  NODE_ENV                        production (JSON log) or development (readable log); default production
  FONDATION_BACKEND_KEY_FILE      file with the backend's key; without it, none is sent
  FONDATION_WORKER_NAME           name in job tokens and logs; default the host's name
  FONDATION_DATA_DIR              folder for running jobs (work/) and failed ones (kept/); default /var/lib/fondation
  FONDATION_LEASE_S               seconds a job stays ours without a heartbeat; default 30
  FONDATION_HEARTBEAT_S           seconds between heartbeats; default 10
  FONDATION_POLL_S                seconds between claims when no subscription wakes the worker; default 5
  FONDATION_JOB_DEADLINE_S        seconds a job may take; default 3600
  FONDATION_DRAIN_S               seconds running jobs have after SIGTERM; default 60
  FONDATION_CONCURRENCY           jobs at a time; default 1
  FONDATION_ENGINE                static or claude; default static
  FONDATION_CLAUDE_TOKEN_FILE     file with the model's credential, read at every use; engine claude needs it
  FONDATION_CLAUDE_BASE_URL       address of the model's service, for the CLI; default Anthropic's own
  FONDATION_CLI                   the CLI's command line as a JSON list
  FONDATION_LOCAL_REPOSITORIES    folder whose bare repositories may be named by file URLs; default none
  FONDATION_REPOSITORY_MAX_BYTES  largest clone in bytes; default 524288000
  FONDATION_REPOSITORY_MAX_FILES  largest clone in files; default 50000
  FONDATION_HEALTH_HOST           address of the health server; default 0.0.0.0
  FONDATION_HEALTH_PORT           its port, 0 for any; default 8080
"""
_KEY_MAX_BYTES: Final = 16_384
_MODEL: Final = (FILE_VARIABLE, "FONDATION_CLAUDE_BASE_URL")
_PASSED_THROUGH: Final = ("PATH", "GIT_SSL_CAINFO", "SSL_CERT_FILE", "SSL_CERT_DIR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set.

    Durations are seconds. `child_environment` is what git and the CLI may inherit, `model_environment` what the CLI
    gets beside it: where the credential is, never the credential.
    """

    convex_url: str
    backend_key: Secret | None
    backend_key_file: Path | None
    mode: Mode
    name: str
    data_dir: Path
    lease_s: float
    heartbeat_s: float
    poll_s: float
    job_deadline_s: float
    drain_s: float
    concurrency: int
    engine: str
    credential_file: Path | None
    cli: tuple[str, ...]
    local_repositories: Path | None
    repository_max_bytes: int
    repository_max_files: int
    health_host: str
    health_port: int
    child_environment: Mapping[str, str]
    model_environment: Mapping[str, str]


class _Reader:
    """Reads variables and gathers what is wrong with them; a wrong one yields its default to read on."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._seen: set[str] = set()
        self.problems: list[str] = []

    def read(self, name: str, default: str | None, parse: Callable[[str], T]) -> T | None:
        """Return the parsed value, or None when it is absent without a default, or wrong."""
        self._seen.add(name)
        text = self._environment.get(name, "").strip() or default
        if text is None:
            return None
        try:
            return parse(text)
        except ValueError as error:
            self.problems.append(f"{name}={text!r}: {error}")
            return None

    def refuse_unknown(self) -> None:
        """Report variables of ours that nothing reads: a mistyped name must not pass for a default."""
        unknown = sorted(name for name in self._environment if name.startswith(_PREFIX) and name not in self._seen)
        self.problems.extend(
            f"{name}: the worker has no such setting; correct its name or remove it" for name in unknown
        )


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings of this process.

    Raises:
        ConfigurationError: One line for each variable that is missing, wrong or unknown.
    """
    reader = _Reader(environment)
    if not environment.get("CONVEX_URL", "").strip():
        reader.problems.append("CONVEX_URL: missing; give the backend's address, such as http://backend:3210")
    values = {
        "convex_url": reader.read("CONVEX_URL", None, _convex_url),
        "backend_key": reader.read("FONDATION_BACKEND_KEY_FILE", None, _secret_file),
        "backend_key_file": reader.read("FONDATION_BACKEND_KEY_FILE", None, Path),
        "mode": reader.read("NODE_ENV", "production", _mode),
        "name": reader.read("FONDATION_WORKER_NAME", socket.gethostname(), _name),
        "data_dir": reader.read("FONDATION_DATA_DIR", "/var/lib/fondation", _absolute),
        "lease_s": reader.read("FONDATION_LEASE_S", str(jobs.LEASE_MS / 1000), _seconds),
        "heartbeat_s": reader.read("FONDATION_HEARTBEAT_S", str(jobs.HEARTBEAT_MS / 1000), _seconds),
        "poll_s": reader.read("FONDATION_POLL_S", "5", _seconds),
        "job_deadline_s": reader.read("FONDATION_JOB_DEADLINE_S", str(jobs.JOB_DEADLINE_S), _seconds),
        "drain_s": reader.read("FONDATION_DRAIN_S", str(jobs.DRAIN_S), _seconds_or_zero),
        "concurrency": reader.read("FONDATION_CONCURRENCY", "1", _between(1, 64)),
        "engine": reader.read("FONDATION_ENGINE", "static", _engine),
        "credential_file": reader.read(FILE_VARIABLE, None, _absolute),
        "cli": reader.read("FONDATION_CLI", _DEFAULT_CLI, _argv),
        "local_repositories": reader.read("FONDATION_LOCAL_REPOSITORIES", None, _absolute),
        "repository_max_bytes": reader.read("FONDATION_REPOSITORY_MAX_BYTES", "524288000", _between(1, 1 << 40)),
        "repository_max_files": reader.read("FONDATION_REPOSITORY_MAX_FILES", "50000", _between(1, 10_000_000)),
        "health_host": reader.read("FONDATION_HEALTH_HOST", "0.0.0.0", str),  # noqa: S104 - the container's own network
        "health_port": reader.read("FONDATION_HEALTH_PORT", "8080", _between(0, 65_535)),
        "child_environment": {name: environment[name] for name in _PASSED_THROUGH if environment.get(name)},
    }
    values["model_environment"] = {name: text for name in _MODEL if (text := reader.read(name, None, str))}
    reader.refuse_unknown()
    reader.problems.extend(
        f"{name}: set in the worker's environment, where it would be used, and billed, unnoticed; remove it and"
        " deliver the credential with `bin/fondation auth login`"
        for name in strays(environment)
    )
    if values["engine"] == "claude" and values["credential_file"] is None:
        reader.problems.append(
            f"{FILE_VARIABLE}: missing; engine claude needs a credential: run `bin/fondation auth login`"
        )
    lease_s, heartbeat_s = cast("float | None", values["lease_s"]), cast("float | None", values["heartbeat_s"])
    if lease_s and heartbeat_s and heartbeat_s * 2 > lease_s:
        reader.problems.append(
            f"FONDATION_HEARTBEAT_S={heartbeat_s:g}: must be at most half of FONDATION_LEASE_S={lease_s:g}, "
            "so that one lost heartbeat does not lose the job"
        )
    if reader.problems:
        raise ConfigurationError(tuple(reader.problems))
    return Settings(**values)  # type: ignore[arg-type]  # no problem was found, so every value has its field's type


def _convex_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValueError("expected an http or https address without user name, query or fragment")
    if parts.hostname.endswith(".convex.site"):
        raise ValueError("that is the address of HTTP actions; expected the deployment's .convex.cloud address")
    return text.rstrip("/")


def _secret_file(text: str) -> Secret:
    try:
        with open(_absolute(text), encoding="utf-8") as file:  # noqa: PTH123 - read bounded, not whole
            value = file.read(_KEY_MAX_BYTES).strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ValueError(f"the file cannot be read ({reason}); write the backend's key into it") from error
    if not value:
        raise ValueError("the file is empty; write the backend's key into it")
    return Secret(value)


def _mode(text: str) -> Mode:
    if text not in {"production", "development"}:
        raise ValueError("expected production or development")
    return cast("Mode", text)


def _name(text: str) -> str:
    if len(text) > 100 or not all(character.isalnum() or character in "._-" for character in text):  # noqa: PLR2004
        raise ValueError("expected at most 100 letters, digits, dots, dashes and underscores")
    return text


def _absolute(text: str) -> Path:
    path = Path(text)
    if not path.is_absolute():
        raise ValueError("expected an absolute path")
    return path


def _seconds(text: str) -> float:
    value = _seconds_or_zero(text)
    if value == 0:
        raise ValueError("expected a number of seconds above 0")
    return value


def _seconds_or_zero(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 7 * 24 * 3600:
        raise ValueError("expected a number of seconds, at most a week")
    return value


def _between(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise ValueError(f"expected a whole number from {low} to {high}")
        return int(text)

    return parse


def _engine(text: str) -> str:
    if text not in {"static", "claude"}:
        raise ValueError("expected static or claude")
    return text


def _argv(text: str) -> tuple[str, ...]:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, list) or not value or not all(isinstance(item, str) and item for item in value):
        raise ValueError('expected a JSON list of strings, such as ["/usr/bin/python3","/path/to/cli.pyz"]')
    if not os.path.isabs(value[0]):  # noqa: PTH117 - a question about text
        raise ValueError("expected the program's absolute path as first item")
    return tuple(value)
