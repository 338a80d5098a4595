"""The stack's configuration: every `fondation:` key, read once into a frozen object.

All problems are reported at once, each with its key, value, expected form and remedy. Values that are secrets never
appear in a message.
"""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails

from components.claude_code import integrity_problem
from components.cli_bundle import bundle_problems
from components.credential import AuthMode, credential_problems
from components.stack_names import NAMESPACE
from course.git_credentials import parse_git_credentials
from course.steps import Language

SECRET_MIN_CHARACTERS: Final = 16
UNTOLD: Final = "x" * 40
"""Stands for a secret that need not be known: whether it is set can be judged without it."""
_ENVIRONMENT: Final = "what the stack is for: `development` or `production`"
_SECRET_KEYS: Final = frozenset({"backendKey", "webToken", "claudeToken", "gitCredentials"})
_PRODUCTION_KEYS: Final = {
    "convexUrl": "https://<deployment>.convex.cloud",
    "backendKey": "--secret",
    "webToken": "--secret",
}


class ConfigurationError(Exception):
    """The stack's configuration cannot be used; the message lists every problem."""


class ScaleMode(StrEnum):
    """How the workers run: one container, or replicas as a service of a Docker swarm."""

    SINGLE = "single"
    SWARM = "swarm"


class Environment(StrEnum):
    """What a stack is for; production forbids what is only safe on one's own machine."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


def _url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        raise ValueError("expected an http(s) URL without credentials")
    return value.rstrip("/")


def _secret(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if len(text) < SECRET_MIN_CHARACTERS or any(character.isspace() for character in text):
        raise ValueError(f"expected at least {SECRET_MIN_CHARACTERS} characters without white space")
    return value


def _git_credentials(value: SecretStr) -> SecretStr:
    if value.get_secret_value() != UNTOLD:
        parse_git_credentials(value.get_secret_value())
    return value


Port = Annotated[int, Field(ge=1, le=65535)]
Url = Annotated[str, AfterValidator(_url)]
Secret = Annotated[SecretStr, AfterValidator(_secret)]


class StackKeys(BaseModel):
    """The keys of one stack, each well formed by itself; `StackConfiguration` is the whole, complete and consistent.

    A field's key is its name in camel case, such as `fondation:webPort`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, hide_input_in_errors=True)

    environment: Environment | None = Field(default=None, description=_ENVIRONMENT)
    web_port: Port = Field(default=8420, description="port of the web page, published on 127.0.0.1")
    backend_port: Port = Field(
        default=8421, description="port of the embedded backend, published on 127.0.0.1 in development"
    )
    convex_url: Url | None = Field(
        default=None, description="URL of a Convex deployment; without it the stack runs the embedded backend"
    )
    backend_key: Secret | None = Field(
        default=None, description="secret: key for writing to the backend; in development set-up makes one"
    )
    web_token: Secret | None = Field(
        default=None, description="secret: access token that the web page asks for; required in production"
    )
    engine: Literal["static", "claude"] = Field(
        default="static", description="engine of the analysis: `static`, or `claude` (Claude Code)"
    )
    auth_mode: AuthMode = Field(
        default=AuthMode.NONE,
        description="where the credential for `claude` is: `none`, `runtime` or `api-key` (a mounted secret), `baked`",
    )
    claude_token: SecretStr | None = Field(
        default=None, description="secret: the credential; `bin/fondation auth login` sets it, with the two dates below"
    )
    git_credentials: Annotated[SecretStr, AfterValidator(_git_credentials)] | None = Field(
        default=None,
        description="secret: what private repositories are read with; `bin/fondation git login` sets it",
    )
    claude_token_since: dt.date | None = Field(default=None, description="day on which the credential was made")
    claude_token_expires: dt.date | None = Field(
        default=None, description="first day on which the credential is no longer good; a metric and an alert"
    )
    claude_version: str | None = Field(
        default=None,
        pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$",
        description="version of Claude Code (default in requirements/claude.json)",
    )
    claude_integrity: str | None = Field(
        default=None,
        pattern=r"^sha512-[A-Za-z0-9+/]{86}==$",
        description="npm integrity of that version's package for the daemon's architecture; goes with `claudeVersion`",
    )
    claude_base_url: Url | None = Field(
        default=None, description="address of the model's service (default Anthropic's own)"
    )
    claude_model: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@/-]*$",
        description="model that writes (default Claude Code's own); another one that answers is refused",
    )
    claude_effort: Literal["low", "medium", "high", "max"] | None = Field(
        default=None, description="how much the model thinks (default Claude Code's own)"
    )
    claude_fallback_models: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@/-]*(,[A-Za-z0-9][A-Za-z0-9._:@/-]*)*$",
        description="models that may answer where the first one is overloaded, by commas (default none)",
    )
    claude_parallel: Annotated[int, Field(ge=1, le=16)] = Field(
        default=1, description="calls to the model at once, in the steps that write; as many are repeated after a kill"
    )
    claude_when_limited: Literal["wait", "static"] = Field(
        default="wait",
        description="at the model's rate limit: `wait` until it ends, or go on with the engine `static`",
    )
    claude_tokens_max: Annotated[int, Field(ge=10_000)] | None = Field(
        default=None, description="most tokens of a job, sent and received; what is missing then is written statically"
    )
    claude_budget_usd: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="most US dollars of a job by Claude Code's own estimate; goes on statically then"
    )
    cli_bundle: Path | None = Field(
        default=None,
        description="folder with the existing CLI (`dist/cli.bundled.cjs`, `prompts/`, `package.json`); it writes then",
    )
    local_repositories: bool = Field(
        default=False, description="accept repositories imported from this machine; development only"
    )
    os_image: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9][a-z0-9._/:@-]*$",
        description="pullable Debian 12 image (default debian:bookworm-slim); packages where no registry answers",
    )
    ca_bundle: Path | None = Field(
        default=None,
        description="PEM file with certificates to trust beside the public ones, for networks that re-sign TLS",
    )
    image_namespace: str = Field(
        default="",
        pattern=r"^([a-z0-9]+([._-][a-z0-9]+)*/)?$",
        description="prefix of every image name, ending in `/`, so that stacks on one daemon keep apart",
    )
    source_url: str = Field(default="", description="where this project's source is published; a label of the images")
    worker_concurrency: Annotated[int, Field(ge=1, le=16)] = Field(default=1, description="jobs that run at once")
    worker_memory_mib: Annotated[int, Field(ge=128)] = Field(
        default=1024, description="memory limit of the worker, MiB"
    )
    worker_cpus: Annotated[float, Field(gt=0)] = Field(default=1.0, description="CPU limit of the worker")
    worker_processes: Annotated[int, Field(ge=64)] = Field(default=256, description="process limit of the worker")
    scale_mode: ScaleMode = Field(
        default=ScaleMode.SINGLE,
        description="how workers run: `single` (a container) or `swarm` (replicas as a Docker Swarm service)",
    )
    worker_replicas: Annotated[int, Field(ge=1, le=100)] = Field(
        default=1, description="workers that run at once; more than one needs `scaleMode: swarm`"
    )
    worker_placement: str = Field(
        default="node.role==manager",
        pattern=r"^([a-z][A-Za-z0-9_.-]* *(==|!=) *[A-Za-z0-9_.-]+(, *|$))*$",
        description="Swarm constraints of the workers' nodes, separated by commas; every such node needs the image",
    )
    lease_seconds: Annotated[int, Field(ge=3)] = Field(
        default=30, description="how long a claim holds without a heartbeat"
    )
    heartbeat_seconds: Annotated[int, Field(ge=1)] = Field(default=10, description="pause between heartbeats")
    job_deadline_seconds: Annotated[int, Field(ge=10)] = Field(default=3600, description="longest time a job may run")
    drain_seconds: Annotated[int, Field(ge=1)] = Field(
        default=60, description="time a stopping worker gives to its jobs before it hands them back"
    )
    backup_hours: Annotated[int, Field(ge=0, le=8_760)] = Field(
        default=0, description="pause between backups of the embedded backend in its volume; 0 makes none"
    )
    backups_kept: Annotated[int, Field(ge=1, le=1_000)] = Field(default=7, description="how many backups stay")
    health_seconds: Annotated[int, Field(ge=1, le=60)] = Field(
        default=5, description="pause between health checks; a deployment waits for the first of each new container"
    )
    course_language: Language = Field(
        default="en", description="language of courses whose job names none: `en` or `fr`"
    )
    run_examples: bool = Field(
        default=False,
        description="run the Python examples and checks of courses in a sandbox container without network and secrets",
    )
    repository_max_mib: Annotated[int, Field(ge=1)] = Field(default=500, description="largest clone, MiB")
    repository_max_files: Annotated[int, Field(ge=1)] = Field(default=50_000, description="most files in a clone")
    monitoring: bool = Field(
        default=False, description="run Prometheus with alert rules and a dashboard beside the stack"
    )
    prometheus_port: Port = Field(default=9490, description="port of Prometheus, published on 127.0.0.1")
    prometheus_image: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9][a-z0-9._/:-]*@sha256:[0-9a-f]{64}$",
        description="registry's Prometheus image to start from, with its digest; Debian's package otherwise",
    )
    alertmanager_url: Url | None = Field(
        default=None, description="URL of an Alertmanager that alerts go to; without it Prometheus alone shows them"
    )
    keep_releases: Annotated[int, Field(ge=1)] = Field(
        default=5, description="releases whose images and build folders `bin/fondation prune` leaves for a rollback"
    )

    @property
    def worker_constraints(self) -> list[str]:
        """The constraints of `worker_placement`, one by one, as Swarm writes them."""
        parts = (part.strip() for part in self.worker_placement.split(","))
        return [part.replace(" ", "") for part in parts if part]

    def has(self, key: str) -> bool:
        """Return whether a key is set, such as `has("claudeToken")`."""
        return key in {to_camel(name) for name in self.model_fields_set}

    @property
    def runs_claude_code(self) -> bool:
        """Whether our own CLI asks Claude Code; a bundle brings its own."""
        return self.engine == "claude" and self.cli_bundle is None

    @property
    def git_prefixes(self) -> tuple[str, ...]:
        """Hosts, or paths of hosts, whose private repositories can be read; none where that is not told."""
        secret = None if self.git_credentials is None else self.git_credentials.get_secret_value()
        return () if secret in {None, UNTOLD} else tuple(item.prefix for item in parse_git_credentials(secret or ""))

    @property
    def has_secrets(self) -> bool:
        """Whether a secret is among the keys that are set."""
        return any(self.has(key) for key in _SECRET_KEYS)


class StackConfiguration(StackKeys):
    """Configuration of one stack that can be deployed."""

    environment: Environment = Field(description=_ENVIRONMENT)

    @property
    def is_production(self) -> bool:
        """Whether the stack is a production one."""
        return self.environment is Environment.PRODUCTION

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        problems = []
        if self.heartbeat_seconds * 2 > self.lease_seconds:
            problems.append(
                f"fondation:heartbeatSeconds is {self.heartbeat_seconds}: expected at most half of"
                f" fondation:leaseSeconds ({self.lease_seconds})"
            )
        if self.worker_replicas > 1 and self.scale_mode is ScaleMode.SINGLE:
            problems.append(
                f"fondation:workerReplicas is {self.worker_replicas}: that needs a Docker swarm, set it with"
                " `pulumi config set fondation:scaleMode swarm`"
            )
        if self.run_examples and self.scale_mode is not ScaleMode.SINGLE:
            problems.append(
                "fondation:runExamples is true: the sandbox is reached through one machine's memory, so it needs"
                " fondation:scaleMode single; or remove it with `pulumi config rm fondation:runExamples`"
            )
        if self.web_port == self.backend_port:
            problems.append(f"fondation:backendPort is {self.backend_port}: that is fondation:webPort; choose another")
        if self.monitoring and self.prometheus_port in {self.web_port, self.backend_port}:
            problems.append(
                f"fondation:prometheusPort is {self.prometheus_port}: that is the port of another service of the stack;"
                " choose another"
            )
        if self.ca_bundle is not None and not self.ca_bundle.is_file():
            problems.append(f"fondation:caBundle is {str(self.ca_bundle)!r}: there is no such file")
        problems += bundle_problems(self)
        if problem := integrity_problem(self.claude_version, self.claude_integrity):
            problems.append(problem)
        if self.is_production:
            problems += self._production_problems()
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def _production_problems(self) -> list[str]:
        problems = []
        if self.convex_url is not None and not self.convex_url.startswith("https://"):
            problems.append(f"fondation:convexUrl is {self.convex_url!r}: production needs https")
        if self.local_repositories:
            problems.append("fondation:localRepositories is true: production accepts https repositories only")
        return problems


def parse_configuration(values: Mapping[str, str]) -> StackConfiguration:
    """Return the configuration of a stack.

    Args:
        values: Pulumi's configuration by full key; keys of other namespaces are left alone, unless theirs is ours with
            a typing error.

    Raises:
        ConfigurationError: Something is missing, unknown or malformed; lists all of it.
    """
    own = {key.partition(":")[2]: value for key, value in values.items() if key.startswith(f"{NAMESPACE}:")}
    problems = [
        f"{key} is not a known key: write its namespace as {NAMESPACE}, or remove it with `pulumi config rm {key}`"
        for key in values
        if not key.startswith(f"{NAMESPACE}:") and get_close_matches(key.partition(":")[0], [NAMESPACE], cutoff=0.8)
    ]
    if own.get("environment") == Environment.PRODUCTION:
        # Looked for in the raw values: the model's own rules only run once every single value is well formed.
        problems += [_missing(key, form) for key, form in _PRODUCTION_KEYS.items() if key not in own]
    problems += credential_problems(own)
    try:
        configuration = StackConfiguration.model_validate(own)
    except ValidationError as error:
        problems += _described(error, own)
    if problems:
        raise _unusable(problems)
    return configuration


def parse_keys(values: Mapping[str, str]) -> StackKeys:
    """Return the keys of a stack, each by itself.

    Args:
        values: Our keys with their namespace.

    Raises:
        ConfigurationError: A key is unknown or malformed; lists all of them.
    """
    own = {key.partition(":")[2]: value for key, value in values.items()}
    try:
        return StackKeys.model_validate(own)
    except ValidationError as error:
        raise _unusable(_described(error, own)) from error


def _unusable(problems: Sequence[str]) -> ConfigurationError:
    return ConfigurationError("the stack's configuration cannot be used:\n  " + "\n  ".join(problems))


def _described(error: ValidationError, values: Mapping[str, str]) -> list[str]:
    return [line for detail in error.errors() for line in _describe(detail, values)]


def _describe(detail: ErrorDetails, values: Mapping[str, str]) -> list[str]:
    if not detail["loc"]:
        return detail["msg"].removeprefix("Value error, ").splitlines()
    key = str(detail["loc"][0])
    full = f"{NAMESPACE}:{key}"
    if detail["type"] == "extra_forbidden":
        known = ", ".join(sorted(str(field.alias) for field in StackConfiguration.model_fields.values()))
        return [f"{full} is not a known key: remove it with `pulumi config rm {full}` (known: {known})"]
    if detail["type"] == "missing":
        return [_missing(key, "development|production" if key == "environment" else "<value>")]
    shown = "set" if key in _SECRET_KEYS else json.dumps(values.get(key))
    return [f"{full} is {shown}: {detail['msg'].removeprefix('Value error, ')}"]


def _missing(key: str, form: str) -> str:
    return f"{NAMESPACE}:{key} is missing: set it with `pulumi config set {NAMESPACE}:{key} {form}`"
