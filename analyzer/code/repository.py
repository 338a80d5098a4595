"""All modules of a snapshot: languages, roles and import names decided, every file parsed once.

Parsing is spread over processes only when there is enough of it to pay for starting them.
"""

import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Final

from tree_sitter import Parser

from analyzer.code import generic, python, roles
from analyzer.code.model import Module, Role
from analyzer.documentation.comments import read_comment
from analyzer.documentation.library import Documentation, arrange, is_page, read_page
from analyzer.documentation.model import Page
from analyzer.languages import extract
from analyzer.languages.table import TABLES
from analyzer.source.snapshot import Snapshot

PARALLEL_FROM_LINES: Final = 60_000
CHUNK_LINES: Final = 15_000
CRATE_ROOTS: Final = frozenset({"lib.rs", "main.rs"})

Task = tuple[str, str, str, Role, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """Every parsed module in path order, the pages of documentation, and the role that this course explains."""

    modules: tuple[Module, ...]
    subject: Role
    documentation: Documentation

    @property
    def subjects(self) -> tuple[Module, ...]:
        """The modules that chapters are about."""
        return tuple(module for module in self.modules if module.role is self.subject)

    @property
    def main_language(self) -> str:
        """The language of most of what chapters are about; `text` where there is nothing."""
        sizes: Counter[str] = Counter()
        for module in self.subjects:
            sizes[module.language] += module.line_count
        return max(sizes, key=lambda name: (sizes[name], name), default="text")

    @property
    def packages(self) -> frozenset[str]:
        """The names that import what chapters are about: its topmost packages."""
        return frozenset(module.name.partition(".")[0] for module in self.subjects if module.name)

    def by_role(self, role: Role) -> tuple[Module, ...]:
        """The modules of one role."""
        return tuple(module for module in self.modules if module.role is role)


def parse_repository(
    snapshot: Snapshot, *, processes: int = 1, progress: Callable[[int, int], None] | None = None
) -> Repository:
    """Parse every file of the snapshot; the result does not depend on `processes`."""
    packages = {path.rpartition("/")[0] for path in snapshot.files if path.endswith("/__init__.py")}
    tasks: list[Task] = []
    for path, lines in snapshot.files.items():
        language = roles.language_of_text(path, lines)
        name = import_name(path, packages) if language == "python" else ""
        tasks.append((path, name, language, roles.role_of(path, language), lines))
    modules: list[Module] = []
    pages: list[Page] = []
    for parsed in _parse(tasks, processes):
        modules.extend(module for module, _ in parsed)
        pages.extend(page for _, page in parsed if page is not None)
        if progress is not None:
            progress(len(modules), len(tasks))
    open_files = _handed_out_by_rust(modules)
    pages = [page for page in pages if not page.path.endswith(".rs") or page.path in open_files]
    return Repository(
        modules=tuple(modules),
        subject=roles.source_role(module.role for module in modules),
        documentation=arrange(pages, snapshot.files),
    )


def _handed_out_by_rust(modules: Sequence[Module]) -> set[str]:
    """The files of Rust that users of their crate can name: its root, and what is `pub mod` from there on."""
    exports = {module.path: set(module.exports or ()) for module in modules if module.language == "rust"}
    found = {path for path in exports if path.rpartition("/")[2] in CRATE_ROOTS}
    waiting = sorted(found)
    while waiting:
        path = waiting.pop()
        folder, _, name = path.rpartition("/")
        inside = folder if name in {*CRATE_ROOTS, "mod.rs"} else path.removesuffix(".rs")
        beside = f"{inside}/" if inside else ""
        for part in exports[path]:
            for inner in (f"{beside}{part}.rs", f"{beside}{part}/mod.rs"):
                if inner in exports and inner not in found:
                    found.add(inner)
                    waiting.append(inner)
    return found


def import_name(path: str, packages: set[str]) -> str:
    """The dotted name that imports the file: from the topmost package folder, else without a leading `src/`."""
    parts = path.removesuffix(".py").removesuffix(".pyi").removesuffix(".pyw").split("/")
    if parts[-1] == "__init__":
        parts.pop()
    root = 0
    for depth in range(len(path.split("/")) - 1, 0, -1):
        if "/".join(parts[:depth]) in packages:
            root = depth - 1
    if root == 0 and parts and "/".join(parts[:1]) not in packages and parts[0] in {"src", "lib", "python"}:
        root = 1
    return ".".join(parts[root:])


def parse_tasks(tasks: Sequence[Task]) -> list[tuple[Module, Page | None]]:
    """Parse some files; runs in a worker process, so it takes and returns plain values."""
    parser = python.parser()
    return [_parse_task(task, parser) for task in tasks]


def _parse_task(task: Task, parser: Parser) -> tuple[Module, Page | None]:
    path, name, language, role, lines = task
    if language == "python":
        return python.parse_module(path, name, role, lines, parser), None
    if language in TABLES:
        page = read_comment(path, language, lines) if role is Role.SOURCE else None
        return extract.parse_module(path, language, role, lines), page
    module = generic.parse_module(path, language, role, lines)
    return module, read_page(path, lines) if is_page(module) else None


def _parse(tasks: list[Task], processes: int) -> Iterator[list[tuple[Module, Page | None]]]:
    chunks = list(_chunks(tasks))
    total = sum(len(task[-1]) for task in tasks)
    if processes < 2 or total < PARALLEL_FROM_LINES or "fork" not in multiprocessing.get_all_start_methods():  # noqa: PLR2004
        yield from map(parse_tasks, chunks)
        return
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("fork")) as pool:
        yield from pool.map(parse_tasks, chunks)


def _chunks(tasks: list[Task]) -> Iterator[list[Task]]:
    chunk: list[Task] = []
    lines = 0
    for task in tasks:
        chunk.append(task)
        lines += len(task[-1])
        if lines >= CHUNK_LINES:
            yield chunk
            chunk, lines = [], 0
    if chunk:
        yield chunk


def modules_by_path(modules: Sequence[Module]) -> Mapping[str, Module]:
    """Modules by their path."""
    return {module.path: module for module in modules}
