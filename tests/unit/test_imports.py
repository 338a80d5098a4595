"""The direction of dependencies, as ARCHITECTURE.md draws it."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ALLOWED = {
    "course": set[str](),
    "analyzer": {"course"},
    "worker": {"course"},
    "backend": {"course"},
    "web": {"course"},
    "components": {"course"},
    "pulumi_offline": set[str](),
    "ops": {"course", "components", "pulumi_offline"},
}


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.partition(".")[0])
    return found & set(ALLOWED)


@pytest.mark.parametrize("package", sorted(ALLOWED))
def test_a_package_imports_only_what_the_architecture_allows(package: str) -> None:
    modules = sorted((ROOT / package).rglob("*.py"))
    assert modules, f"{package}/ has no modules"
    edges = {
        f"{path.relative_to(ROOT)} imports {other}"
        for path in modules
        for other in imported(path) - ALLOWED[package] - {package}
    }
    assert edges == set()
