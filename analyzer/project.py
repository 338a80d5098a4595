"""What a project calls itself: in its manifest, in its README's title, by its only package.

Never by its folder's name: two clones of one commit must give the same bytes.
"""

import html
import json
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from analyzer.code.repository import Repository
from analyzer.documentation.model import PageRole
from analyzer.documentation.titles import is_meta, is_start
from analyzer.markup import one_line

NAME_MAX_CHARS: Final = 60
TITLE_MAX_WORDS: Final = 4
UNNAMED: Final = "the project"
_STATED: Final = (
    ("setup.py", re.compile(r"^\s*(?:name|NAME)\s*=\s*['\"](?P<name>[\w.-]+)['\"]")),
    ("setup.cfg", re.compile(r"^name\s*=\s*(?P<name>\S+)")),
    ("go.mod", re.compile(r"^module\s+(?:\S*/)?(?P<name>(?!v\d+\s*$)[^/\s]+)(?:/v\d+)?\s*$")),
    (".gemspec", re.compile(r"^\s*\w+\.name\s*=\s*['\"](?P<name>[^'\"]+)")),
    ("Package.swift", re.compile(r"^(?:.*\bPackage\()?\s*name:\s*\"(?P<name>[^\"]+)\"")),
    ("build.sbt", re.compile(r"^\s*name\s*:=\s*\"(?P<name>[^\"]+)\"")),
    ("CMakeLists.txt", re.compile(r"^\s*project\s*\(\s*\"?(?P<name>\w[\w.+-]*)", re.IGNORECASE)),
    ("meson.build", re.compile(r"^\s*project\s*\(\s*'(?P<name>[^']+)'")),
)
# Builds of many parts call their root by what it is for; a title says more, where there is one.
_ROOTS: Final = (
    ("settings.gradle", re.compile(r"^rootProject\.name\s*=\s*['\"](?P<name>[^'\"]+)")),
    ("settings.gradle.kts", re.compile(r"^rootProject\.name\s*=\s*['\"](?P<name>[^'\"]+)")),
    ("pom.xml", re.compile(r"^\s{0,4}<artifactId>(?P<name>[^<]+)")),
)
_ROOT_SUFFIX: Final = re.compile(r"[-_](root|parent|project|build)$")
_ADDRESS: Final = re.compile(r"[/:][\w.-]+/(?P<name>[\w.-]+?)(?:\.git)?/?$")
_MARKUP: Final = re.compile(r"\[?!\[[^\]]*\]\S*|<[^>]*>|\[(?=[^\]]*\]\()|\]\([^)]*\)|[`*#]")
_LEAD: Final = re.compile(r"^(what is|what's|about|welcome to|introduction to|introducing|the)\s+", re.IGNORECASE)


def project_name(files: Mapping[str, Sequence[str]], parsed: Repository) -> str:
    """Return the name: at most `NAME_MAX_CHARS` characters on one line."""
    stated = (*_by_manifest(files), *_by_line(files, _STATED), *_by_scripts(files))
    titled = (*_by_title(parsed), *_by_line(files, _ROOTS))
    found = (*stated, *_by_solution(files), *titled, *_by_part(files), *_by_package(parsed), UNNAMED)
    return one_line(found[0])[:NAME_MAX_CHARS]


def _by_manifest(files: Mapping[str, Sequence[str]]) -> Iterator[str]:
    python = _read(files, "pyproject.toml", tomllib.loads)
    tools = _table(python, "tool")
    for table in (
        _table(python, "project"), _table(tools, "poetry"), _table(tools, "flit", "metadata"),
        _table(_read(files, "Cargo.toml", tomllib.loads), "package"), _read(files, "composer.json", json.loads),
    ):  # fmt: skip
        if isinstance(name := table.get("name"), str) and name.strip():
            yield name.strip()


def _by_scripts(files: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """What npm reads: beside another manifest that is often the site or the tools of a project in another language."""
    package = _read(files, "package.json", json.loads)
    if isinstance(name := package.get("name"), str) and name.strip():
        yield name.strip()
    # The root of several packages has no name of its own, but an address.
    address = package.get("repository")
    address = address.get("url") if isinstance(address, dict) else address
    if isinstance(address, str) and (found := _ADDRESS.search(address)):
        yield found["name"]


def _read(files: Mapping[str, Sequence[str]], path: str, parse: Callable[[str], object]) -> Mapping[str, Any]:
    """A manifest's content; empty where there is none that can be read."""
    try:
        content = parse("\n".join(files.get(path, ())))
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _table(content: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    for key in keys:
        inner = content.get(key)
        content = inner if isinstance(inner, dict) else {}
    return content


def _by_line(files: Mapping[str, Sequence[str]], known: Sequence[tuple[str, re.Pattern[str]]]) -> Iterator[str]:
    for ending, pattern in known:
        for path in sorted(path for path in files if "/" not in path and path.endswith(ending)):
            matches = (pattern.match(line) for line in files[path])
            yield from (_ROOT_SUFFIX.sub("", match["name"].strip("\"',")) for match in matches if match)


def _by_solution(files: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """What .NET's list of projects is called, where there is one."""
    found = [path.rpartition(".")[0] for path in files if "/" not in path and path.endswith((".sln", ".slnx"))]
    yield from found if len(found) == 1 else ()


def _by_title(parsed: Repository) -> Iterator[str]:
    """The first heading of the README, without badges, where it is a name rather than a sentence."""
    for page in parsed.documentation.of_role(PageRole.README):
        titled = [section for section in page.sections if section.title][:1]
        for section in [s for s in titled if s.level == 1 and not is_meta(s.title) and not is_start(s.title)]:
            plain = html.unescape(_MARKUP.sub(" ", section.title)).split(":")[0].split(" - ")[0]
            plain = "".join(sign for sign in plain if unicodedata.category(sign) != "So")
            title = _LEAD.sub("", one_line(plain).strip(" ?!.\u2013\u2014-"))
            if title and len(title.split()) <= TITLE_MAX_WORDS:
                yield title


def _by_part(files: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The part of a workspace that other parts are named after: `axum` beside `axum-core`."""
    manifests = [path for path in sorted(files) if path.endswith("/Cargo.toml")]
    names = [_table(_read(files, path, tomllib.loads), "package").get("name") for path in manifests]
    parts = [name for name in names if isinstance(name, str)]
    beside = {name: sum(other.startswith((f"{name}-", f"{name}_")) for other in parts) for name in parts}
    yield from sorted((name for name in beside if beside[name]), key=lambda name: (-beside[name], name))


def _by_package(parsed: Repository) -> Iterator[str]:
    packages = {module.name.split(".")[0] for module in parsed.subjects if "." in module.name}
    yield from packages - {""} if len(packages) == 1 else ()
    folders = [module.path.rpartition("/")[0].rpartition("/")[2] for module in parsed.subjects if "/" in module.path]
    yield from sorted(set(folders), key=lambda name: (-folders.count(name), name))
