"""The source kept with a course: what is cited, what stands around it, and never more than fits."""

import base64
import json
import random
import zlib

import pytest

from course import cited_sources
from course.cited_sources import CONTENT_CHARACTERS, SLUG, load, sources_document
from course.documents import Document, DocumentKind

FILES = {
    "src/app.py": [f"line {number}" for number in range(1, 1_001)],
    "small.py": ["one", "two", "three"],
}


def document(text: str, kind: DocumentKind = DocumentKind.CHAPTER) -> Document:
    return Document(slug="chapters/a.md", title="A", kind=kind, content=text)


def kept(text: str) -> cited_sources.CitedSources:
    made = sources_document([document(text)], FILES.get)
    assert made is not None
    assert (made.slug, made.kind) == (SLUG, DocumentKind.YAML)
    found = load(made.content)
    assert found is not None
    return found


def test_cited_lines_are_kept_with_what_is_around_them() -> None:
    found = kept("It begins (`src/app.py#L500-L502`) and ends (`src/app.py#L900`). See `small.py#L2`.")
    app = found.files["src/app.py"]
    assert [(part.start, part.end) for part in app.parts] == [(440, 562), (840, 960)]
    assert app.parts[0].lines[60] == "line 500"
    assert app.count == 1_000
    assert app.holds(500, 502)
    assert not app.holds(500, 900)
    assert found.files["small.py"].parts[0].lines == ("one", "two", "three")


def test_parts_that_touch_are_one_and_the_file_ends_where_it_ends() -> None:
    found = kept("`src/app.py#L1` `src/app.py#L100` `src/app.py#L1000`")
    assert [(part.start, part.end) for part in found.files["src/app.py"].parts] == [(1, 160), (940, 1_000)]


def test_what_is_not_there_is_not_kept() -> None:
    assert sources_document([document("`gone.py#L1`")], FILES.get) is None
    assert sources_document([document("Nothing is cited.")], FILES.get) is None
    assert sources_document([document("`small.py#L1`", DocumentKind.YAML)], FILES.get) is None


def test_however_much_is_cited_it_fits() -> None:
    chance = random.Random(7)  # noqa: S311 - the same each time
    text = [chance.randbytes(60).hex() for _ in range(2_000)]
    cited = " ".join(f"`file{number}.py#L{line}`" for number in range(40) for line in range(1, 2_000, 150))
    made = sources_document([document(cited + " `file7.py#L5`" * 3)], lambda _: text)
    assert made is not None
    assert len(made.content) <= CONTENT_CHARACTERS
    found = load(made.content)
    assert found is not None
    assert found.files["file7.py"].holds(151, 151)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"format": "zlib+base64", "files": "???"}',
        '{"format": "other", "files": ""}',
        json.dumps({"format": "zlib+base64", "files": base64.b64encode(zlib.compress(b'[{"path": 1}]')).decode()}),
        json.dumps({"format": "zlib+base64", "files": base64.b64encode(zlib.compress(b" " * (64 << 20))).decode()}),
    ],
)
def test_a_document_of_another_form_or_one_that_unpacks_without_end_is_none(content: str) -> None:
    assert load(content) is None
