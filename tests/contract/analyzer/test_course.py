"""Courses of real packages: checked from the outside, without the engine's own opinion of them."""

import os
import shutil
import subprocess
import sys
import sysconfig
import zipapp
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzer.checks import check_document
from analyzer.plan import CoursePlan
from analyzer.source.filters import lines_of
from analyzer.source.snapshot import Snapshot
from analyzer.static.catalogue import Words
from analyzer.static.engine import StaticEngine
from analyzer.static.mapping import map_repository
from course import citations, markdown
from course.folder import read_folder
from course.layout import chapter_file, tutorial_file
from tests.unit.analyzer.repositories import ROOT, analyze, contents, git

SITE = Path(sysconfig.get_paths()["purelib"])
STEPS = ("## 1. Predict", "## 2. Run", "## 3. Change", "## 4. Break", "## 5. Build")


@pytest.fixture(scope="module", params=["httpx", "click", "starlette", "course"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, Path]:
    """A package in a repository of its own, and its course."""
    folder = tmp_path_factory.mktemp(request.param)
    source = ROOT if request.param == "course" else SITE
    shutil.copytree(
        source / request.param, folder / "repo" / request.param, ignore=shutil.ignore_patterns("__pycache__")
    )
    git(folder / "repo", "init", "--quiet")
    git(folder / "repo", "add", "--all")
    git(folder / "repo", "commit", "--quiet", "--message", "package")
    analyze(folder / "repo", folder / "out")
    return request.param, folder / "repo", folder / "out"


Made = tuple[str, Path, Path]


def lines(repository: Path) -> Callable[[str], list[str] | None]:
    """The lines of a file as git has it: nothing of the analyzer is asked."""

    def read(path: str) -> list[str] | None:
        done = subprocess.run(["git", "-C", str(repository), "show", f"HEAD:{path}"], capture_output=True, check=False)
        return done.stdout.decode().split("\n") if done.returncode == 0 else None

    cache: dict[str, list[str] | None] = {}
    return lambda path: cache[path] if path in cache else cache.setdefault(path, read(path))


def test_counts(made: Made) -> None:
    name, _, out = made
    chapters = len(list((out / "chapters").iterdir()))
    assert chapters == len(list((out / "reviewed-chapters").iterdir())) == len(list((out / "tutorials").iterdir()))
    assert 5 <= chapters <= 12 or name == "course"
    assert chapters >= 3


def test_every_citation_quotation_link_and_diagram_holds_even_in_drafts(made: Made) -> None:
    _, repository, out = made
    course = read_folder(out)
    slugs = {document.slug for document in course.documents}
    problems = [
        f"{document.slug}: {problem}"
        for document in course.documents
        if document.slug.endswith(".md")
        for problem in check_document(document.content, lines(repository), slugs, document.slug).problems
    ]
    assert problems == []
    assert citations.check_links({d.slug: d.content for d in course.documents if d.slug.endswith(".md")}) == []


def test_chapters_are_more_than_a_list(made: Made) -> None:
    _, _, out = made
    diagrams = excerpts = 0
    for path in (out / "chapters").iterdir():
        text = path.read_text()
        found = markdown.fences(text)
        diagrams += any(item.info == "mermaid" for item in found)
        excerpts += any("#L" in item.info for item in found)
        for item in found:
            assert len(item.content.splitlines()) <= 60 if item.info == "mermaid" else 25, path
    total = len(list((out / "chapters").iterdir()))
    assert excerpts >= total - 1
    assert diagrams >= total / 5


def test_every_tutorial_has_all_five_steps(made: Made) -> None:
    _, _, out = made
    for path in sorted((out / "tutorials").iterdir()):
        text = path.read_text()
        assert text.startswith("# Interactive Tutorial: ")
        assert [line for line in text.splitlines() if line in STEPS] == list(STEPS)
        assert "<details>" in text


def test_a_tutorial_of_python_runs_and_its_check_needs_the_solution(shop: Path, tmp_path: Path) -> None:
    analyze(shop, tmp_path / "out")
    checked = 0
    for path in sorted((tmp_path / "out/tutorials").iterdir()):
        blocks = {item.info: item.content for item in markdown.fences(path.read_text())}
        if "python starter.py" not in blocks:
            continue
        work = tmp_path / path.stem
        work.mkdir()
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{shop / 'src'}:{work}"}

        def run(text: str, work: Path = work, environment: dict[str, str] = environment) -> int:
            command = [sys.executable, "-c", text]
            return subprocess.run(command, cwd=work, capture_output=True, check=False, env=environment).returncode

        assert run(blocks["python"]) == 0
        (work / "starter.py").write_text(blocks["python starter.py"])
        assert run(blocks["python check.py"]) != 0, "the check passes without a solution"
        (work / "starter.py").write_text(blocks["python solution.py"])
        assert run(blocks["python check.py"]) == 0, "the check fails with its solution"
        checked += 1
    assert checked > 0


def test_every_abstraction_names_files_that_exist(made: Made) -> None:
    _, repository, out = made
    for item in yaml.safe_load((out / "step1_abstractions.yaml").read_text()):
        assert item["file_paths"]
        assert all((repository / path).is_file() for path in item["file_paths"])


def test_the_bundle_writes_the_same_course(shop: Path, tmp_path: Path) -> None:
    staged = tmp_path / "staged"
    for package in ("analyzer", "course", "prompts", "sandbox"):
        shutil.copytree(ROOT / package, staged / package, ignore=shutil.ignore_patterns("__pycache__"))
    bundle = tmp_path / "cli.bundled.pyz"
    zipapp.create_archive(staged, bundle, main="analyzer.cli:main")
    command = [sys.executable, "-I", str(bundle), "analyze", str(shop), "-o", str(tmp_path / "one")]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    again = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Nothing to do" in again.stderr
    analyze(shop, tmp_path / "two")
    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    del one["manifest.json"], two["manifest.json"]
    assert one == two


NAMES = st.sampled_from(["a", "run", "Thing", "end", "graph", "_private", "été", "lambda_", "AsyncThing", "Error"])
PIECES = [*"`#*[]<>|~\\ \n.:-aAé", "```", "\n\n", ":param x: ", "http://x ", "Some words of prose. ", "# ", "> "]
DOCS = st.lists(st.sampled_from(PIECES), max_size=30).map("".join).filter(lambda text: not text.endswith("\\"))


CLASS = """class {name}({other}):
    {doc}
    def {other}(self, x: "{name}" = "`|"):
        # {name} says why it does so here
        if x == "]]>":
            raise {name}Error("```")
        return self.{other}(x)"""
FUNCTION = """def {name}(x, *args, **more):
    {doc}
    for y in x:
        {other}(y)
    with {other}() as z:
        yield z
    try:
        {name}({other})
    except {name}:
        pass"""


@st.composite
def modules(draw: st.DrawFn) -> str:
    """A Python file with hostile docstrings and names."""
    parts = [f'"""{draw(DOCS)}"""', "import os", "from m1 import *"]
    for _ in range(draw(st.integers(1, 4))):
        doc = f'"""{draw(DOCS)}"""'
        parts.append(draw(st.sampled_from([CLASS, FUNCTION])).format(name=draw(NAMES), other=draw(NAMES), doc=doc))
    return draw(st.sampled_from(["\n", "\r\n"])).join("\n\n\n".join(parts).split("\n"))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(st.sampled_from(["m1.py", "m2.py", "pkg/m 3.py", "pkg/ü.py", "README.md"]), modules(), min_size=1)
)
def test_whatever_the_source_says_the_course_holds(files: dict[str, str]) -> None:
    texts = {path: lines_of(text) for path, text in sorted(files.items())}
    found = Snapshot(root=Path("/nowhere"), name="nowhere", commit="", files=texts, skipped={})
    words = Words("en")
    engine = StaticEngine(map_repository(found, words), words)
    documents = course_of(engine)
    for slug, text in documents.items():
        assert check_document(text, found.lines, documents, slug).problems == (), text


def course_of(engine: StaticEngine) -> dict[str, str]:
    """All chapters and tutorials of an engine, by slug."""
    abstractions = tuple(engine.extract())
    relationships = engine.relate(abstractions)
    plan = CoursePlan(
        abstractions=abstractions, relationships=relationships, order=tuple(engine.order(abstractions, relationships))
    )
    documents: dict[str, str] = {}
    for entry in plan.order:
        draft = engine.chapter(plan, entry)
        name = chapter_file(entry.index, entry.name)
        documents[f"chapters/{name}"] = draft
        documents[f"reviewed-chapters/{name}"] = engine.review(plan, entry, draft)
        documents[f"tutorials/{tutorial_file(entry.index, entry.name)}"] = engine.tutorial(plan, entry, draft)
        assert "| mended | 0 |" in documents[f"reviewed-chapters/{name}"]
    return documents
