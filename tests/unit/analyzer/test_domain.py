"""What a program is about, and what only looks like it: roles, states, layers, where it starts, its own name."""

from collections.abc import Callable

import pytest

from analyzer.concepts.kind import ProjectKind
from analyzer.concepts.layers import domain_terms
from analyzer.documentation.model import PageRole
from analyzer.static.repository_map import RepositoryMap
from tests.unit.analyzer.repositories import SERVICE, Files, java

MapOf = Callable[[Files], RepositoryMap]


def _titles(repo_map: RepositoryMap) -> list[str]:
    """Of chapters, then of what came just after them."""
    return [concept.title for concept in (*repo_map.concepts, *repo_map.further)]


def test_a_service_with_one_request_is_run_and_taught_by_its_types(map_of: MapOf) -> None:
    repo_map = map_of(SERVICE)
    assert repo_map.kind is ProjectKind.APPLICATION
    assert _titles(repo_map)[1] == "Order"
    # The type that it starts in is no domain of its own.
    assert sorted(_titles(repo_map)[1:5]) == ["Card", "Carrier", "Order", "Parcel"]


@pytest.mark.parametrize(
    ("role", "word"), [("Processor", "Processor"), ("StatusChanged", "Changed"), ("Extensions", "Extensions")]
)
def test_what_many_things_are_is_no_subject(map_of: MapOf, role: str, word: str) -> None:
    roles: Files = {}
    for name in ("Order", "Parcel", "Card", "Carrier", "Invoice"):
        roles = {**roles, **java(f"{name}{role}", folder=name.lower())}
    titles = _titles(map_of({**SERVICE, **roles}))
    assert word not in titles
    assert "Order" in titles


def test_a_folder_that_only_says_its_layer_is_a_subject_where_it_introduces_itself(map_of: MapOf) -> None:
    lines = "\n".join(f"def part_{number}():\n    return {number}\n\n" for number in range(120))
    files: Files = {
        "README.md": "# Depot\n\nKeeps parcels.\n",
        "shop/main.py": "def main():\n    pass\n\n\nif __name__ == '__main__':\n    main()\n",
        "shop/controllers/__init__.py": "",
        "shop/controllers/orders.py": lines,
        "shop/views/__init__.py": '"""What people see of an order."""\n',
        "shop/components/parts.py": lines,
        "shop/components/__init__.py": '"""The parts that a shop is put together from."""\n',
    }
    titles = _titles(map_of(files))
    assert "Components" in titles
    assert "Controllers" not in titles


def test_what_a_program_is_about_comes_before_how_it_is_kept_running(map_of: MapOf) -> None:
    told = "Orders are kept.\n" * 60
    files: Files = {
        **SERVICE,
        "docs/index.md": "# Shop\n\nA shop.\n",
        "docs/backups.md": f"# Backups\n\n{told}\n\n```console\n$ shop backup\n```\n",
        "mkdocs.yml": "nav:\n  - index.md\n  - backups.md\n",
    }  # fmt: skip
    titles = _titles(map_of(files))
    assert titles.index("Order") < titles.index("Backups")


def test_an_example_of_one_thing_among_others_is_not_where_one_begins(map_of: MapOf) -> None:
    told = "# Public events\n\nWhat others listen to.\n\n## Example\n\n```console\n$ listen Order\n```\n"
    files: Files = {**SERVICE, "docs/index.md": "# Shop\n\nA shop.\n", "docs/events.md": told}
    assert _titles(map_of(files))[0] == "The ways in"


def test_a_program_is_not_about_its_own_name(map_of: MapOf) -> None:
    files = {path.replace("shop/", "greenshop/"): text for path, text in SERVICE.items()}
    extra: Files = {"README.md": "# GreenShop\n\nSells.\n", "src/main/resources/greenshop.html": "<p>greenshop</p>\n"}
    route = java("Start", '    @GetMapping("/greenshop")\n    public Order start() { return null; }', "greenshop")
    assert "Greenshop" not in _titles(map_of({**files, **extra, **route}))


def test_a_manual_in_the_folder_of_the_documentation_teaches_a_tool(map_of: MapOf) -> None:
    told = "One sends what one has written to a host.\n" * 60
    files: Files = {
        "README.md": "# Send\n\nSends requests.\n",
        "docs/README.md": (
            f"# Manual\n\n## Request body\n\n{told}\n\n```console\n$ send body\n```\n\n"
            f"## Redirects\n\n{told}\n\n```console\n$ send --follow\n```\n\n## Proxies\n\n{told}\n"
        ),
        "pyproject.toml": '[project]\nname = "send"\n\n[project.scripts]\nsend = "send.core:main"\n',
        "send/__init__.py": "",
        "send/core.py": "def main(redirects, proxies):\n    body = redirects\n    return body\n",
    }
    repo_map = map_of(files)
    roles = {page.path: page.role for page in repo_map.evidence.links.repository.documentation.pages}
    assert roles["docs/README.md"] is PageRole.GUIDE
    assert {"Request body", "Redirects"} <= set(_titles(repo_map))


@pytest.mark.parametrize(
    ("name", "terms"),
    [("IOrderService", ("order",)), ("WebConfig", ()), ("OrderPage", ("order",)), ("PageController", ("page",))],
)
def test_a_letter_and_a_layer_say_nothing(name: str, terms: tuple[str, ...]) -> None:
    assert domain_terms(name) == terms
