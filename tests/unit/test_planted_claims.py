"""Claims that are planted: few, each another one than before, the same each time."""

from analyzer.author.claims import sentences_in
from bench.planted_claims import plant

CHAPTER = """## How it works

A `Cache` never keeps more than ten entries (`cache.py#L3`). The entry that was used first goes (`cache.py#L5-L7`).
`put` returns True, and `get` does not raise (`cache.py#L9`). This one cites nothing and is always left alone.
"""


def test_some_sentences_say_something_else_and_all_others_stay() -> None:
    before = sentences_in(CHAPTER)
    planted = plant(CHAPTER, before, 2, seed=3)
    after = sentences_in(planted.text)
    differing = [n for n, (one, two) in enumerate(zip(before, after, strict=True), start=1) if one.text != two.text]
    assert differing == sorted(planted.changed)
    assert len(differing) == 2
    assert all(planted.changed[n] == (before[n - 1].text, after[n - 1].text) for n in differing)
    assert plant(CHAPTER, before, 2, seed=3) == planted


def test_what_cites_nothing_is_never_changed() -> None:
    before = sentences_in(CHAPTER)
    assert 4 not in plant(CHAPTER, before, 10, seed=1).changed
