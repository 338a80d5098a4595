"""The tables of a program: where they are created, in which form, and in which chapter they are shown."""

from collections.abc import Callable
from pathlib import Path

import pytest

from analyzer.checks import check_course
from analyzer.graph.tables import tables_of
from analyzer.source import snapshot
from tests.unit.analyzer.repositories import SERVICE, analyze

Make = Callable[..., Path]

RAILS = (
    "# This file is auto-generated from the current state of the database. Instead\n"
    "# of editing this file, write migrations.\n"
    "ActiveRecord::Schema[7.2].define(version: 2) do\n"
    '  create_table "orders", force: :cascade do |t|\n    t.string "name"\n    t.integer "count"\n  end\n\n'
    '  create_table "coupons" do |t|\n  end\nend\n'
)
FILES = {
    "db/schema.sql": (
        '-- what there is\nCREATE TABLE IF NOT EXISTS shop."orders" (\n  id INTEGER,\n  total DECIMAL(8, 2)\n);\n'
        "create table cards (id int);\nCREATE TABLE cut (\n  id int,\n"
    ),
    "db/migrate/1_parcels.rb": (
        "class A\n  def change\n    create_table :parcels do |t|\n      t.string :n\n    end\n  end\nend\n"
    ),
    "prisma/schema.prisma": "generator x {\n}\n\nmodel Carrier {\n  id Int @id\n}\n",
    "internal/database/migrations.go": "package d\n\nvar a = `\n\tCREATE TABLE invoices (\n\t\tid int\n\t);\n`\n",
    "db/schema.rb": RAILS,
    "tests/data.sql": "CREATE TABLE nobody (id int);\n",
    "docs/how.md": "Type `CREATE TABLE nobody (id int);`.\n",
}


def test_tables_are_found_where_they_are_created_schemas_first() -> None:
    found = tables_of({path: text.splitlines() for path, text in FILES.items()})
    assert [(table.name, table.span.label, table.is_step) for table in found] == [
        ("orders", "db/schema.rb#L4-L7", False),
        ("coupons", "db/schema.rb#L9-L10", False),
        ("orders", "db/schema.sql#L2-L5", False),
        ("cards", "db/schema.sql#L6", False),
        ("Carrier", "prisma/schema.prisma#L4-L6", False),
        ("parcels", "db/migrate/1_parcels.rb#L3-L5", True),
        ("invoices", "internal/database/migrations.go#L4-L6", True),
    ]


def _chapters(root: Path, folder: Path) -> dict[str, str]:
    """The reviewed chapters by their subject, every citation proved."""
    analyze(root, folder)
    assert check_course(folder, snapshot.read(snapshot.list_repository(root)).lines) == []
    return {path.stem.partition("_")[2]: path.read_text("utf-8") for path in (folder / "reviewed-chapters").iterdir()}


SQL = "CREATE TABLE orders (\n  total DECIMAL(8, 2)\n);\n"


@pytest.mark.parametrize(
    ("path", "text", "shown"),
    [
        ("db/schema.sql", SQL, "total DECIMAL(8, 2)"),
        ("db/schema.rb", RAILS, 't.string "name"'),
        ("prisma/schema.prisma", "model Order {\n  id Int @id\n}\n", "id Int @id"),
        ("migrations/1.sql", SQL, "total DECIMAL(8, 2)"),
    ],
)
def test_a_chapter_shows_the_table_of_its_subject(
    repository: Make, tmp_path: Path, path: str, text: str, shown: str
) -> None:
    chapters = _chapters(repository({**SERVICE, path: text}), tmp_path / "out")
    order = next(text for name, text in chapters.items() if name.endswith("order"))
    card = next(text for name, text in chapters.items() if name.endswith("card"))
    kept = order.partition("## How it is kept")[2]
    assert shown in kept.partition("\n## ")[0]
    assert ("later ones may have changed it" in kept) == path.startswith("migrations")
    assert "How it is kept" not in card


def test_a_table_of_another_name_is_not_shown(repository: Make, tmp_path: Path) -> None:
    files = {**SERVICE, "db/schema.sql": SQL.replace("orders", "saved_orders")}
    chapters = _chapters(repository(files), tmp_path / "out")
    assert not any("How it is kept" in text for text in chapters.values())
