"""docs/operations/preview.md has the measured table of the changes that there are."""

from pathlib import Path

from tests.preview_truth import SCENARIOS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "operations" / "preview.md"


def test_the_table_has_every_change_and_each_was_previewed_rightly() -> None:
    table = PAGE.read_text().partition("<!-- truth -->")[2].partition("<!-- /truth -->")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines()[2:]]
    assert [row[0].removesuffix(" (`--refresh`)") for row in rows] == [scenario.name for scenario in SCENARIOS]
    assert {row[3] for row in rows} == {"yes"}
    assert [row[1] != "nothing" for row in rows] == [scenario.changes for scenario in SCENARIOS]
