from pathlib import Path

import pytest

from tests.images.cases import CASES
from tests.images.inside import cells
from tests.images.inside_mutants import MUTANTS
from tests.images.page import inside_table, tables

PAGE = Path(__file__).resolve().parents[4] / "docs" / "operations" / "hardening.md"


@pytest.mark.parametrize(("mark", "expected"), [("tables", tables()), ("inside", inside_table())])
def test_the_page_has_the_tables_of_the_code(mark: str, expected: str) -> None:
    found = PAGE.read_text().partition(f"<!-- {mark} -->")[2].partition(f"<!-- /{mark} -->")[0].strip()
    assert found == expected.strip(), "put the output of `python -m tests.images.page` there"


def test_every_case_has_one_mutant_and_there_are_enough_of_them() -> None:
    assert sorted(mutant.case for mutant in MUTANTS) == sorted(case.name for case in CASES)
    assert len(list(cells(CASES))) >= 60
