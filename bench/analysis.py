"""How fast and how steadily the analyzer works: large projects, bare parsing, kills, commits.

`python -m bench analysis` prints the figures by themselves.
"""

import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from tree_sitter import Parser, Query, QueryCursor

from analyzer.code import python
from analyzer.code.model import Role
from analyzer.code.roles import language_of
from analyzer.languages import extract
from analyzer.languages.table import TABLES, grammar_of
from analyzer.source import snapshot
from bench.projects import DJANGO, PROJECTS, fetched
from bench.report import Figure, timed
from tests.trial import ROOT

KILLS: Final = 100
_RUNS: Final = 3
_MIB: Final = 1 << 20


def measure() -> Iterator[Figure]:
    """Yield the figures of this machine."""
    with tempfile.TemporaryDirectory(prefix="fondation-analysis-") as folder:
        scratch = Path(folder)
        yield from _whole(scratch)
        yield _parsing()
        yield from _commits(scratch)
        yield _kills(scratch)


def _analyze(repository: Path, output: Path, *options: str) -> None:
    command = [sys.executable, "-m", "analyzer", "--quiet", "analyze", str(repository), "-o", str(output), *options]
    subprocess.run(command, cwd=ROOT, check=True)


def _whole(scratch: Path) -> Iterator[Figure]:
    django = fetched(DJANGO)
    lines = sum(len(found) for found in snapshot.read(snapshot.list_repository(django)).files.values())
    seconds = [timed(lambda: _analyze(django, scratch / "django", "--overwrite")) for _ in range(_RUNS)]
    yield Figure(name=f"course of Django, {lines} lines of text", samples=seconds, unit="s", limit=10)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    yield Figure(name="… memory of its largest process", samples=[peak], unit="MiB", limit=300)
    flask = fetched(next(project for project in PROJECTS if project.name == "flask"))
    seconds = [timed(lambda: _analyze(flask, scratch / "flask", "--overwrite")) for _ in range(_RUNS)]
    yield Figure(name="course of Flask", samples=seconds, unit="s", limit=3)


def _parsing() -> Figure:
    """Facts of all files that have a grammar, beside bare tree-sitter with the same queries on them in the same run."""
    files = [
        (path, language, lines)
        for project in PROJECTS
        for path, lines in snapshot.read(snapshot.list_repository(fetched(project))).files.items()
        if (language := language_of(path, lines[0] if lines else "")) == "python" or language in TABLES
    ]
    own = python.parser()
    bare = facts = 0.0
    for path, language, lines in files:
        parser = own if language == "python" else grammar_of(language).parser
        text = ("\n".join(lines) + "\n").encode()
        query = python.body_query() if language == "python" else grammar_of(language).query
        bare += timed(partial(_ask, parser, text, query))
        if language == "python":
            facts += timed(partial(python.parse_module, path, "", Role.SOURCE, lines, own))
        else:
            facts += timed(partial(extract.parse_module, path, language, Role.SOURCE, lines))
    return Figure(
        name=f"facts of {len(files)} files, for each second of tree-sitter's own parsing and queries",
        samples=[facts / bare],
        unit="s",
        limit=2,
        peer=f"tree-sitter alone: {bare:.3g} s",
    )


def _ask(parser: Parser, text: bytes, query: Query) -> None:
    QueryCursor(query).captures(parser.parse(text).root_node)


def _commits(scratch: Path) -> Iterator[Figure]:
    repository = shutil.copytree(fetched(next(p for p in PROJECTS if p.name == "httpx")), scratch / "httpx")
    output = scratch / "commits"
    _analyze(repository, output)
    yield Figure(
        name="the course of an unchanged commit again",
        samples=[timed(lambda: _analyze(repository, output)) for _ in range(_RUNS)],
        unit="s",
        limit=1,
    )
    before = _contents(output)
    page = repository / "docs" / "advanced" / "proxies.md"
    target = page if page.is_file() else repository / "README.md"
    target.write_text(f"{target.read_text()}\n## One more thing\n\nA proxy may be changed before any request.\n")
    identity = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"]
    subprocess.run(["git", *identity, "commit", "--quiet", "--all", "--message", "x"], cwd=repository, check=True)
    _analyze(repository, output)
    _analyze(repository, scratch / "anew")
    after = _contents(output)
    anew = _contents(scratch / "anew")
    differing = sum(anew.get(name) != text for name, text in after.items())
    yield Figure(name="files that differ from a course made anew", samples=[differing], unit="files", limit=0)
    changed = sum(before.get(name) != text for name, text in after.items())
    yield Figure(
        name=f"of {len(after)} files, those that a commit to one page changes", samples=[changed], unit="files"
    )


def _kills(scratch: Path) -> Figure:
    """Kill a run at a random moment again and again, each time on a fresh folder, and compare what comes out."""
    repository = fetched(next(project for project in PROJECTS if project.name == "pluggy"))
    expected = scratch / "expected"
    spent = timed(lambda: _analyze(repository, expected))
    wanted, chance, differing = _contents(expected), random.Random(7), 0  # noqa: S311 - no secret
    for number in range(KILLS):
        output = scratch / f"killed-{number}"
        command = [sys.executable, "-m", "analyzer", "--quiet", "analyze", str(repository), "-o", str(output)]
        process = subprocess.Popen(command, cwd=ROOT)
        time.sleep(chance.uniform(0.3, 1.0) * spent)
        process.kill()
        process.wait()
        _analyze(repository, output)
        differing += sum(wanted[name] != text for name, text in _contents(output).items())
        shutil.rmtree(output)
    return Figure(name=f"files that differ after {KILLS} kills and resumes", samples=[differing], unit="files", limit=0)


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
