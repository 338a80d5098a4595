"""Search in a course: what is found, in which order, and that nothing of it is markup."""

import re
from urllib.parse import unquote

import pytest

from course.rows import FoundText
from tests.unit.web.visitor import Visitor, chapter, tutorial
from web.errors import BackendRefusedError, FunctionMissingError
from web.search import words_of

CACHES = """A cache keeps what is dear. Its room is bounded.

## Eviction

What is wanted least goes first, so the cache never grows. `LeastRecent` decides.

```python
# comment, not a heading
cache = Cache(room=10)
```

## Résumé & <b>more</b>

Déjà vu: a [link](https://example.org/evict) and *emphasis*.
"""


def hits(visitor: Visitor, query: str) -> list[tuple[str, str]]:
    job = visitor.publish(
        [chapter(0, "Caches", CACHES), chapter(1, "Stores", "Files of a cache lie in a store."), tutorial(0, "Caches")]
    )
    page = visitor.request("GET", f"/courses/{job}/search", params={"q": query})
    assert page.status_code == 200
    return re.findall(r'<h2><a href="/courses/\w+/([^"]+)">([^<]+)</a></h2>', page.text)


def test_titles_come_first_then_headings_then_text(visitor: Visitor) -> None:
    found = [name for _, name in hits(visitor, "cache")]
    assert found[0] == "Caches"
    assert found.index("Caches · Eviction") < found.index("Stores")


def test_a_hit_leads_to_its_section(visitor: Visitor) -> None:
    assert hits(visitor, "LeastRecent") == [("reviewed-chapters/chapter_0_caches.md#s-eviction", "Caches · Eviction")]


def test_all_words_are_wanted_and_where_none_has_all_most(visitor: Visitor) -> None:
    assert [name for _, name in hits(visitor, "wanted least")] == ["Caches · Eviction"]
    assert [name for _, name in hits(visitor, "eviction zebra")] == ["Caches · Eviction"]
    assert hits(visitor, "zebra") == []


@pytest.mark.parametrize("query", ["RESUME", "résumé", "deja", "Déjà"])
def test_case_and_accents_do_not_matter(visitor: Visitor, query: str) -> None:
    assert [name for _, name in hits(visitor, query)] == ["Caches · Résumé &amp; more"]


def test_a_word_that_stands_in_code_alone_is_shown_there(visitor: Visitor) -> None:
    job = visitor.publish([chapter(0, "Start", "Read it.\n\n```python\nbasket = Basket()\n```")])
    assert "<mark>basket</mark> = <mark>Basket</mark>()" in visitor.get(f"/courses/{job}/search?q=basket").text


def test_names_stay_whole(visitor: Visitor) -> None:
    job = visitor.publish([chapter(0, "Start", "It calls `new_trial` in `bench/__main__.py#L3`.")])
    assert (
        "It calls <mark>new_trial</mark> in bench/__main__.py#L3." in visitor.get(f"/courses/{job}/search?q=new_t").text
    )


def test_the_words_are_marked_and_everything_else_is_text(visitor: Visitor) -> None:
    job = visitor.publish([chapter(0, "Start", "Here is <script>alert(1)</script> and an evil &lt;b&gt; word.")])
    page = visitor.get(f"/courses/{job}/search?q=evil").text
    assert "<mark>evil</mark>" in page
    assert "<script>alert" not in page
    assert "<b>" not in page
    asked = visitor.request("GET", f"/courses/{job}/search", params={"q": '"><script>alert(2)</script>'}).text
    assert "<script>alert" not in asked


HOSTILE = ["", "   ", "***", "x" * 10_000, "(", "\\", "日本語", "aaa" + "\u0301" * 500, '"; DROP TABLE docs; --']


@pytest.mark.parametrize("query", HOSTILE)
def test_whatever_is_asked_for_is_a_page(visitor: Visitor, query: str) -> None:
    assert isinstance(hits(visitor, query), list)


def test_the_page_says_what_it_found(visitor: Visitor) -> None:
    job = visitor.publish([chapter(0, "Start", "One word.")])
    assert "1 places" in visitor.get(f"/courses/{job}/search?q=word").text
    assert "Nothing of this course has these words" in visitor.get(f"/courses/{job}/search?q=zebra").text
    assert "Chercher dans ce cours" in visitor.get(f"/courses/{job}/search", accept_language="fr").text


def test_a_query_is_bounded() -> None:
    assert len(words_of(" ".join(f"word{number}" for number in range(100)))) == 8


def test_every_section_leads_to_an_anchor_of_its_page(visitor: Visitor) -> None:
    job = visitor.publish([chapter(0, "Caches", CACHES + "\n## `Cache.get` *now*\n\nx\n\n## Eviction\n\ny\n")])
    page = visitor.get(f"/courses/{job}/reviewed-chapters/chapter_0_caches.md").text
    anchors = set(re.findall(r'<h[2-6] id="([^"]+)"', page))
    found = visitor.get(f"/courses/{job}/search?q=a").text + visitor.get(f"/courses/{job}/search?q=x").text
    found += visitor.get(f"/courses/{job}/search?q=y").text + visitor.get(f"/courses/{job}/search?q=de").text
    led = {unquote(anchor) for anchor in re.findall(r'<h2><a href="[^"#]+#([^"]+)">', found)}
    assert len(led) >= 4
    assert led <= anchors


def everywhere(visitor: Visitor, query: str) -> list[tuple[str, str]]:
    page = visitor.request("GET", "/search", params={"q": query})
    assert page.status_code == 200
    return re.findall(r'<h2><a href="/courses/\w+/([^"]+)">([^<]+)</a></h2>', page.text)


def test_all_courses_are_searched_and_a_hit_leads_to_its_section(visitor: Visitor) -> None:
    job = visitor.publish([chapter(0, "Caches", CACHES), tutorial(0, "Caches", "Fill a cache.")])
    page = visitor.get("/search?q=leastrecent").text
    assert f'<a href="/courses/{job}/">owner/name</a>' in page
    assert "<mark>LeastRecent</mark> decides" in page
    assert everywhere(visitor, "leastrecent") == [
        ("reviewed-chapters/chapter_0_caches.md#s-eviction", "Caches · Eviction")
    ]
    assert ("tutorials/tutorial_0_caches.md", "Caches") in everywhere(visitor, "fill")
    # The name of the repository leads to the beginning of its texts.
    assert everywhere(visitor, "owner")[0] == ("reviewed-chapters/chapter_0_caches.md", "Caches")
    assert everywhere(visitor, "zebra") == everywhere(visitor, "") == []
    assert 'href="/search?q=cache"' in visitor.get(f"/courses/{job}/search?q=cache").text
    assert 'action="/search"' in visitor.get("/").text


@pytest.mark.parametrize("query", [*HOSTILE, '"><script>alert(2)</script>'])
def test_whatever_is_asked_of_all_courses_is_a_page(visitor: Visitor, query: str) -> None:
    visitor.publish([chapter(0, "Start", "Here is <script>alert(1)</script> and an evil word.")])
    assert isinstance(everywhere(visitor, query), list)
    assert "<script>alert" not in visitor.request("GET", "/search", params={"q": f"evil {query}"}).text


def test_functions_that_cannot_search_are_said_to_be_older(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    async def missing(_query: str) -> list[FoundText]:
        raise FunctionMissingError("search:courses: there is no such function")

    async def refused(_query: str) -> list[FoundText]:
        raise BackendRefusedError("search:courses: limit: not a number")

    monkeypatch.setattr(visitor.backend, "search", missing)
    page = visitor.get("/search?q=cache")
    assert (page.status_code, "convex deploy" in page.text) == (501, True)
    monkeypatch.setattr(visitor.backend, "search", refused)
    page = visitor.get("/search?q=cache")
    assert (page.status_code, "convex deploy" in page.text) == (502, False)
