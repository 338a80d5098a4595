"""The worker's settings: read once from the environment into a frozen object.

Reports every problem at once. Reads no other source, and nothing in the worker reads the environment after this.
"""

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar, cast

from course.credential import FILE_VARIABLE, strays
from course.steps import Language
from worker.errors import ConfigurationError
from worker.secret import Secret
from worker.variables import MODEL_VARIABLES, VARIABLES, CliKind, Mode

T = TypeVar("T")

_PREFIX: Final = "FONDATION_"
_MODEL: Final = (FILE_VARIABLE, *(variable.name for variable in MODEL_VARIABLES))
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
    course_language: Language
    credential_file: Path | None
    cli: tuple[str, ...]
    cli_kind: CliKind
    local_repositories: Path | None
    git_credentials_file: Path | None
    sandbox: Path | None
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
    defaults = {"name": socket.gethostname()}
    values: dict[str, object] = {
        variable.field: reader.read(variable.name, variable.default or defaults.get(variable.field), variable.parse)
        for variable in VARIABLES
    }
    values["backend_key_file"] = reader.read("FONDATION_BACKEND_KEY_FILE", None, Path)
    values["child_environment"] = {name: environment[name] for name in _PASSED_THROUGH if environment.get(name)}
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
