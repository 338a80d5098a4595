"""What a tutorial asks: of which forms, decided by which lines, and what it does where there is nothing to run."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from analyzer.plan import CoursePlan
from analyzer.source import snapshot
from analyzer.static.catalogue import Words
from analyzer.static.engine import StaticEngine
from analyzer.static.exercises import change_and_break
from analyzer.static.mapping import map_repository
from analyzer.static.questions import questions
from course.citations import check_citation, citations
from tests.unit.analyzer.repositories import analyze

Make = Callable[..., Path]
FRUIT = '''"""Sell fruit."""


class Shelf:
    """Holds fruit of one kind."""

    def __init__(self, kind: str, size: int = 10) -> None:
        self.kind = kind
        self.size = size
        self.count = 0

    def put(self, number: int) -> int:
        """Put fruit onto the shelf."""
        if number > self.size:
            raise ValueError("too much for this shelf")
        self.count += number
        return self.count

    def take(self, number: int) -> int:
        """Take fruit from the shelf."""
        self.count -= number
        return self.count
'''
SHELF_TEST = """from fruit import Shelf


def test_put():
    shelf = Shelf("apple", size=3)
    count = shelf.put(2)
    assert count == 2


def test_put_rejects_too_much():
    shelf = Shelf("apple")
    shelf.put(99)
"""
SHELF = {
    "README.md": "# Fruit\n\n## Shelf\n\nA shelf holds fruit of one kind until somebody takes it.\n",
    "pyproject.toml": '[project]\nname = "fruit"\nversion = "1"\n',
    "fruit/__init__.py": FRUIT,
    "tests/test_shelf.py": SHELF_TEST,
}
COMMANDS = """# Sorter

Sorts lines of text.

## Sorting

Sort a file by its second column.

```console
$ sorter --column 2 fruit.txt
apple 1
pear 2
```

## Counting

Count the lines of every kind and show the most frequent one first.

```console
$ sorter --count fruit.txt
```
"""


def tutorials(folder: Path, out: Path) -> dict[str, str]:
    analyze(folder, out)
    found = {path.name: path.read_text() for path in sorted((out / "tutorials").iterdir())}
    for text in found.values():
        for citation in citations(text):
            assert check_citation(citation, lambda path: (folder / path).read_text().split("\n")) is None
    return found


def step(text: str, number: int) -> str:
    return text.split(f"## {number}. ")[1].split("\n## ", maxsplit=1)[0]


def test_the_code_decides_what_is_asked(repository: Make) -> None:
    """Chapter by chapter, each form comes up that the code has something for."""
    engine = StaticEngine.of(snapshot.read(snapshot.list_repository(repository(SHELF))))
    ideas = engine.extract()
    relationships = engine.relate(ideas)
    plan = CoursePlan(
        abstractions=tuple(ideas), relationships=relationships, order=tuple(engine.order(ideas, relationships))
    )
    course = engine.course(plan)
    concept = next(concept for concept in engine.repo_map.concepts if concept.title == "Shelf")
    snippet = course.scripts["Shelf"].snippet
    asked = [change_and_break(course, concept, snippet, number) for number in range(6)]
    changes, breaks = ("\n".join(block for pair in asked for block in pair[part]) for part in (0, 1))
    assert 'Change `"apple"` to something else, first in your head. Which line notices?' in changes
    assert "`assert count == 2` (`tests/test_shelf.py#L7`)" in changes
    assert "Write `take` in place of `put`. What happens instead?" in changes
    assert "Take fruit from the shelf. (`fruit/__init__.py#L19`)" in changes
    assert "Leave out `size=3`. Which value is taken then?" in changes
    assert "`10`, says the signature (`fruit/__init__.py#L7`)" in changes
    assert 'Give `Shelf()` something else than `"apple"`. Which of its parameters is that?' in changes
    assert "Take out `count = shelf.put(2)`. What is the first thing that fails?" in breaks
    assert "Bring `Shelf.put` to say `ValueError`. What does it take?" in breaks
    assert "when `number > self.size` (`fruit/__init__.py#L15`)" in breaks
    assert "put rejects too much (`tests/test_shelf.py#L10-L12`)" in breaks
    assert "Misspell `Shelf`." in breaks


def test_chapters_ask_in_turn_what_the_code_and_its_documentation_decide(repository: Make) -> None:
    repo_map = map_repository(snapshot.read(snapshot.list_repository(repository(SHELF))), Words("en"))
    shelf = next(concept for concept in repo_map.concepts if concept.title == "Shelf")
    found = {question.text: question.answer for question in questions(repo_map, shelf, Words("en"))}
    assert found["`Shelf()` is called without `size`. Which value does it take?"] == "`10` (`fruit/__init__.py#L7`)"
    assert found["What comes of `Shelf.put()` when `number > self.size`?"].endswith("(`fruit/__init__.py#L15`)")
    first = [
        questions(replace(repo_map, concepts=(*[replace(shelf, title="before")] * number, shelf)), shelf, Words("en"))[
            0
        ]
        for number in range(5)
    ]
    assert len({question.text for question in first}) == len(found)


def test_answers_cite_the_lines_that_decide_them(repository: Make, tmp_path: Path) -> None:
    texts = tutorials(repository(SHELF), tmp_path / "out")
    text = "\n".join(texts.values())
    answers = re.findall(r"<summary>Answer</summary>\n\n(.*?)\n\n</details>", text, re.DOTALL)
    assert answers
    assert all(re.search(r"`[\w/.]+#L\d+", answer) for answer in answers)


def test_no_form_of_question_is_in_most_tutorials(repository: Make, tmp_path: Path) -> None:
    kinds = ["Apple", "Pear", "Plum", "Fig", "Lime", "Date", "Kiwi", "Peach"]
    files: dict[str, str] = {"pyproject.toml": '[project]\nname = "market"\nversion = "1"\n'}
    names = [f"from market.{kind.lower()} import {kind}\n" for kind in kinds]
    files["market/__init__.py"] = "".join(names) + f"__all__ = {kinds!r}\n"
    for kind in kinds:
        files[f"market/{kind.lower()}.py"] = FRUIT.replace("Shelf", kind) + "\n\n" + "# filler\n" * 40
        files[f"tests/test_{kind.lower()}.py"] = SHELF_TEST.replace(
            "from fruit", f"from market.{kind.lower()}"
        ).replace("Shelf", kind)
        files[f"docs/{kind.lower()}.md"] = (
            f"# {kind}\n\nHolds fruit of one kind.\n\n```python\n{kind}('x').put(2)\n```\n"
        )
    texts = tutorials(repository(files), tmp_path / "out")
    assert len(texts) >= 6
    for number in (3, 4):
        shapes = Counter(re.sub(r"`[^`]*`", "X", step(text, number)).split("\n")[2] for text in texts.values())
        assert max(shapes.values()) <= len(texts) / 2, shapes


def test_commands_are_practised_where_there_is_no_code(repository: Make, tmp_path: Path) -> None:
    files = {"README.md": COMMANDS, "sorter.sh": "#!/bin/sh\nsort\n"}
    texts = "\n".join(tutorials(repository(files), tmp_path / "out").values())
    assert "$ sorter --column 2 fruit.txt\n```" in texts
    assert "```text README.md#L11-L12\napple 1\npear 2\n```" in texts
    assert "Write the command for this: Count the lines of every kind" in texts


@pytest.mark.parametrize("language", ["en", "fr"])
def test_where_there_are_only_words_they_are_asked_for(repository: Make, tmp_path: Path, language: str) -> None:
    words = "# Rules\n\nNobody may add a stone, because a stone is no fruit.\n\n## Order\n\nFirst apples, then pears.\n"
    folder = repository({"README.md": words})
    analyze(folder, tmp_path / "out", language=language)
    text = "\n".join(path.read_text() for path in (tmp_path / "out" / "tutorials").iterdir())
    assert ("in three sentences without looking" if language == "en" else "en trois phrases sans regarder") in text
