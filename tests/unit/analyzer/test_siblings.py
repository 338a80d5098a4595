"""Headings side by side that share a noun, names of code below a heading, and folders that a library hands out."""

from collections.abc import Callable

import pytest

from analyzer.code.model import Role
from analyzer.code.roles import language_of, role_of
from analyzer.concepts.siblings import kinds_of, split_title, told_apart, variants_of
from analyzer.concepts.terms import terms_of
from analyzer.concepts.wording import clean_title, is_entry
from analyzer.documentation.library import read_page
from analyzer.documentation.model import Page, PageRole, Section
from analyzer.static.repository_map import RepositoryMap
from tests.unit.analyzer.repositories import Files

MapOf = Callable[[Files], RepositoryMap]
PROJECT = '[project]\nname = "shop"\n[build-system]\n'
TEXT = "It does what its name says, whenever somebody asks for that, and never anything else.\n\n"


def titles(repo_map: RepositoryMap) -> list[str]:
    return [concept.title for concept in repo_map.concepts]


def headings(*written: str) -> list[Section]:
    return [Section(path="a.md", title=title, level=2, start=place, end=place) for place, title in enumerate(written)]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (["Tasks", "Scheduling tasks", "Task priority"], {1: "schedul", 2: "prioriti"}),
        (["Bound loggers", "Standard loggers"], {1: "standard"}),
        (["Retrying tasks that fail", "Locking tasks"], {1: "lock"}),
        (["Loggers", "Loggers"], {}),
        (["Signals", "Workers"], {}),
    ],
)  # fmt: skip
def test_headings_that_share_a_noun_are_about_what_tells_them_apart(written: list[str], told: dict[int, str]) -> None:
    sections = headings(*written)
    shared = {term: 0 for title in written for term in terms_of(title)}
    for title in written:
        for term in terms_of(title):
            shared[term] += 1
    common = max(shared, key=lambda term: shared[term])

    def subject(section: Section) -> str:
        return common if common in terms_of(section.title) else section.title

    assert told_apart(sections, subject, frozenset(), 2) == {sections[place].key: term for place, term in told.items()}


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (["Signing tokens with HS256", "Signing tokens with RS256"], "Signing tokens"),
        (["Sending mail via SMTP", "Sending mail using an API"], "Sending mail"),
        (["Signing tokens with HS256", "Reading tokens with RS256"], ""),
        (["Working with files", "Working with folders"], ""),  # the means are the subject
        (["Signing tokens", "Signing tokens"], ""),
    ],
)
def test_headings_that_differ_in_the_means_are_about_one_thing(written: list[str], told: str) -> None:
    sections = headings(*written)
    page = Page(path="a.md", title="A", sections=tuple(sections), role=PageRole.GUIDE)
    assert variants_of([page]) == ({section.key: told for section in sections} if told else {})


def test_pages_on_the_project_s_own_noun_keep_what_they_add() -> None:
    sections = headings("Validators", "Custom validators", "Built-in validators")
    found = told_apart(sections, lambda _: "valid", frozenset(["valid"]), 2)
    assert found == {sections[1].key: "custom", sections[2].key: "built"}


def test_a_series_is_no_part_of_a_subject(map_of: MapOf) -> None:
    pages = [read_page(f"docs/{name}.md", [f"# Common tasks - {name}"]) for name in ("Cache", "Retry", "Resize")]
    assert kinds_of(pages) == dict.fromkeys([page.path for page in pages], frozenset(terms_of("Common tasks")))
    assert split_title("Common tasks - Cache") == ("Common tasks", "Cache")
    assert split_title("Read-only mode") == ("", "Read-only mode")
    names = {"Cache": "Keeper", "Retry": "Fetcher", "Resize": "Shrinker"}
    files = {
        f"docs/{name}.md": f"# Common tasks - {name}\n\n{TEXT}```python\n{used}().do_1(1)\n```\n"
        for name, used in names.items()
    }
    methods = "".join(
        f'    def do_{n}(self, value):\n        """Do {n}."""\n        return value\n\n' for n in range(40)
    )
    code = "".join(f'class {name}:\n    """Do it."""\n\n{methods}\n' for name in names.values())
    start = {"README.md": f"# Shop\n\n## Quick start\n\n{TEXT}```python\nKeeper().do_2(1)\n```\n"}
    repo_map = map_of({"pyproject.toml": PROJECT, "src/shop/__init__.py": code, **start, **files})
    assert set(names) <= {concept.title for concept in (*repo_map.concepts, *repo_map.further)}


@pytest.mark.parametrize(
    ("heading", "entry"),
    [("`os.read.bytes`", True), ("response.status=", True), ("`os.copy` with `mergeFolders`", True), ("Reading", False),
     ("Read & Write", False)],
)  # fmt: skip
def test_names_of_code_among_headings(heading: str, entry: bool) -> None:  # noqa: FBT001
    assert is_entry(heading) is entry


def test_names_of_code_belong_to_the_heading_that_lists_them(map_of: MapOf) -> None:
    def group(title: str, *names: str) -> str:
        parts = "".join(f"#### `os.{name}`\n\n{TEXT}```python\n{name}('a')\n```\n\n" for name in names)
        return f"### {title}\n\n{parts}"

    readme = (
        "# Files\n\nWorks with files.\n\n## Operations\n\n"
        + group("Reading & Writing", "read", "read.lines", "write")
        + group("Listing & Walking", "walk", "walk.all", "list")
        + group("Watching for changes", "watch", "watch.once", "watch.stop")
    )
    code = "".join(
        f'def {name}(path):\n    """Do it."""\n    return path\n\n\n' for name in ("read", "write", "walk", "watch")
    )
    repo_map = map_of({"pyproject.toml": PROJECT, "src/shop/__init__.py": code, "README.md": readme})
    owners = {symbol.rpartition("::")[2]: concept.term for concept in repo_map.concepts for symbol in concept.symbols}
    assert (owners["read"], owners["write"], owners["walk"], owners["watch"]) == ("read", "read", "walk", "watch")


def test_a_heading_that_is_a_sentence_is_called_by_what_it_begins_with() -> None:
    assert clean_title("Execute a query and map it to a list of typed objects") == "Execute a query"
    assert clean_title("Query and command") == "Query and command"


def test_a_library_that_hardly_explains_itself_is_taught_by_the_folders_it_hands_out(map_of: MapOf) -> None:
    def types(*names: str) -> str:
        return "".join(f"export class {name} {{\n  run(): number {{\n    return 1\n  }}\n}}\n\n" for name in names)

    files = {
        "package.json": '{"name": "shop", "main": "src/index.ts"}',
        "README.md": "# Shop\n\nA shop.\n",
        "src/index.ts": "export * from './client/http'\nexport * from './router/trie'\n",
        "src/client/http.ts": types("Get", "Post", "Sent", "Held"),
        "src/router/trie.ts": types("Node", "Edge", "Leaf", "Match"),
        "src/utils/text.ts": types("Trimmed", "Padded", "Folded"),
    }
    found = titles(map_of(files))
    assert {"Client", "Router"} <= set(found)
    assert "Utils" not in found


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("src/FilesystemTest.php", Role.TEST),
        ("src/Filesystem.php", Role.SOURCE),
        ("core/TillSpec.scala", Role.TEST),
        ("src/Latest.php", Role.SOURCE),
        ("src/Test.php", Role.SOURCE),
        ("test-helpers/stream.js", Role.TEST),
        ("benches/support/mod.rs", Role.EXAMPLE),
        ("rayon-demo/src/main.rs", Role.EXAMPLE),
        ("docs_src/first_steps/tutorial001.py", Role.EXAMPLE),
        ("src/sampler/mod.rs", Role.SOURCE),
    ],
)
def test_what_a_name_says_of_a_file(path: str, role: Role) -> None:
    assert role_of(path, language_of(path)) is role
