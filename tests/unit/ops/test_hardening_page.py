from pathlib import Path

from tests.images.page import tables

PAGE = Path(__file__).resolve().parents[3] / "docs" / "operations" / "hardening.md"


def test_the_page_has_the_tables_of_the_code() -> None:
    found = PAGE.read_text().partition("<!-- tables -->")[2].partition("<!-- /tables -->")[0].strip()
    assert found == tables().strip(), "put the output of `python -m tests.images.page` there"
