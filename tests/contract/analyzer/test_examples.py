"""The courses in docs/examples are what the program writes: a change of the program shows in them."""

from pathlib import Path

import pytest

from tests.examples import EXAMPLES, LANGUAGES, write_sample
from tests.unit.analyzer.repositories import contents


@pytest.mark.parametrize("name", sorted(LANGUAGES))
def test_an_example_is_what_the_program_writes(name: str, tmp_path: Path) -> None:
    write_sample(name, tmp_path / "out")
    written, kept = contents(tmp_path / "out"), contents(EXAMPLES / name)
    assert written.keys() == kept.keys()
    for file, text in written.items():
        assert text.decode() == kept[file].decode(), f"docs/examples/{name}/{file}: run `make examples`"
