"""What kind of project a repository is, read off its manifests: something to import, or something to run."""

import json
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from analyzer.code.model import Module
from analyzer.code.roles import MARKUP
from analyzer.concepts.evidence import Evidence
from analyzer.graph.entry import Entry, EntryKind, answers_requests

DOCUMENTED_MIN: Final = 3
SURROUNDING: Final = frozenset({"bash", "hcl", "yaml"}) | MARKUP
# What an index takes: a page of its own that a library brings along makes no program of it.
_OFFERED: Final = re.compile(r"^[^/]+\.(gemspec|podspec|nuspec)$")
_C_LIBRARY: Final = re.compile(r"^\s*(add_library|library|shared_library|static_library)\s*\(")
_GO_MAIN: Final = re.compile(r"^(main|cmd/[^/]+/main|cmd/main)\.go$")


class ProjectKind(StrEnum):
    """What a newcomer does with it."""

    LIBRARY = "library"
    APPLICATION = "application"


def kind_of(evidence: Evidence, files: Mapping[str, Sequence[str]], entries: Sequence[Entry]) -> ProjectKind:
    """A library when its main language's manifest or exports say that it is imported; else an application."""
    subjects = evidence.links.repository.subjects
    sizes: dict[str, int] = {}
    for module in subjects:
        sizes[module.language] = sizes.get(module.language, 0) + module.line_count
    # What builds and ships a project says nothing of what it is, where there is anything else.
    language = max(sizes, key=lambda name: (name not in SURROUNDING, sizes[name], name), default="")
    is_served = answers_requests(entries)
    if language == "python":
        is_library = _is_python_library(evidence, files, is_served=is_served)
    elif language in {"javascript", "typescript", "jsx", "tsx"}:
        is_library = _is_npm_library(files, is_served=is_served)
    elif language == "rust":
        is_library = _is_rust_library(files) and not (is_served and "src/main.rs" in files)
    elif language == "go":
        is_library = _is_go_library(subjects, files)
    elif language in {"c", "cpp"} and any(entry.kind is EntryKind.PROGRAM for entry in entries):
        is_library = _is_c_library(files)
    else:
        is_offered = not is_served or any(_OFFERED.match(path) for path in files)
        is_library = language not in SURROUNDING and bool(evidence.public) and is_offered
    return ProjectKind.LIBRARY if is_library else ProjectKind.APPLICATION


def _is_python_library(evidence: Evidence, files: Mapping[str, Sequence[str]], *, is_served: bool) -> bool:
    """Names that are handed out, and that the documentation uses or an index could offer."""
    modules = [module for module in evidence.links.repository.subjects if module.language == "python"]
    is_one_file = len(modules) == 1 and "/" not in modules[0].path  # which is all there is to import
    keys = evidence.public if is_one_file else evidence.exported
    symbols = [evidence.links.symbols[key] for key in keys if key in evidence.links.symbols]
    # What a part in another language exports says nothing: a service may bring a package for its own use along.
    names = [found.name for found in symbols if evidence.links.modules[found.span.path].language == "python"]
    documented = sum(name in evidence.mentioned_in for name in names)
    text = [line.strip() for path in ("pyproject.toml", "setup.cfg", "setup.py") for line in files.get(path, ())]
    has_programs = any(
        "console_scripts" in line or line in {"[project.scripts]", "[tool.poetry.scripts]"} for line in text
    )
    is_installable = "[build-system]" in text or "setup.py" in files
    is_offered = (not text and not is_served) or (is_installable and not has_programs)
    return bool(names) and (is_offered or documented >= min(DOCUMENTED_MIN, max(1, len(names) // 2)))


def _is_c_library(files: Mapping[str, Sequence[str]]) -> bool:
    """Whether headers are handed out, or a build says that it makes a library."""
    builds = (line for path in files if path.endswith(("CMakeLists.txt", "meson.build")) for line in files[path])
    return any(path.startswith("include/") for path in files) or any(_C_LIBRARY.search(line) for line in builds)


def _is_npm_library(files: Mapping[str, Sequence[str]], *, is_served: bool) -> bool:
    """What a manifest hands out; `main` alone may be where a service starts."""
    handed = {"module", "exports", "types"} | (set() if is_served else {"main"})
    paths = [path for path in files if path.rpartition("/")[2] == "package.json"]
    for path in sorted(paths, key=lambda path: path.count("/"))[:8]:
        try:
            content = json.loads("\n".join(files[path]))
        except (ValueError, RecursionError):
            continue
        if isinstance(content, dict) and handed & content.keys():
            return True
    return not is_served and (
        "package.json" not in files or any(path in files for path in ("index.js", "index.ts", "src/index.ts"))
    )


def _is_rust_library(files: Mapping[str, Sequence[str]]) -> bool:
    """What the package at the root is, where there is one; else whether any package of the workspace is a library."""
    manifest = [line.strip() for line in files.get("Cargo.toml", ())]
    if "[package]" in manifest:
        return "src/lib.rs" in files or "[lib]" in manifest
    return any(path.endswith("src/lib.rs") for path in files)


def _is_go_library(subjects: Sequence[Module], files: Mapping[str, Sequence[str]]) -> bool:
    at_root = [module for module in subjects if module.language == "go" and "/" not in module.path]
    mains = [path for path in files if _GO_MAIN.match(path)]
    return (
        bool(at_root) and not any(re.match(r"package main\b", line) for m in at_root for line in files[m.path])
    ) or not mains
