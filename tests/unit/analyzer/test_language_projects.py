"""A project in each language gives a course: its own example first, its own test to practise on, its own names."""

import re
from pathlib import Path

import pytest

from analyzer.checks import check_course
from analyzer.code.roles import language_of
from analyzer.languages.table import TABLES
from analyzer.source import snapshot
from tests.unit.analyzer.language_projects import PROJECTS, LanguageProject
from tests.unit.analyzer.repositories import analyze, write

# The same language with another grammar.
VARIANTS = {"jsx", "tsx"}


@pytest.fixture(params=PROJECTS, ids=lambda project: project.sample, scope="module")
def made(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[LanguageProject, Path, Path]:
    """A project, where it lies, and its course."""
    project: LanguageProject = request.param
    scratch = tmp_path_factory.mktemp(project.folder.name)
    write(scratch / "shop", project.files())
    analyze(scratch / "shop", scratch / "out")
    return project, scratch / "shop", scratch / "out"


Made = tuple[LanguageProject, Path, Path]


def texts(out: Path, folder: str) -> str:
    return "\n".join(path.read_text() for path in sorted((out / folder).iterdir()))


def test_every_language_has_a_project() -> None:
    assert {language_of(project.sample) for project in PROJECTS} == {*TABLES, "python"} - VARIANTS


def test_everything_in_it_holds(made: Made) -> None:
    _, folder, out = made
    assert check_course(out, snapshot.read(snapshot.list_repository(folder)).lines) == []


def test_it_begins_with_the_example_of_the_front_page(made: Made) -> None:
    project, _, out = made
    first = next(path for path in (out / "reviewed-chapters").iterdir() if path.name.startswith("chapter_0_"))
    excerpt = re.search(r"^```\w+ (\S+)#L", first.read_text(), re.MULTILINE)
    assert excerpt is not None
    assert excerpt[1] == "README.md"
    quoted = re.findall(r"^```\w+\n(.*?)^```", (project.folder / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    assert quoted[0].splitlines()[-1] in first.read_text()


def test_it_teaches_what_the_documentation_is_about(made: Made) -> None:
    _, _, out = made
    titles = re.findall(r"^# Chapter \d+: (.*)$", texts(out, "reviewed-chapters"), re.MULTILINE)
    assert any("basket" in title.lower() for title in titles), titles
    assert any("price" in title.lower() for title in titles), titles


def test_it_speaks_of_definitions_in_their_own_words(made: Made) -> None:
    project, _, out = made
    chapters = texts(out, "reviewed-chapters")
    assert "ne piece in" in chapters
    assert f"`{project.place}#L" in chapters


def test_it_is_practised_with_the_languages_own_runner(made: Made) -> None:
    project, _, out = made
    tutorials = texts(out, "tutorials")
    assert project.runner in tutorials
    assert tutorials.count("## 5. Build") == len(list((out / "tutorials").iterdir()))
