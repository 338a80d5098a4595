"""Projects of others to measure courses on: where each comes from, and what its own documentation calls central.

They are downloaded from the registries of their languages into a cache of the machine, and never become part of this
repository. `concepts` are patterns that a title or a heading of the course should match, `order` those that should come
in this order, `first` what a newcomer begins with.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CACHE: Final = Path(os.environ.get("FONDATION_HOME", Path.home() / ".cache" / "fondation")) / "bench"


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project: `source` is a registry and what it calls the release there."""

    name: str
    source: tuple[str, str]
    first: str
    concepts: Sequence[str]
    order: Sequence[str] = ()


PROJECTS: Final = (
    Project(
        name="httpx",
        source=("pypi", "httpx==0.28.1"),
        first="quick|client|api|request|get",
        concepts=(
            "quick|making|api|request", "clients?", "responses?", "requests?", "async", "timeouts?", "transports?",
            "auth", "cookies?|headers?", "proxies|proxy|mounts?", "exceptions?|errors?", "urls?",
        ),
        order=("quick|api|client|making", "responses?", "auth|timeouts?", "transports?"),
    ),
    Project(
        name="flask",
        source=("pypi", "flask==3.1.2"),
        first="flask|application|quick|minimal|app",
        concepts=(
            "applications?|^flask|minimal", "rout", "requests?", "responses?", "templates?", "contexts?", "blueprints?",
            "config", "sessions?", "errors?|exceptions?", "command|cli", "test", "signals?", "json",
        ),
        order=("application|flask|minimal", "rout", "requests?|responses?", "blueprints?"),
    ),
    Project(
        name="jinja2",
        source=("pypi", "jinja2==3.1.6"),
        first="templates?|environment|basics|api|quick",
        concepts=(
            "templates?", "environments?", "loaders?", "filters?", "tests?", "extensions?", "undefined", "sandbox",
            "bytecode|cache", "exceptions?|errors?", "context", "inherit|blocks?|macros?|import|include",
        ),
        order=("templates?|environments?", "loaders?|filters?", "extensions?|sandbox"),
    ),
    Project(
        name="websockets",
        source=("pypi", "websockets==15.0.1"),
        first="serve|connect|client|server|start|quick|first",
        concepts=(
            "servers?|serve", "clients?|connect", "send|receive|messages?|connections?", "broadcast",
            "keepalive|ping|heartbeat", "compress", "auth", "exceptions?|close", "rout", "sans.?i/?o|protocol",
        ),
        order=("servers?|clients?|connect", "messages?|send", "protocol|sans|extensions?"),
    ),
    Project(
        name="commander",
        source=("npm", "commander@14.0.2"),
        first="command|program|quick|start|option",
        concepts=(
            "commands?|program", "options?", "arguments?", "help", "actions?|handlers?", "errors?|exit", "hooks?|life",
            "pars",
        ),
        order=("commands?|program", "options?", "arguments?", "help"),
    ),
    Project(
        name="mux",
        source=("go", "github.com/gorilla/mux@v1.8.1"),
        first="rout|mux|example|start",
        concepts=(
            "rout(er|es|ing)", "match|pattern|variables?|vars", "middleware", "subrout", "static|walk|url|build|revers",
            "cors",
        ),
        order=("rout(er|es|ing)", "match|pattern|var", "middleware"),
    ),
    Project(
        name="gson",
        source=("maven", "com.google.code.gson:gson:2.13.2"),
        first="gson|quick|start|user",
        concepts=(
            "^gson$|gson", "builder", "adapters?", "serializ", "deserializ", "exclu|expose|annotat",
            "type ?token|generic", "reader|writer|stream", "naming|policy|strategy", "json ?element|tree",
        ),
        order=("gson", "builder|serializ", "adapters?", "reader|writer|stream"),
    ),
    Project(
        name="serde_json",
        source=("cargo", "serde_json@1.0.145"),
        first="values?|json|serde|pars|operating",
        concepts=(
            "values?", "serializ|to_", "deserializ|from_|pars", "json!|macro", "maps?", "errors?", "numbers?", "raw",
        ),
        order=("values?|pars|serializ", "errors?|maps?"),
    ),
    Project(
        name="attrs",
        source=("pypi", "attrs==25.4.0"),
        first="example|define|class|overview|attrs",
        concepts=(
            "define|example", "validat", "convert", "slots?", "hash", "init", "types?|annotat", "metadata",
            "compar|order", "exceptions?|errors?",
        ),
        order=("define|example", "validat|convert", "init|hash"),
    ),
    Project(
        name="pluggy",
        source=("pypi", "pluggy==1.6.0"),
        first="example|plugin|hook",
        concepts=(
            "hooks?", "plugin ?manager|manag|registr", "spec", "impl", "wrapper|call", "result", "trac", "warn",
            "valid|error",
        ),
        order=("hooks?|example", "regist|manag", "call|result"),
    ),
    Project(
        name="zustand",
        source=("npm", "zustand@5.0.9"),
        first="create|store|introduction|first|start",
        concepts=(
            "create|store", "middleware", "persist", "immer|redux|devtools", "react|hook", "typescript",
            "select|shallow",
        ),
        order=("create|store", "middleware|persist"),
    ),
    Project(
        name="cobra",
        source=("go", "github.com/spf13/cobra@v1.10.1"),
        first="command|guide|start|concept",
        concepts=(
            "commands?", "flags?", "arg", "help", "hooks?|prerun|postrun", "complet", "document", "version|usage",
            "active help|plugin",
        ),
        order=("commands?", "flags?", "arg", "hooks?|complet"),
    ),
    Project(
        name="anyhow",
        source=("cargo", "anyhow@1.0.100"),
        first="error|result|detail|anyhow|context",
        concepts=("errors?", "context", "results?", "bail|ensure|macro|anyhow!", "chain|source|downcast", "backtrace"),
        order=("errors?|results?", "context|chain"),
    ),
    Project(
        name="okio",
        source=("maven", "com.squareup.okio:okio-jvm:3.16.2"),
        first="buffer|okio|source|byte|file",
        concepts=(
            "buffers?", "sources?", "sinks?", "byte ?strings?", "file ?system|path", "timeouts?", "hash",
            "gzip|inflate|deflate",
        ),
        order=("buffers?|sources?", "sinks?", "timeouts?|hash"),
    ),
)  # fmt: skip
DJANGO: Final = Project(name="django", source=("pypi", "django==5.2.8"), first="", concepts=())


def fetched(project: Project) -> Path:
    """Return the project's folder in the cache, downloaded and committed on first use."""
    target = CACHE / project.name
    if not (target / ".git").is_dir():
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        scratch = CACHE / f".{project.name}"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        registry, release = project.source
        _FETCH[registry](release, scratch, target)
        shutil.rmtree(scratch)
        for arguments in (
            ["init", "--quiet"], ["add", "--all", "--force"],
            ["-c", "user.name=bench", "-c", "user.email=bench@localhost", "commit", "--quiet", "--message", release],
        ):  # fmt: skip
            _run("git", *arguments, folder=target)
    return target


def _run(*command: str, folder: Path) -> str:
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def _from_pypi(release: str, scratch: Path, target: Path) -> None:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
    _run(*pip, release, folder=scratch)
    _unpack(next(scratch.glob("*.tar.gz")), target)


def _from_npm(release: str, scratch: Path, target: Path) -> None:
    _unpack(scratch / _run("npm", "pack", "--silent", release, folder=scratch).strip().splitlines()[-1], target)


def _from_go(release: str, scratch: Path, target: Path) -> None:
    found = json.loads(_run("go", "mod", "download", "-json", release, folder=scratch))
    shutil.copytree(found["Dir"], target, dirs_exist_ok=True)
    for path in (target, *target.rglob("*")):
        path.chmod(path.stat().st_mode | 0o200)


def _from_maven(release: str, scratch: Path, target: Path) -> None:
    artifact, version = release.split(":")[1:]
    copy = ["mvn", "--quiet", "dependency:copy", f"-DoutputDirectory={scratch}"]
    _run(*copy, f"-Dartifact={release}:jar:sources", folder=scratch)
    shutil.unpack_archive(scratch / f"{artifact}-{version}-sources.jar", target, "zip")


def _from_cargo(release: str, scratch: Path, target: Path) -> None:
    crate, version = release.split("@")
    (scratch / "lib.rs").touch()
    (scratch / "Cargo.toml").write_text(
        f'[package]\nname = "bench"\nversion = "0.1.0"\nedition = "2021"\n[lib]\npath = "lib.rs"\n'
        f'[dependencies]\n{crate} = "={version}"\n'
    )
    _run("cargo", "vendor", "--quiet", "vendor", folder=scratch)
    shutil.copytree(scratch / "vendor" / crate, target, dirs_exist_ok=True)


def _unpack(archive: Path, target: Path) -> None:
    _run("tar", "--extract", "--file", str(archive), "--strip-components", "1", folder=target)


_FETCH: Final = {
    "pypi": _from_pypi, "npm": _from_npm, "go": _from_go, "maven": _from_maven, "cargo": _from_cargo,
}  # fmt: skip
