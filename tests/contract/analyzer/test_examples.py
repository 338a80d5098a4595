"""The courses in docs/examples are what the program writes: a change of the program shows in them."""

from pathlib import Path

import pytest

from tests.examples import EXAMPLES, LANGUAGES, RECORDED, by_model, write_recorded, write_sample
from tests.unit.analyzer.repositories import contents


@pytest.mark.parametrize("name", sorted(LANGUAGES))
def test_an_example_is_what_the_program_writes(name: str, tmp_path: Path) -> None:
    write_sample(name, tmp_path / "out")
    compare(tmp_path / "out", name)


@pytest.mark.parametrize("name", RECORDED)
def test_the_course_of_recorded_answers_is_what_the_program_makes_of_them(name: str, tmp_path: Path) -> None:
    write_recorded(name, tmp_path / "out")
    compare(tmp_path / "out", by_model(name).name)
    chapters = [path.read_text() for path in (tmp_path / "out" / "reviewed-chapters").iterdir()]
    assert all("Written by a language model" in text for text in chapters)


def compare(folder: Path, name: str) -> None:
    written, kept = contents(folder), contents(EXAMPLES / name)
    assert written.keys() == kept.keys()
    for file, text in written.items():
        assert text.decode() == kept[file].decode(), f"docs/examples/{name}/{file}: run `make examples`"
