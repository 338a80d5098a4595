"""What a project calls itself."""

from collections.abc import Callable

import pytest

from analyzer.static.repository_map import RepositoryMap
from tests.unit.analyzer.repositories import Files

MapOf = Callable[[Files], RepositoryMap]
CODE = {"src/a.py": "def a():\n    return 1\n"}


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({"pyproject.toml": '[project]\nname = "basket"\n'}, "basket"),
        ({"pyproject.toml": '[tool.ruff]\nname = "not this"\n', "setup.cfg": "[metadata]\nname = basket\n"}, "basket"),
        ({"pyproject.toml": '[tool.poetry]\nname = "basket"\n'}, "basket"),
        ({"pyproject.toml": "name = [", "README.md": "# Basket\n\nText.\n"}, "Basket"),
        ({"package.json": '{"name": "@shop/basket"}'}, "@shop/basket"),
        ({"package.json": '{"name": 3}', "README.md": "# Basket\n\nText.\n"}, "Basket"),
        ({"package.json": '{"repository": {"url": "git+https://github.com/shop/basket.git"}}'}, "basket"),
        ({"package.json": '{"private": true, "repository": "github:shop/basket"}'}, "basket"),
        ({"Cargo.toml": '[package]\nname = "basket"\n'}, "basket"),
        ({"Cargo.toml": "[workspace]\n", "core/Cargo.toml": '[package]\nname = "basket-core"\n',
          "all/Cargo.toml": '[package]\nname = "basket"\n'}, "basket"),
        ({"go.mod": "module example.org/shop/basket/v5\n"}, "basket"),
        ({"go.mod": "module basket\n"}, "basket"),
        ({"basket.gemspec": "Gem::Specification.new do |s|\n  s.name = 'basket'\nend\n"}, "basket"),
        ({"composer.json": '{"name": "shop/basket"}'}, "shop/basket"),
        ({"README.md": "Basket\n======\n\nText.\n"}, "Basket"),
        ({"README.md": "# [Basket](https://b.example) &nbsp; [![ok](https://b.example/a.svg)](https://b.example)\n"},
         "Basket"),
        ({"README.md": "# What is Basket? \u2728\n\nText.\n"}, "Basket"),
        ({"README.md": "# Basket: carry all that you can\n\nText.\n"}, "Basket"),
        ({"setup.py": "NAME = 'basket'\n\nsetup(name=NAME)\n", "README.md": "# Donations\n\nText.\n"}, "basket"),
        ({"Basket.sln": "Solution File\n", "README.md": "## Get Packages\n\nText.\n"}, "Basket"),
        ({"Package.swift": 'let package = Package(name: "Basket",\n  targets: [.target(name: "Other")])\n'}, "Basket"),
        ({"CMakeLists.txt": "project(Basket2\n  VERSION 3\n)\n"}, "Basket2"),
        ({"meson.build": "project('basket', 'cpp')\n"}, "basket"),
        ({"basket.gemspec": "s.name = 'basket'\n", "package.json": '{"name": "basket-docs"}'}, "basket"),
        ({"README.md": "# Donations\n\nText.\n"}, "src"),
        ({"README.md": "Text.\n\n## Get Packages\n\nText.\n"}, "src"),
        ({"settings.gradle.kts": 'rootProject.name = "basket-root"\n'}, "basket"),
        ({"settings.gradle": "rootProject.name = 'basket-root'\n", "README.md": "# Basket\n\nText.\n"}, "Basket"),
    ],
)  # fmt: skip
def test_the_name(map_of: MapOf, files: Files, name: str) -> None:
    assert map_of({**CODE, **files}).project == name


def test_a_title_that_is_a_sentence_is_no_name(map_of: MapOf) -> None:
    readme = "# A long sentence that says what all of this is about\n\nText.\n"
    assert map_of({**CODE, "README.md": readme}).project == "src"


def test_without_anything_there_is_no_name(map_of: MapOf) -> None:
    assert map_of({"notes.txt": "Nothing.\n"}).project == "the project"
