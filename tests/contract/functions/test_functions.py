"""One contract, two backends: the embedded one over the wire, and `convex/` on Convex's own test backend."""

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from backend.functions import build_registry
from backend.registry import Query
from backend.schema import MIGRATIONS
from backend.validator import AnyOf, Array, Id, Literals, Object, Optional, Validator
from course.function_version import VERSION
from tests.contract.backend.node import installed
from tests.contract.functions.played import (
    Answers,
    Json,
    cases,
    expected,
    functions_called,
    normalised,
    played_on_the_embedded_backend,
)

PROJECT = Path(__file__).resolve().parents[3] / "convex"
# Beside a job here, and columns of its row there.
APART = {"leases": {"leaseUntil"}, "progress": {"progress", "currentStep", "totalSteps"}}
OWN = {"queue:reclaimExpired": "mutation"}  # the embedded backend has a timer instead


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """The npm project with its packages, in a folder of its own."""

    node: str
    folder: Path

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the packages."""
        file = self.folder / "node_modules" / program
        return subprocess.run(
            [self.node, str(file), *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Packages come once into the user's cache, by the lock file; our own files are beside them by link."""
    node, place = installed(PROJECT, "convex-functions")
    folder = tmp_path_factory.mktemp("convex") / "project"
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("node_modules"))
    (folder / "node_modules").symlink_to(place / "node_modules")
    return Installed(node=node, folder=folder)


@pytest.fixture(scope="module")
def told(project: Installed, tmp_path_factory: pytest.TempPathFactory) -> Json:
    """What the functions answered to the cases, and what they and their tables are."""
    scratch = tmp_path_factory.mktemp("cases")
    (scratch / "cases.json").write_text(json.dumps(cases()), encoding="utf-8")
    done = project.run("tsx/dist/cli.mjs", "tests/run.ts", str(scratch / "cases.json"), str(scratch / "told.json"))
    assert done.returncode == 0, done.stderr
    return json.loads((scratch / "told.json").read_text(encoding="utf-8"))


def differing(answers: Answers) -> list[str]:
    wanted = expected()
    assert answers.keys() == wanted.keys()
    return [
        f"{name}, call {number}: {json.dumps(one)[:500]} instead of {json.dumps(other)[:500]}"
        for name, found in normalised(answers).items()
        for number, (one, other) in enumerate(zip(found, wanted[name], strict=True))
        if one != other
    ]


def test_the_embedded_backend_answers_as_the_contract_says(tmp_path: Path) -> None:
    assert differing(played_on_the_embedded_backend(tmp_path)) == []


def test_a_convex_deployment_answers_the_same(told: Json) -> None:
    assert differing(told["answers"]) == []


def test_no_function_can_be_called_without_the_key(told: Json) -> None:
    assert told["functions"]
    assert [path for path, function in told["functions"].items() if not function["internal"]] == []


def test_both_backends_have_the_same_functions_with_the_same_arguments(told: Json) -> None:
    own = {
        function.path: {
            "kind": "query" if isinstance(function, Query) else "mutation",
            "args": exported(function.args),
            "internal": True,
        }
        for function in build_registry().functions
    }
    others = {path: function for path, function in told["functions"].items() if path not in OWN}
    assert {path: sorted_unions(function) for path, function in others.items()} == {
        path: sorted_unions(function) for path, function in own.items()
    }
    assert {path: told["functions"][path]["kind"] for path in OWN} == OWN


def test_every_function_is_called_by_a_case() -> None:
    assert {function.path for function in build_registry().functions} - set(functions_called()) == set()


def test_both_backends_have_the_same_tables_field_by_field(told: Json) -> None:
    with sqlite3.connect(":memory:") as connection:
        for script in MIGRATIONS:
            connection.executescript(script)
        embedded = {
            name: {row[1] for row in connection.execute(f"PRAGMA table_info({name})") if not row[1].startswith("_")}
            for name in ("users", "repositories", "jobs", "docs", "jobLogs")
        }
    connection.close()
    tables = {table["tableName"]: set(table["documentType"]["value"]) for table in told["tables"]}
    apart = {name: tables.pop(name) - {"jobId"} for name in APART}
    assert apart == APART
    tables["jobs"] |= set().union(*apart.values())
    assert tables == embedded


def test_every_lookup_has_its_index(told: Json) -> None:
    names = {table["tableName"]: [index["fields"] for index in table["indexes"]] for table in told["tables"]}
    assert all(indexes for indexes in names.values())
    sources = [path.read_text() for path in sorted((PROJECT / "functions").glob("*.ts"))]
    # Whatever is read by a query is read through an index; `filter` would read the whole table.
    queried = sum(source.count('.query("') for source in sources)
    assert queried > 10
    assert sum(source.count(".withIndex(") + source.count(".withSearchIndex(") for source in sources) >= queried
    assert not any(".filter((q)" in source for source in sources)


def test_the_functions_are_typed_and_linted(project: Installed) -> None:
    types = project.run("typescript/bin/tsc", "--noEmit")
    assert types.returncode == 0, types.stdout
    lint = project.run("@biomejs/biome/bin/biome", "check", "--error-on-warnings")
    assert lint.returncode == 0, lint.stdout + lint.stderr


def test_both_sides_know_the_version_of_the_functions() -> None:
    assert f"VERSION = {VERSION};" in (PROJECT / "functions" / "system.ts").read_text()


def exported(validator: Validator) -> Json:
    """The validator as Convex exports one."""
    match validator:
        case Object(fields=fields):
            return {"type": "object", "value": {name: field(item) for name, item in fields.items()}}
        case AnyOf(options=options):
            return {"type": "union", "value": [exported(option) for option in options]}
        case Array(item=item):
            return {"type": "array", "value": exported(item)}
        case Literals(options=options):
            return {"type": "union", "value": [{"type": "literal", "value": option} for option in options]}
        case Id(table=table):
            return {"type": "id", "tableName": table}
        case _:
            return {"type": validator.expected}


def field(validator: Validator | Optional) -> Json:
    if isinstance(validator, Optional):
        return {"fieldType": exported(validator.inner), "optional": True}
    return {"fieldType": exported(validator), "optional": False}


def sorted_unions(value: Json) -> Json:
    """The order of a union's members says nothing."""
    if isinstance(value, Mapping):
        found = {key: sorted_unions(item) for key, item in value.items()}
        if found.get("type") == "union":
            found["value"] = sorted(found["value"], key=json.dumps)
        return found
    return [sorted_unions(item) for item in value] if isinstance(value, list) else value


def test_the_documentation_lists_every_case() -> None:
    table = (PROJECT.parent / "docs" / "convex.md").read_text(encoding="utf-8")
    assert [case["name"] for case in cases() if f"| {case['name']} | yes | yes |" not in table] == []
