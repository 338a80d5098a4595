"""The worker's environment variables, one row each: what it fills, how it is read, its default, its line of help."""

import json
import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, cast, get_args
from urllib.parse import urlsplit

from course import jobs
from course.credential import FILE_VARIABLE
from course.git_credentials import FILE_VARIABLE as GIT_FILE_VARIABLE
from course.steps import Language
from worker.secret import Secret

Mode = Literal["production", "development"]
CliKind = Literal["own", "bundle"]

_DEFAULT_CLI: Final = '["/opt/fondation/venv/bin/python","/opt/fondation/cli/dist/cli.bundled.pyz"]'
_KEY_MAX_BYTES: Final = 16_384


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


def _cli_kind(text: str) -> str:
    if text not in get_args(CliKind):
        raise ValueError(f"expected {' or '.join(get_args(CliKind))}")
    return text


def _language(text: str) -> str:
    if text not in get_args(Language):
        raise ValueError(f"expected {' or '.join(get_args(Language))}")
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One environment variable: the field that it fills, its default as text, how it is read, and what it is for.

    `shown` is the default as the help shows it, where that is not the text itself.
    """

    name: str
    field: str
    parse: Callable[[str], object]
    help: str
    default: str | None = None
    shown: str = ""


VARIABLES: Final = (
    Variable(name="CONVEX_URL", field="convex_url", parse=_convex_url, help="the backend's address (required)"),
    Variable(
        name="NODE_ENV",
        field="mode",
        parse=_mode,
        default="production",
        help="production (JSON log) or development (readable log)",
    ),
    Variable(
        name="FONDATION_BACKEND_KEY_FILE",
        field="backend_key",
        parse=_secret_file,
        help="file with the backend's key; without it, none is sent",
    ),
    Variable(
        name="FONDATION_WORKER_NAME",
        field="name",
        parse=_name,
        help="name in job tokens and logs",
        shown="the host's name",
    ),
    Variable(
        name="FONDATION_DATA_DIR",
        field="data_dir",
        parse=_absolute,
        default="/var/lib/fondation",
        help="folder for running jobs (work/) and failed ones (kept/)",
    ),
    Variable(
        name="FONDATION_LEASE_S",
        field="lease_s",
        parse=_seconds,
        default=f"{jobs.LEASE_MS / 1000:g}",
        help="seconds a job stays ours without a heartbeat",
    ),
    Variable(
        name="FONDATION_HEARTBEAT_S",
        field="heartbeat_s",
        parse=_seconds,
        default=f"{jobs.HEARTBEAT_MS / 1000:g}",
        help="seconds between heartbeats",
    ),
    Variable(
        name="FONDATION_POLL_S",
        field="poll_s",
        parse=_seconds,
        default="5",
        help="seconds between claims when no subscription wakes the worker",
    ),
    Variable(
        name="FONDATION_JOB_DEADLINE_S",
        field="job_deadline_s",
        parse=_seconds,
        default=str(jobs.JOB_DEADLINE_S),
        help="seconds a job may take",
    ),
    Variable(
        name="FONDATION_DRAIN_S",
        field="drain_s",
        parse=_seconds_or_zero,
        default=str(jobs.DRAIN_S),
        help="seconds running jobs have after SIGTERM",
    ),
    Variable(
        name="FONDATION_CONCURRENCY", field="concurrency", parse=_between(1, 64), default="1", help="jobs at a time"
    ),
    Variable(
        name="FONDATION_COURSE_LANGUAGE",
        field="course_language",
        parse=_language,
        default="en",
        help="language of courses whose job names none: en or fr",
    ),
    Variable(name="FONDATION_ENGINE", field="engine", parse=_engine, default="static", help="static or claude"),
    Variable(
        name=FILE_VARIABLE,
        field="credential_file",
        parse=_absolute,
        help="file with the model's credential, read at every use; engine claude needs it",
    ),
    Variable(
        name="FONDATION_CLI",
        field="cli",
        parse=_argv,
        default=_DEFAULT_CLI,
        help="the CLI's command line as a JSON list",
    ),
    Variable(
        name="FONDATION_CLI_KIND",
        field="cli_kind",
        parse=_cli_kind,
        default="own",
        help="own, or bundle: the existing CLI, which writes into the clone",
    ),
    Variable(
        name="FONDATION_LOCAL_REPOSITORIES",
        field="local_repositories",
        parse=_absolute,
        help="folder whose bare repositories may be named by file URLs",
        shown="none",
    ),
    Variable(
        name=GIT_FILE_VARIABLE,
        field="git_credentials_file",
        parse=_absolute,
        help="file with the credentials for private repositories, read at every clone",
        shown="none",
    ),
    Variable(
        name="FONDATION_SANDBOX",
        field="sandbox",
        parse=_absolute,
        help="folder through which examples are handed to a sandbox to be run",
        shown="none",
    ),
    Variable(
        name="FONDATION_REPOSITORY_MAX_BYTES",
        field="repository_max_bytes",
        parse=_between(1, 1 << 40),
        default="524288000",
        help="largest clone in bytes",
    ),
    Variable(
        name="FONDATION_REPOSITORY_MAX_FILES",
        field="repository_max_files",
        parse=_between(1, 10_000_000),
        default="50000",
        help="largest clone in files",
    ),
    Variable(
        name="FONDATION_HEALTH_HOST",
        field="health_host",
        parse=str,
        default="0.0.0.0",  # noqa: S104 - the container's own network
        help="address of the health server",
    ),
    Variable(
        name="FONDATION_HEALTH_PORT",
        field="health_port",
        parse=_between(0, 65_535),
        default="8080",
        help="its port, 0 for any",
    ),
)
# Passed on to the CLI, which reads them.
MODEL_VARIABLES: Final = tuple(
    Variable(name=name, field="model_environment", parse=str, help=help_, shown=shown)
    for name, help_, shown in (
        ("FONDATION_CLAUDE_BASE_URL", "address of the model's service, for the CLI", "Anthropic's own"),
        ("FONDATION_CLAUDE_BUDGET_USD", "most US dollars of a job, for the CLI", "no limit"),
        ("FONDATION_CLAUDE_EFFORT", "how much the model thinks, for the CLI", "Claude Code's own"),
        ("FONDATION_CLAUDE_FALLBACK_MODELS", "models that may answer in its place, for the CLI", "none"),
        ("FONDATION_CLAUDE_MODEL", "model that writes, for the CLI", "Claude Code's own"),
        ("FONDATION_CLAUDE_PARALLEL", "calls at once, for the CLI", "1"),
        ("FONDATION_CLAUDE_TOKENS_MAX", "most tokens of a job, for the CLI", "no limit"),
        ("FONDATION_CLAUDE_WHEN_LIMITED", "wait or static, for the CLI", "wait"),
    )
)


def help_text() -> str:
    """Return one line for each variable."""
    return "".join(_help_line(variable) for variable in (*VARIABLES, *MODEL_VARIABLES))


def _help_line(variable: Variable) -> str:
    default = variable.shown or variable.default
    shown = f"; default {default}" if default and variable.name != "FONDATION_CLI" else ""
    return f"  {variable.name:31} {variable.help}{shown}\n"
