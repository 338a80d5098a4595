"""The direction of dependencies, as ARCHITECTURE.md draws it."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ALLOWED = {
    "course": set[str](),
    "sandbox": set[str](),
    "analyzer": {"course", "sandbox"},
    "worker": {"course"},
    "backend": {"course"},
    "web": {"course"},
    "components": {"course"},
    "pulumi_offline": set[str](),
    "ops": {"course", "components", "pulumi_offline"},
}


# Within ops/: what a package of it may use of the others, beside `context` and `errors`, which all share.
WITHIN_OPS = {
    "machine": set[str](),
    "stack": {"machine"},
    "drift": {"machine", "stack"},
    "jobs": {"machine", "stack"},
    "credential": {"machine", "stack"},
    "preview": {"machine", "stack"},
    "audit": {"drift", "machine", "stack"},
    "releases": {"credential", "drift", "jobs", "machine", "stack"},
    "doctor": {"credential", "jobs", "machine", "stack"},
    "commands": {"audit", "credential", "doctor", "drift", "jobs", "machine", "preview", "releases", "stack"},
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


@pytest.mark.parametrize("package", sorted(WITHIN_OPS))
def test_a_package_of_ops_uses_only_those_below_it(package: str) -> None:
    pattern = re.compile(r"^ *from ops\.([a-z_]+)(?:\.| import)", re.MULTILINE)
    modules = sorted((ROOT / "ops" / package).rglob("*.py"))
    edges = {
        f"{path.relative_to(ROOT)} imports ops.{other}"
        for path in modules
        for other in set(pattern.findall(path.read_text())) - {package, "context", "errors"} - WITHIN_OPS[package]
    }
    assert edges == set()


def test_the_first_level_of_ops_is_a_table_of_contents() -> None:
    found = {path.stem for path in (ROOT / "ops").iterdir() if not path.name.startswith(("_", "py."))}
    assert found == {*WITHIN_OPS, "context", "errors"}
    assert len(found) <= 12
