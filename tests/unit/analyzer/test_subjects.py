"""What a heading or a name is about, and what it is only called: found by reading courses of many projects."""

from collections.abc import Callable

import pytest

from analyzer.code.model import Import, Module, Role
from analyzer.concepts.candidates import Candidate
from analyzer.concepts.clusters import Cluster
from analyzer.concepts.kind import ProjectKind
from analyzer.concepts.model import Ground
from analyzer.concepts.packages import packages_apart
from analyzer.concepts.selection import weigh_roles
from analyzer.concepts.terms import is_trivial, stem
from analyzer.concepts.wording import clean_title, share_of_title
from analyzer.documentation.model import Section
from analyzer.static.excerpts import first_example
from analyzer.static.own_examples import own_examples
from analyzer.static.repository_map import RepositoryMap
from tests.unit.analyzer.repositories import Files

MapOf = Callable[[Files], RepositoryMap]
PROJECT = '[project]\nname = "shop"\n[build-system]\n'
SECTION = Section(path="docs/a.md", title="A", level=1, start=1, end=2)
WORDS = "It does what the name says, whenever it is asked to do so, and never anything else at all."
PROGRAM = "use shop::Till;\n\nfn main() {\n    Till::open();\n    Till::open();\n}\n\n"
CRATE = {"crates/b/src/lib.rs": "pub fn b() {}\n"}
WORDS_AT_LENGTH = "\n".join([WORDS] * 40)


def python_class(name: str) -> str:
    methods = "".join(f"    def step_{n}(self):\n        return {n}\n\n" for n in range(30))
    return f'class {name}:\n    """A {name.lower()}."""\n\n{methods}'


def titles(repo_map: RepositoryMap) -> list[str]:
    return [concept.title for concept in repo_map.concepts]


def weighed(repo_map: RepositoryMap) -> dict[str, str]:
    return {concept.title: concept.term for concept in (*repo_map.concepts, *repo_map.further)}


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("createStore", "createStore"),
        ("Example 2: Caching a Slow Filesystem", "Caching a Slow Filesystem"),
        ("Context support (+Go 1.7)", "Context support"),
        ("File descriptor 3 (read this if it hangs)", "File descriptor 3"),
        ("Step 4: The Routing", "Routing"),
        ("co(fn*).then( val => )", "Co"),
        ("var fn = co.wrap(fn*)", "co.wrap"),
        ("regex-automata", "regex-automata"),
        ("d3-color", "d3-color"),
        ("routing", "Routing"),
    ],
)
def test_a_heading_as_a_title(heading: str, title: str) -> None:
    assert clean_title(heading) == title


def test_a_call_is_one_of_many_that_a_reference_lists() -> None:
    assert share_of_title("response.flush()", is_application=False) == share_of_title("a", is_application=False) / 2
    assert share_of_title("Example: find a name", is_application=False) < 1


@pytest.mark.parametrize(
    ("name", "as_name", "as_heading"),
    [
        ("utils", True, True),
        ("Helpers", True, True),
        ("_compat", True, True),
        ("conftest", True, True),
        ("Problems", True, True),
        ("Unicode", True, False),
        ("locales", True, False),
        ("Routing", False, False),
        ("Test client", False, False),
        ("Status codes of jobs", False, False),
    ],
)
def test_what_is_never_a_subject_and_what_is_one_where_authors_write_about_it(
    name: str,
    as_name: bool,  # noqa: FBT001
    as_heading: bool,  # noqa: FBT001
) -> None:
    assert is_trivial(name, is_heading=False) is as_name
    assert is_trivial(name, is_heading=True) is as_heading


def test_pages_that_call_their_subjects_alike_are_subjects_of_their_own(map_of: MapOf) -> None:
    names = ("Retry", "Circuit breaker", "Timeout", "Fallback")
    pages = {
        f"docs/strategies/{name.split()[0].lower()}.md": f"# {name} resilience strategy\n\n{WORDS}\n\n```python\n"
        f"{name.split()[0]}().step_1()\n```\n"
        for name in names
    }
    code = {f"shop/{name.split()[0].lower()}.py": python_class(name.split()[0]) for name in names}
    front = "".join(f"from shop.{name.split()[0].lower()} import {name.split()[0]}\n" for name in names)
    repo_map = map_of({"pyproject.toml": PROJECT, "shop/__init__.py": front, **pages, **code})
    assert {concept.term for concept in repo_map.concepts} == {"retri", "circuit", "timeout", "fallback"}


def cluster(term: str, *members: tuple[str, Ground]) -> Cluster:
    found = Cluster(term=term)
    for title, ground in members:
        section = SECTION if ground is not Ground.INTERFACE else None
        found.members.append(
            Candidate(title=title, term=term, ground=ground, weight=2.0, position=(1.0,), says=title, section=section)
        )
    return found


@pytest.mark.parametrize(
    ("term", "names", "is_role"),
    [
        ("option", ("RetryOptions", "TimeoutOptions", "FallbackOptions"), True),
        ("option", ("RetryOptions", "TimeoutOptions"), False),
        ("option", ("Options", "RetryOptions", "TimeoutOptions", "FallbackOptions"), True),
        ("configur", ("RetryConfig", "TimeoutConfig", "FallbackConfig"), False),
        ("option", ("PressOptions", "OutletOptions", "IntakeOptions"), False),
    ],
    ids=["for others", "too few", "one among them", "always asked", "for what is no subject"],
)
def test_what_types_are_for_other_subjects_weighs_less(term: str, names: tuple[str, ...], is_role: bool) -> None:  # noqa: FBT001
    headed = [cluster(stem(name), (name, Ground.PAGE)) for name in ("Retry", "Timeout", "Fallback")]
    roles = cluster(term, *((name, Ground.INTERFACE) for name in names))
    before = roles.weight
    weigh_roles([*headed, roles])
    assert (roles.weight < before) is is_role


def test_parts_of_a_shelf_are_parts_of_the_page(map_of: MapOf) -> None:
    """A picture before the title, as projects like it, is no heading of its level."""
    readme = f"|Logo|\n\nshop\n====\n\n{WORDS}\n\n"
    parts = "".join(
        f"{name}\n{'~' * len(name)}\n\n{WORDS}\n\n.. code-block:: python\n\n    Basket().step_1()\n\n"
        for name in ("Nested bars", "Redirected prints", "Custom callbacks")
    )
    readme += f"Advanced topics\n---------------\n\n{WORDS}\n\n{parts}"
    readme += "".join(f"{n}\n{'-' * len(n)}\n\n{WORDS}\n\n" for n in ("Manual", "Parameters", "Returned values"))
    repo_map = map_of(
        {
            "pyproject.toml": PROJECT,
            "README.rst": readme,
            "shop/__init__.py": "from shop.basket import Basket\n",
            "shop/basket.py": python_class("Basket"),
        }
    )
    assert {"Nested bars", "Redirected prints", "Custom callbacks"} <= set(weighed(repo_map))


def module(path: str, *imports: str, exports: tuple[str, ...] | None = None) -> Module:
    return Module(
        path=path,
        language="rust" if path.endswith(".rs") else "toml",
        role=Role.SOURCE,
        line_count=1,
        imports=tuple(Import(module=name, name="", alias="", level=0, line=1) for name in imports),
        exports=exports,
    )


def test_packages_that_the_root_does_not_hand_on_stand_apart() -> None:
    front = module(
        "src/lib.rs", "press_core::*", "{press_io as io, press_math::add}", "press_hidden::Lazy", exports=("io",)
    )
    crates = [module(f"press-{name}/Cargo.toml") for name in ("core", "io", "math", "hidden", "cli")]
    assert packages_apart([module("Cargo.toml"), front, *crates]) == ("press-cli/", "press-hidden/")
    assert packages_apart([module("Cargo.toml"), *crates]) == ()


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"Cargo.toml": '[package]\nname = "a"\n', "src/main.rs": "fn main() {}\n", **CRATE}, "application"),
        ({"Cargo.toml": "[workspace]\n", **CRATE}, "library"),
        ({"package.json": '{"main": "index.js"}', "index.js": "exports.a = 1\n", "build.sh": "echo\n" * 90}, "library"),
        (
            {
                "pyproject.toml": '[build-system]\n[project.scripts]\nshop = "shop:main"\n',
                "shop.py": "def run():\n    pass\n\n\ndef route():\n    pass\n\n\ndef main():\n    pass\n",
                "README.md": "# shop\n\n```python\nfrom shop import run, route, main\n```\n",
            },
            "library",
        ),
    ],
    ids=["a program with crates of its own", "a workspace", "a package with a long script", "a module that can be run"],
)  # fmt: skip
def test_kinds_of_projects(map_of: MapOf, files: Files, kind: str) -> None:
    assert map_of(files).kind is ProjectKind(kind)


def test_of_a_page_that_is_a_book_the_part_that_begins_it_comes_first(map_of: MapOf) -> None:
    hello = "## Hello World!\n\n```python\nfrom shop import run\n\nrun(debug=True)\n```\n\n"
    parts = "".join(f"## Part {n} of it\n\n{WORDS_AT_LENGTH}\n\n```python\nroute()\n```\n\n" for n in range(5))
    files = {
        "pyproject.toml": PROJECT,
        "docs/tutorial.md": f"# User's Guide\n\n{WORDS}\n\n{hello}{parts}",
        "shop/__init__.py": "from shop.web import debug, route, run\n",
        "shop/web.py": "def run(debug=False):\n    return 1\n\n\ndef route():\n    return 2\n\n\n"
        "def debug(on):\n    return on\n",
    }
    first = map_of(files).concepts[0]
    assert (first.title, first.is_start) == ("Hello World", True)


@pytest.mark.parametrize(
    ("files", "title"),
    [
        ({"examples/hello.rs": PROGRAM}, "First steps"),
        ({"examples/large_orders.rs": PROGRAM}, "Till"),
        ({"examples/hello.rs": PROGRAM, "README.md": f"# shop\n\n## Usage\n\n```rust\n{PROGRAM}```\n"}, "Usage"),
    ],
    ids=["a program called hello", "a program about something", "a page that shows a use"],
)  # fmt: skip
def test_where_no_page_shows_a_use_one_begins_with_the_example_that_is_called_so(
    map_of: MapOf, files: Files, title: str
) -> None:
    library = {
        "Cargo.toml": '[package]\nname = "shop"\n',
        "src/lib.rs": "/// Where one pays.\npub struct Till {}\nimpl Till {\n    pub fn open() {}\n}\n",
    }
    first = map_of({**library, **files}).concepts[0]
    assert first.title == title
    assert first.is_start is (title != "Till")


def test_a_first_program_is_what_the_first_chapter_shows(map_of: MapOf) -> None:
    program = "import shop\n\n\nuntil = shop.Till()\nuntil.step_1()\nuntil.step_2()\n\nprint(until)\n"
    repo_map = map_of(
        {
            "pyproject.toml": PROJECT,
            "demos/demo_simple.py": program,
            "shop/__init__.py": "from shop.till import Till\n",
            "shop/till.py": python_class("Till"),
        }
    )
    first = repo_map.concepts[0]
    assert (first.is_start, first.paths[0]) == (True, "demos/demo_simple.py")
    assert [reason.span.path for reason in first.reasons] == ["demos/demo_simple.py"]
    assert [example.span.label for example in own_examples(repo_map, first)] == ["demos/demo_simple.py#L1-L8"]


@pytest.mark.parametrize("base", ["Exception", "errors.ShopError", "Throwable"])
def test_what_is_thrown_is_about_errors_whatever_it_is_called(map_of: MapOf, base: str) -> None:
    files = {
        "pyproject.toml": PROJECT,
        "shop/__init__.py": "from shop.till import UnableToPay, Till\n",
        "shop/till.py": f"class UnableToPay({base}):\n    pass\n\n\n{python_class('Till')}",
    }
    evidence = map_of(files).evidence
    assert evidence.subject(evidence.by_name["UnableToPay"][0]) == "error"
    assert evidence.subject(evidence.by_name["Till"][0]) == "till"


def test_a_module_of_ruby_with_methods_and_a_description_is_no_mere_namespace(map_of: MapOf) -> None:
    others = {
        f"lib/shop/job/{name}.rb": f"module Job\n  class {name.title()}\n  end\nend\n" for name in ("a", "b", "c")
    }
    job = "# What is put into a queue.\nmodule Job\n  def perform\n    1\n  end\nend\n"
    found = map_of({"lib/shop/job.rb": job, **others, "README.md": "# shop\n\nQueues.\n"}).evidence.public
    assert [key for key in found if key.endswith("::Job")] == ["lib/shop/job.rb::Job"]


def test_a_title_after_a_file_is_spelled_as_the_code_spells_it(map_of: MapOf) -> None:
    body = "".join(f"    pub fn step_{n}(&self) {{ }}\n" for n in range(20))
    files = {
        "Cargo.toml": '[package]\nname = "shop"\n',
        "src/lib.rs": "pub mod dfa;\n",
        "src/dfa.rs": "".join(f"//! {WORDS}\n" for _ in range(12))
        + f"/// Decides.\npub struct DFA {{ }}\nimpl DFA {{\n{body}}}\n",
    }
    assert "DFA" in weighed(map_of(files))


def test_a_page_s_example_is_shown_before_a_test(map_of: MapOf) -> None:
    files = {
        "pyproject.toml": PROJECT,
        "docs/objects.md": f"# Objects\n\n{WORDS}\n\n"
        "## A heading that is by far too long for any title there is\n\n"
        "```python\nfrom shop import Till\n\ntill = Till()\ntill.step_1()\n```\n",
        "shop/__init__.py": "from shop.till import Till\n",
        "shop/till.py": python_class("Till"),
        "tests/test_till.py": "from shop import Till\n\n\ndef test_it():\n    till = Till()\n    till.step_1()\n",
    }
    repo_map = map_of(files)
    till = next(concept for concept in repo_map.concepts if "Till" in concept.title or concept.term == "till")
    example = first_example(repo_map, till)
    assert example is not None
    assert example.span.path == "docs/objects.md"


def test_a_command_of_the_own_section_is_shown_before_a_test(map_of: MapOf) -> None:
    files = {
        "pyproject.toml": PROJECT,
        "README.md": "# shop\n\nSells.\n\n```python\nfrom shop import Till\n\nTill().step_2()\n```\n\n"
        f"## Ignoring files\n\n{WORDS}\n\n```bash\nshop --ignore lib/\n```\n",
        "shop/__init__.py": "from shop.till import Till, ignoring\n",
        "shop/till.py": python_class("Till") + "def ignoring():\n    return 1\n",
        "tests/test_till.py": "from shop import ignoring\n\n\ndef test_it():\n    one = ignoring()\n    assert one\n",
    }
    repo_map = map_of(files)
    ignoring = next(concept for concept in repo_map.concepts if concept.title == "Ignoring files")
    example = first_example(repo_map, ignoring)
    assert example is not None
    assert (example.span.path, example.language) == ("README.md", "console")
